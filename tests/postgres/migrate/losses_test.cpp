// tests/postgres/migrate/losses_test.cpp - what a migration destroys on a server, in its own
// transaction.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/postgres.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using hewn::errc;
using hewn::migrator;
using support::failure_of;
using support::number;
using support::says;

namespace {

using lines = std::vector<std::string>;

lines words(const std::vector<hewn::loss>& losses) {
  lines out;
  for (const hewn::loss& l : losses) out.push_back(to_string(l));
  return out;
}

// What `change` destroys of what `start` has made; it is done in the end.
lines losses_of(const std::string& start, const std::string& change) {
  auto db = support::open_new();
  db.script("SET client_min_messages = error; " + start);
  const auto files = hewn::read_migrations({{"0001_change.sql", "-- up\n" + change}});
  const auto dry = migrator(db, files).dry_run();
  if (dry.failure) FAIL(dry.failure->what());
  hewn::migration_options all;
  all.approve = [](const hewn::destruction&) { return true; };
  const lines out = words(migrator(db, files, all).up().results.at(0).losses);
  CHECK(words(dry.results.at(0).losses) == out);
  CHECK(number(db, "SELECT count(*) FROM pg_class WHERE relname LIKE 'hewn\\_was%'") == 0);
  for (const auto& schema : db.all<std::string>(
           hewn::sql<"SELECT nspname FROM pg_namespace WHERE nspname LIKE 'hewn\\_dropped%'">))
    db.script("DROP SCHEMA \"" + schema + "\" CASCADE");
  return out;
}

const std::string people =
    "CREATE TABLE people (id bigint PRIMARY KEY, name text, born date, data jsonb, doc json);"
    "INSERT INTO people VALUES (1, 'Ada', '1815-12-10', '{\"a\": 1}', '{\"a\":1}'), (2, 'Grace', "
    "NULL, NULL, NULL);";

}  // namespace

TEST_CASE("values keep their meaning when their type changes, or are lost") {
  CHECK(losses_of(people, "ALTER TABLE people ALTER name TYPE varchar(40);").empty());
  CHECK(losses_of(people, "ALTER TABLE people ALTER id TYPE integer;").empty());
  CHECK(losses_of(people, "ALTER TABLE people ALTER born TYPE timestamptz;").empty());
  CHECK(losses_of(people, "ALTER TABLE people ALTER id TYPE text USING id::text;").empty());
  CHECK(losses_of(people, "ALTER TABLE people ALTER name TYPE varchar(3) USING left(name, 3);") ==
        lines{"1 value of the column people.name, overwritten"});
  CHECK(losses_of(people, "ALTER TABLE people ALTER born TYPE text USING 'x';") ==
        lines{"1 value of the column people.born, overwritten"});
  CHECK(
      losses_of(people, "UPDATE people SET data = '{}', doc = NULL;") ==
      lines{"1 value of the column people.data, overwritten", "1 value of the column people.doc"});
  CHECK(losses_of(people, "UPDATE people SET id = id + 10;") ==
        lines{"2 rows of the table people"});
}

TEST_CASE("what is hidden behind functions, triggers and blocks is found") {
  CHECK(losses_of(people, "DO $$ BEGIN EXECUTE 'DELETE' || ' FROM people'; END $$;") ==
        lines{"2 rows of the table people"});
  CHECK(losses_of(people + "CREATE FUNCTION clear() RETURNS void LANGUAGE sql AS 'DELETE FROM "
                           "people WHERE id = 1';",
                  "SELECT clear();") == lines{"1 row of the table people"});
  CHECK(losses_of(people + "CREATE TABLE log (x int); CREATE FUNCTION clear() RETURNS trigger "
                           "LANGUAGE plpgsql AS $$ BEGIN DELETE FROM people; RETURN NEW; END $$; "
                           "CREATE TRIGGER t AFTER INSERT ON log FOR EACH ROW EXECUTE FUNCTION "
                           "clear();",
                  "INSERT INTO log VALUES (1);") == lines{"2 rows of the table people"});
  CHECK(losses_of(people, "TRUNCATE people;") == lines{"2 rows of the table people"});
  CHECK(losses_of(people, "WITH gone AS (DELETE FROM people RETURNING *) SELECT 1 FROM gone;") ==
        lines{"2 rows of the table people"});
  CHECK(losses_of(people + "CREATE TYPE mood AS ENUM ('ok'); ALTER TABLE people ADD m mood DEFAULT "
                           "'ok';",
                  "DROP TYPE mood CASCADE;") == lines{"the column people.m with 2 values"});
  CHECK(losses_of(people,
                  "INSERT INTO people (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE "
                  "SET name = excluded.name;") ==
        lines{"1 value of the column people.name, overwritten"});
}

TEST_CASE("tables without keys, in parts, and of other schemas are compared") {
  const std::string plain =
      "CREATE TABLE plain (a int, b text); INSERT INTO plain VALUES (1, 'x'), (1, 'x'), (2, NULL);";
  CHECK(losses_of(plain, "DELETE FROM plain WHERE a = 1;") == lines{"2 rows of the table plain"});
  CHECK(losses_of(plain, "ALTER TABLE plain DROP b;") == lines{"the column plain.b with 2 values"});
  CHECK(losses_of(plain,
                  "ALTER TABLE plain ADD c text; UPDATE plain SET c = b; ALTER TABLE plain "
                  "DROP b;")
            .empty());
  CHECK(losses_of("CREATE SCHEMA other_place; CREATE TABLE other_place.t (id int PRIMARY KEY); "
                  "INSERT INTO other_place.t VALUES (1);",
                  "DROP SCHEMA other_place CASCADE;") ==
        lines{"the table other_place.t with 1 row"});
}

TEST_CASE("partitions are parts of their table") {
  const std::string parted =
      "CREATE TABLE days (day int, x int, PRIMARY KEY (day)) PARTITION BY RANGE (day); CREATE "
      "TABLE "
      "days_1 PARTITION OF days FOR VALUES FROM (0) TO (10); CREATE TABLE days_2 PARTITION OF days "
      "FOR VALUES FROM (10) TO (20); INSERT INTO days VALUES (1, 1), (2, 2), (11, 3);";
  CHECK(losses_of(parted, "UPDATE days SET x = x + 1 WHERE day = 1;") ==
        lines{"1 value of the column days.x, overwritten"});
  CHECK(losses_of(parted, "DROP TABLE days_1;") == lines{"2 rows of the table days"});
  CHECK(losses_of(parted, "DELETE FROM days_2;") == lines{"1 row of the table days"});
}

TEST_CASE("sequences that would give out numbers again are asked about, and put back") {
  const std::string start =
      "CREATE TABLE n (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY); INSERT INTO n "
      "DEFAULT VALUES; INSERT INTO n DEFAULT VALUES; INSERT INTO n DEFAULT VALUES;";
  const lines again{
      "what cannot be counted: the sequence n_id_seq gives out numbers again that it has given "
      "out"};
  CHECK(losses_of(start, "SELECT setval('n_id_seq', 1);") == again);
  CHECK(losses_of(start, "ALTER SEQUENCE n_id_seq RESTART;") == again);
  CHECK(losses_of(start, "ALTER SEQUENCE n_id_seq RESTART WITH 3;") == again);
  CHECK(losses_of(start, "SELECT setval('n_id_seq', 100);").empty());
  CHECK(losses_of(start, "ALTER SEQUENCE n_id_seq RESTART WITH 4;").empty());
  CHECK(losses_of(start, "SELECT setval('n_id_seq', 100, false);").empty());
  const std::string falling =
      "CREATE SEQUENCE f INCREMENT -1; SELECT nextval('f'), nextval('f'), nextval('f');";
  CHECK(losses_of(falling, "ALTER SEQUENCE f RESTART WITH -3;").size() == 1);
  CHECK(losses_of(falling, "ALTER SEQUENCE f RESTART WITH -4;").empty());

  auto db = support::open_new();
  db.script(start);
  migrator m(db, hewn::read_migrations({{"0001_a.sql", "-- up\nSELECT setval('n_id_seq', 1);"}}));
  CHECK(failure_of([&] { m.up(); }).code() == errc::approval_required);
  CHECK(number(db, "SELECT nextval('n_id_seq')") == 4);
  m.dry_run();
  CHECK(number(db, "SELECT nextval('n_id_seq')") == 5);
}

TEST_CASE("what no rollback undoes is asked about before it is done") {
  auto db = support::open_new();
  db.script(people);
  const auto file = "/nowhere/people.txt";
  migrator m(db, hewn::read_migrations(
                     {{"0001_out.sql", std::string("-- up\nCOPY people TO '") + file + "';"}}));
  CHECK(says(failure_of([&] { m.up(); }),
             "what cannot be counted: it would write a file of the server's"));
  const auto dry = m.dry_run();
  REQUIRE(dry.failure.has_value());
  CHECK(says(*dry.failure, "cannot be tried out in a transaction, because it would write a file"));
  CHECK(dry.results.at(0).losses.size() == 1);
  migrator links(db, hewn::read_migrations(
                         {{"0001_out.sql", "-- up\nSELECT dblink_exec('x', 'DELETE FROM y');"}}));
  CHECK(says(failure_of([&] { links.up(); }), "it calls dblink_exec, which reaches beyond"));
}

TEST_CASE("what is destroyed with consent is kept in a schema") {
  auto db = support::open_new();
  db.script(people + "SET client_min_messages = error");
  migrator m(db,
             hewn::read_migrations({{"0001_less.sql",
                                     "-- up\nDELETE FROM people WHERE id = 1;\nALTER TABLE people "
                                     "DROP name;"}}),
             {.approve = [](const hewn::destruction&) { return true; }});
  const auto result = m.up().results.at(0);
  REQUIRE(result.backup.starts_with("schema hewn_dropped_migration_1"));
  const std::string schema = result.backup.substr(7);
  CHECK(number(db, "SELECT count(*) FROM " + schema + ".people WHERE name IS NOT NULL") == 2);
  db.script("DROP SCHEMA " + schema + " CASCADE");
}

TEST_CASE("a migration that adds is run once") {
  auto db = support::open_new();
  db.script(people + "CREATE SEQUENCE runs");
  hewn::migration_options options;
  options.approve = [](const hewn::destruction&) { return true; };
  options.rules.backup = false;
  migrator m(db,
             hewn::read_migrations(
                 {{"0001_add.sql",
                   "-- up\nALTER TABLE people ADD COLUMN mail text;\nCREATE INDEX ON people "
                   "(name);\nINSERT INTO people (id) VALUES (nextval('runs') + 10);"},
                  {"0002_less.sql",
                   "-- up\nINSERT INTO people (id) VALUES (nextval('runs') + 20);\nDELETE FROM "
                   "people WHERE id = 1;"}}),
             options);
  m.up_to(1);
  CHECK(number(db, "SELECT nextval('runs')") == 2);
  m.up();
  CHECK(number(db, "SELECT nextval('runs')") == 5);
}

TEST_CASE("a declared column that is not there is named") {
  auto db = support::open_new();
  db.script(people);
  migrator m(db, hewn::read_migrations({{"0001_a.sql",
                                         "-- overwrites: people.nmae\n-- up\nUPDATE people SET "
                                         "name = 'x';"}}));
  CHECK(says(failure_of([&] { m.up(); }), "declares that it overwrites people.nmae"));
}

TEST_CASE("what a role may not see is in doubt") {
  auto db = support::open_new();
  db.script(people +
            "ALTER TABLE people ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; CREATE POLICY "
            "mine ON people USING (id = 1); CREATE ROLE hewn_sees_one; ALTER TABLE people OWNER TO "
            "hewn_sees_one; DO $$ BEGIN EXECUTE 'GRANT ALL ON SCHEMA ' || current_schema() || ' TO "
            "hewn_sees_one'; END $$; SET ROLE hewn_sees_one");
  migrator m(db, hewn::read_migrations({{"0001_a.sql", "-- up\nDELETE FROM people;"}}));
  CHECK(says(failure_of([&] { m.up(); }),
             "what cannot be counted: this role may not copy the table people to compare it"));
  db.script("RESET ROLE");
  CHECK(number(db, "SELECT count(*) FROM people") == 2);
}

TEST_CASE("batches and functions without a transaction are saved and asked about before") {
  auto db = support::open_new();
  db.script(people + "SET client_min_messages = error");
  hewn::migration_options all;
  all.approve = [](const hewn::destruction&) { return true; };
  migrator m(db, {}, all);
  m.add({.version = 1,
         .name = "trims",
         .id = "1",
         .batches = {{.table = "people", .size = 1, .change = [](auto& tx, auto first, auto last) {
                        tx.execute(hewn::sql<"UPDATE people SET name = 'x' WHERE id BETWEEN ? AND "
                                             "?">,
                                   first, last);
                      }}}});
  m.add({.version = 2,
         .name = "apart",
         .id = "1",
         .up = [](auto& session) { session.script("DELETE FROM people WHERE id = 1"); },
         .in_transaction = false});
  m.add({.version = 3,
         .name = "vacuums",
         .id = "1",
         .up = [](auto& session) { session.script("VACUUM people"); },
         .in_transaction = false});
  const auto results = m.up().results;
  CHECK(words(results.at(0).losses) == lines{"2 values of the column people.name, overwritten"});
  CHECK(words(results.at(1).losses) == lines{"1 row of the table people"});
  CHECK(words(results.at(2).losses) ==
        lines{"what cannot be counted: its function runs outside of transactions"});
  CHECK(results.at(2).backup.empty());
  const std::string saved = results.at(0).backup.substr(7);
  CHECK(number(db, "SELECT count(*) FROM " + saved + ".people WHERE name = 'Ada'") == 1);
  db.script("DROP SCHEMA " + saved + " CASCADE; DROP SCHEMA " + results.at(1).backup.substr(7) +
            " CASCADE");
}

TEST_CASE("a trigger on the history is refused") {
  auto db = support::open_new();
  db.script(people);
  const auto files = hewn::read_migrations({{"0001_a.sql", "-- up\nCREATE TABLE a (x int);"},
                                            {"0002_b.sql", "-- up\nCREATE TABLE b (x int);"}});
  migrator m(db, files);
  m.up_to(1);
  db.script(
      "CREATE FUNCTION clear() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM people; "
      "RETURN NEW; END $$; CREATE TRIGGER t AFTER INSERT ON hewn_migrations FOR EACH ROW EXECUTE "
      "FUNCTION clear()");
  CHECK(says(failure_of([&] { m.up(); }), "trigger t on the table hewn_migrations"));
}
