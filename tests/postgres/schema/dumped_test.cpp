// tests/postgres/schema/dumped_test.cpp - a database full of what hewn does not manage, dumped and
// restored.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/postgres_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>
#include <vector>

namespace schema = hewn::schema;
using support::postgres_column;
using support::postgres_server;

namespace {

/// A database of its own.
struct whole_database {
  explicit whole_database(std::string called) : name(std::move(called)) {
    postgres_server::get().run("CREATE DATABASE " + name);
  }
  whole_database(const whole_database&) = delete;
  whole_database& operator=(const whole_database&) = delete;
  ~whole_database() { postgres_server::get().run("DROP DATABASE " + name + " WITH (FORCE)"); }

  hewn::postgres::database open() const {
    std::string url = postgres_server::get().url();
    const std::string other = "dbname=postgres";
    url.replace(url.find(other), other.size(), "dbname=" + name);
    return hewn::postgres::open(url);
  }

  std::string name;
};

/// Tables with everything that the model knows.
hewn::wanted_schema wanted() {
  schema::table teams{.name = "teams",
                      .columns = {support::postgres_key(), postgres_column("name", "citext", true),
                                  postgres_column("code", "code", false, "'x1'")},
                      .unique_keys = {{"teams_name_key", {"name"}}}};
  schema::table people{
      .name = "People",
      .columns = {support::postgres_key(), postgres_column("team_id", "bigint"),
                  postgres_column("mood", "mood", true, "'calm'"),
                  postgres_column("moods", "mood[]", true, "'{}'"),
                  postgres_column("name", "character varying(40)", true, "'it''s'"),
                  postgres_column("made", "timestamp with time zone", true, "now()"),
                  postgres_column("price", "numeric(12,2)", true, "1.50"),
                  postgres_column("total", "numeric"), postgres_column("data", "jsonb")},
      .unique_keys = {{"people_pair", {"team_id", "name"}}},
      .checks = {{"people_price", "price > 0 AND name <> ''"}, {"people_mood", "mood <> 'late'"}},
      .foreign_keys = {{.name = "people_team",
                        .columns = {"team_id"},
                        .target_table = "teams",
                        .target_columns = {"id"},
                        .on_delete = schema::action::set_null,
                        .deferred = true}}};
  people.columns[7].generated = schema::generated::stored;
  people.columns[7].generated_text = "price * 2";
  people.indexes = {
      {.name = "people_made", .parts = {{.text = "made", .descending = true}, {.text = "id"}}},
      {.name = "people_lower",
       .unique = true,
       .parts = {{.text = "lower(name)", .expression = true}},
       .where = "mood IN ('calm', 'busy') AND data IS NULL"}};
  return {
      .schema = {.tables = {teams, people}, .enumerations = {{"mood", {"calm", "busy", "late"}}}}};
}

constexpr const char* before_the_tables =
    "CREATE EXTENSION citext; CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gist; CREATE DOMAIN "
    "code AS text CHECK (value ~ '^[a-z][0-9]+$')";

constexpr const char* around_the_tables = R"(
CREATE TYPE pair AS (a mood, b code);
CREATE TYPE prices AS RANGE (subtype = numeric);
CREATE COLLATION plain FROM "C";
CREATE SEQUENCE unowned START 7 INCREMENT 3;
CREATE SEQUENCE owned OWNED BY teams.code;
CREATE TABLE measures (at date NOT NULL, value integer) PARTITION BY RANGE (at);
CREATE TABLE measures_2024 PARTITION OF measures FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE measures_rest PARTITION OF measures DEFAULT;
CREATE TABLE parents (id serial PRIMARY KEY, note text);
CREATE TABLE children (more text) INHERITS (parents);
CREATE UNLOGGED TABLE cache (key text PRIMARY KEY) WITH (fillfactor = 70);
CREATE TABLE of_pair OF pair;
CREATE TABLE bookings (room integer, during prices,
  EXCLUDE USING gist (room WITH =, during WITH &&));
CREATE VIEW calm AS SELECT p.name, t.name AS team FROM "People" p JOIN teams t ON t.id = p.team_id
  WHERE p.mood = 'calm';
CREATE VIEW calmer AS SELECT name FROM calm;
CREATE MATERIALIZED VIEW counted AS SELECT mood, count(*) AS n FROM "People" GROUP BY mood;
CREATE UNIQUE INDEX counted_mood ON counted (mood);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER people_touch BEFORE UPDATE OF name ON "People" FOR EACH ROW EXECUTE FUNCTION touch();
CREATE RULE teams_log AS ON DELETE TO teams DO ALSO NOTIFY gone;
CREATE FUNCTION is_calm(mood) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 < ''busy''';
CREATE AGGREGATE longest(text) (SFUNC = textcat, STYPE = text, INITCOND = '');
CREATE OPERATOR === (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq);
CREATE INDEX people_trigrams ON "People" USING gin (name gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX people_calm ON "People" (mood) WHERE moods = '{}';
CREATE STATISTICS people_both (dependencies) ON team_id, mood FROM "People";
ALTER TABLE "People" ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON "People" USING (name = current_user);
ALTER TABLE "People" SET (autovacuum_enabled = off, fillfactor = 80);
ALTER TABLE "People" ALTER name SET STATISTICS 500, ALTER data SET STORAGE EXTERNAL,
  ALTER price SET (n_distinct = 9);
ALTER TABLE teams REPLICA IDENTITY FULL;
CLUSTER teams USING teams_pkey;
COMMENT ON TABLE teams IS 'it''s a team';
COMMENT ON COLUMN "People".mood IS 'of the day';
COMMENT ON CONSTRAINT people_price ON "People" IS 'dear';
COMMENT ON INDEX people_made IS 'newest first';
COMMENT ON TYPE mood IS 'how one is';
CREATE PUBLICATION told FOR TABLE teams, "People" (id, name);
CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION on_ddl();
CREATE SCHEMA elsewhere;
CREATE TABLE elsewhere.teams (id text PRIMARY KEY, of bigint REFERENCES public.teams (id));
CREATE TYPE elsewhere.mood AS ENUM ('other');
CREATE TABLE elsewhere.feelings (own elsewhere.mood, of_ours public.mood);
GRANT USAGE ON SCHEMA elsewhere TO hewn_reader;
GRANT SELECT ON teams, calm TO hewn_reader;
GRANT SELECT (name), UPDATE (mood) ON "People" TO hewn_reader;
GRANT USAGE ON TYPE mood TO hewn_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO hewn_reader;
INSERT INTO teams (name) VALUES ('a'), ('b');
INSERT INTO "People" (team_id, name) VALUES (1, 'x'), (2, 'y');
SELECT setval('teams_id_seq', 40);
REFRESH MATERIALIZED VIEW counted)";

constexpr const char* nothing_to_do = "no changes: the schema is as declared\n";

std::string report_of(const hewn::postgres::database& db, const hewn::wanted_schema& of) {
  hewn::postgres::schema_executor executor(db.connection());
  return hewn::report(hewn::make_plan(executor, of));
}

}  // namespace

TEST_CASE("a database with much else has no differences, dumped and restored neither", "[M3]") {
  const postgres_server& server = postgres_server::get();
  if (!server.has_program("pg_dump")) SKIP("the server of HEWN_POSTGRES_BIN came without pg_dump");
  server.run("CREATE ROLE hewn_reader");
  {
    const whole_database first("dumped_1");
    const whole_database second("dumped_2");
    hewn::wanted_schema original;
    std::string left_alone;
    {
      const auto db = first.open();
      db.script(before_the_tables);
      hewn::postgres::schema_executor executor(db.connection());
      hewn::apply(executor, hewn::make_plan(executor, wanted()));
      db.script(around_the_tables);
      db.script(
          "CREATE TEMPORARY TABLE scratch (x integer); CREATE TEMPORARY VIEW v AS SELECT 1 AS x");
      left_alone = report_of(db, wanted());
      CHECK(left_alone.ends_with(nothing_to_do));
      CHECK(left_alone.find("POLICY own of People") != std::string::npos);
      original = {.schema = executor.introspect(), .complete = true};
      CHECK(report_of(db, original).ends_with(nothing_to_do));
    }
    const std::string file = server.folder() + "/dump.sql";
    server.run_program("pg_dump",
                       {"-h", server.folder(), "-U", "postgres", "-f", file, first.name});
    server.run_program("psql", {"-h", server.folder(), "-U", "postgres", "-v", "ON_ERROR_STOP=1",
                                "-q", "-f", file, second.name});
    const auto db = second.open();
    CHECK(report_of(db, wanted()) == left_alone);
    CHECK(report_of(db, original).ends_with(nothing_to_do));
    // What is managed is changed there as before.
    hewn::wanted_schema more = wanted();
    more.schema.tables[0].columns.push_back(postgres_column("more", "text"));
    hewn::postgres::schema_executor executor(db.connection());
    hewn::apply(executor, hewn::make_plan(executor, more));
    CHECK(report_of(db, more).ends_with(nothing_to_do));
  }
  server.run("DROP ROLE hewn_reader");
}
