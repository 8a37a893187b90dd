// tests/postgres/schema/catalog_test.cpp - the schema as the catalog tells it, and sync by it.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/postgres/schema/schema_executor.hpp>
#include <hewn/uuid.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::col;
using hewn::errc;
using support::failure_of;
using support::says;

namespace {

enum class state { on, off };

struct team {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("teams").unique<&team::name>(); }
};

/// Everything that the server writes in words of its own.
struct machine {
  std::int32_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  state power = state::off;
  std::optional<std::string> note;
  std::int16_t level = 0;
  double load = 0.5;
  bool active = true;
  std::string label;
  hewn::bytes blob;
  hewn::timestamp created_at{}, updated_at{};
  std::optional<hewn::date> built;
  boost::uuids::uuid token{};

  static consteval auto table() {
    return hewn::table("machines")
        .references<&machine::team_id, &team::id>(hewn::on_delete::cascade)
        .unique<&machine::team_id, &machine::name>()
        .index<&machine::power, &machine::level>()
        .length<&machine::name>(1, 40)
        .range<&machine::level>(-5, 5)
        .default_value<&machine::name>("it's")
        .default_value<&machine::level>(3)
        .default_value<&machine::load>(1.5)
        .default_value<&machine::active>(true)
        .default_value<&machine::power>(state::on)
        .generated<&machine::label>("name || ':' || upper(coalesce(note, '-'))")
        .check("machines_sane", col<&machine::level> < 4 || col<&machine::load> > 0.1)
        .created<&machine::created_at>()
        .updated<&machine::updated_at>();
  }
};

}  // namespace

TEST_CASE("a second sync finds nothing to do, whatever the server has made of the first", "[M3]") {
  const support::place where;
  const auto db = where.open();
  CHECK_FALSE(hewn::sync<team, machine>(db).empty());
  for (int i = 0; i != 2; ++i) {
    const auto again = hewn::plan_sync<team, machine>(db);
    CAPTURE(hewn::report(again));
    CHECK(again.empty());
    CHECK(hewn::plan_sync<machine, team>(where.open()).empty());
  }
  const auto t = db.insert(team{.name = "a"});
  const auto m = db.insert(machine{.team_id = t.id, .name = "m", .note = "x"});
  CHECK(m.label == "m:X");
  CHECK(hewn::plan_sync<team, machine>(db).empty());
  // Nothing is left of the trial.
  CHECK(db.one<std::int64_t>(
            hewn::sql<"SELECT COUNT(*) FROM pg_class WHERE relname = 'machines'">) >= 1);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM pg_class WHERE relnamespace = "
                                       "pg_my_temp_schema()">) == 0);
}

namespace {

struct old_form {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("things"); }
};

struct new_form {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> note;
  std::int64_t count = 0;
  std::optional<std::int64_t> parent;
  static consteval auto table() {
    return hewn::table("things")
        .default_value<&new_form::count>(7)
        .range<&new_form::count>(0, 100)
        .references<&new_form::parent, &new_form::id>()
        .index<&new_form::name>();
  }
};

struct other_form {
  std::int64_t id = 0;
  std::int64_t name = 0;
  static consteval auto table() { return hewn::table("things"); }
};

}  // namespace

TEST_CASE("columns and indexes are added to a table that has rows", "[M2]") {
  const auto db = support::open_new();
  hewn::sync<old_form>(db);
  db.insert(old_form{.name = "kept"});
  hewn::sync<new_form>(db);
  CHECK(hewn::plan_sync<new_form>(db).empty());
  CHECK(db.get<new_form>(1).count == 7);
  CHECK(failure_of([&] { db.insert(new_form{.name = "x", .parent = 99}); }).code() ==
        errc::foreign_key);
}

TEST_CASE("what could lose data waits", "[M2]") {
  const auto db = support::open_new();
  hewn::sync<new_form>(db);
  db.insert(new_form{.name = "x", .note = "y"});
  CHECK(failure_of([&] { hewn::sync<other_form>(db); }).code() == errc::approval_required);
  CHECK(hewn::plan_sync<new_form>(db).empty());
}

TEST_CASE("tables of other hands are recognised", "[M3]") {
  const auto db = support::open_new();
  db.script(
      "CREATE TABLE teams (id bigserial PRIMARY KEY, name text NOT NULL, "
      "CONSTRAINT anything UNIQUE (name));"
      "CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
      "name text NOT NULL);"
      "CREATE VIEW v AS SELECT * FROM teams; CREATE SEQUENCE s;"
      "CREATE MATERIALIZED VIEW m AS SELECT 1 AS one;"
      "CREATE TABLE parts (x int) PARTITION BY RANGE (x);"
      "CREATE INDEX odd ON things USING hash (name)");
  CHECK(hewn::plan_sync<team>(db).empty());
  CHECK(hewn::plan_sync<old_form>(db).empty());
  db.insert(team{.name = "a"});
  CHECK(hewn::plan_sync<team>(db).empty());
  const auto live = hewn::postgres::introspect(db.connection().native());
  CHECK(live.tables.size() == 2);
  std::string others;
  for (const auto& o : live.others) others += o.kind + " " + o.name + ",";
  CHECK(others ==
        "materialized view m,partitioned table parts,sequence s,view v,clause GENERATED ALWAYS AS "
        "IDENTITY of column id,clause USING hash of index "
        "odd,");
}

TEST_CASE("the catalog is read to the letter", "[M10]") {
  const auto db = support::open_new();
  db.script(
      "CREATE TABLE p (a int, b text COLLATE \"C\" DEFAULT 'x', PRIMARY KEY (b, a));"
      "CREATE TABLE c (x text, y int, z int GENERATED ALWAYS AS (y * 2) STORED, "
      "CONSTRAINT up FOREIGN KEY (x, y) REFERENCES p (b, a) ON DELETE SET NULL ON UPDATE CASCADE "
      "DEFERRABLE INITIALLY DEFERRED, CONSTRAINT pos CHECK (y > 0));"
      "CREATE UNIQUE INDEX i ON c (lower(x), y DESC) WHERE y > 5");
  const auto live = hewn::postgres::introspect(db.connection().native());
  const auto& p = *live.find_table("p");
  const auto& c = *live.find_table("c");
  CHECK(p.find_column("b")->key_position == 1);
  CHECK(p.find_column("a")->key_position == 2);
  CHECK(p.find_column("b")->collation == "C");
  CHECK(p.find_column("b")->default_text == "'x'::text");
  CHECK(c.find_column("z")->generated == hewn::schema::generated::stored);
  CHECK(c.find_column("z")->generated_text == "(y * 2)");
  REQUIRE(c.foreign_keys.size() == 1);
  CHECK(c.foreign_keys[0] == hewn::schema::foreign_key{.name = "up",
                                                       .columns = {"x", "y"},
                                                       .target_table = "p",
                                                       .target_columns = {"b", "a"},
                                                       .on_delete = hewn::schema::action::set_null,
                                                       .on_update = hewn::schema::action::cascade,
                                                       .deferred = true});
  REQUIRE(c.checks.size() == 1);
  CHECK(c.checks[0].text == "(y > 0)");
  REQUIRE(c.indexes.size() == 1);
  CHECK(c.indexes[0].unique);
  CHECK(c.indexes[0].where == "(y > 5)");
  REQUIRE(c.indexes[0].parts.size() == 2);
  CHECK(c.indexes[0].parts[0].expression);
  CHECK(c.indexes[0].parts[0].text == "lower(x)");
  CHECK(c.indexes[0].parts[1].descending);
}

TEST_CASE("a column that takes its numbers from a shared sequence is no serial, indexed or not",
          "[p:A8]") {
  const auto db = support::open_new();
  db.script(
      "CREATE SEQUENCE shared; CREATE TABLE t (own bigserial, other bigint DEFAULT "
      "nextval('shared'), made bigint GENERATED BY DEFAULT AS IDENTITY)");
  const auto read = [&] { return hewn::postgres::introspect(db.connection().native()).tables[0]; };
  const hewn::schema::table without = read();
  CHECK(without.find_column("own")->autoincrement);
  CHECK_FALSE(without.find_column("other")->autoincrement);
  CHECK(without.find_column("other")->default_text == "nextval('shared'::regclass)");
  CHECK(without.find_column("made")->autoincrement);
  db.script("CREATE INDEX all_of_them ON t (own, other, made)");
  CHECK(read().columns == without.columns);
}

TEST_CASE("what a table is besides its columns is named as left alone", "[p:A8]") {
  const auto db = support::open_new();
  db.script(
      "CREATE TABLE teams (id bigserial PRIMARY KEY, name text NOT NULL UNIQUE);"
      "CREATE TABLE kid (w int) INHERITS (teams); CREATE UNLOGGED TABLE quick (a int);"
      "CREATE TABLE guarded (a int); ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;"
      "CREATE TABLE plain (a int)");
  std::vector<std::string> others;
  for (const auto& o : hewn::postgres::introspect(db.connection().native()).others)
    others.push_back(o.name + " of " + o.table);
  std::sort(others.begin(), others.end());
  CHECK(others == std::vector<std::string>{"INHERITS teams of kid", "ROW LEVEL SECURITY of guarded",
                                           "UNLOGGED of quick", "children by INHERITS of teams"});
  const hewn::plan p = hewn::plan_sync<team>(db);
  CHECK(p.empty());
  CHECK(hewn::report(p).find("children by INHERITS") != std::string::npos);
}

TEST_CASE("whatever else the catalog says of a table is named as left alone", "[p:A8]") {
  const auto db = support::open_new();
  hewn::sync<team>(db);
  const auto named = [&] {
    std::vector<std::string> out;
    for (const auto& o : hewn::postgres::introspect(db.connection().native()).others)
      out.push_back(o.kind + ": " + o.name + " of " + o.table);
    return out;
  };
  CHECK(named().empty());
  // What is there besides, and how it is called; both are gone when what stands last is run.
  const struct {
    const char* sql;
    const char* name;
    const char* back;
  } all[] = {
      {"CREATE RULE r AS ON INSERT TO teams DO INSTEAD NOTHING", "RULE r ON INSERT DO INSTEAD",
       "DROP RULE r ON teams"},
      {"CREATE RULE r AS ON UPDATE TO teams DO ALSO SELECT 1", "RULE r ON UPDATE DO ALSO",
       "DROP RULE r ON teams"},
      {"CREATE RULE r AS ON DELETE TO teams WHERE old.id < 9 DO INSTEAD NOTHING",
       "RULE r ON DELETE DO INSTEAD", "DROP RULE r ON teams"},
      {"CREATE POLICY own ON teams USING (id > 0)", "POLICY own", "DROP POLICY own ON teams"},
      {"ALTER TABLE teams FORCE ROW LEVEL SECURITY", "FORCE ROW LEVEL SECURITY",
       "ALTER TABLE teams NO FORCE ROW LEVEL SECURITY"},
      {"ALTER TABLE teams SET (fillfactor=70, autovacuum_enabled=off)",
       "WITH (fillfactor=70, autovacuum_enabled=off)",
       "ALTER TABLE teams RESET (fillfactor, autovacuum_enabled)"},
      {"ALTER TABLE teams SET (toast.autovacuum_enabled=off, toast.log_autovacuum_min_duration=5)",
       "WITH (toast.autovacuum_enabled=off, toast.log_autovacuum_min_duration=5)",
       "ALTER TABLE teams RESET (toast.autovacuum_enabled, toast.log_autovacuum_min_duration)"},
      {"ALTER TABLE teams REPLICA IDENTITY FULL", "REPLICA IDENTITY FULL",
       "ALTER TABLE teams REPLICA IDENTITY DEFAULT"},
      {"ALTER TABLE teams REPLICA IDENTITY NOTHING", "REPLICA IDENTITY NOTHING",
       "ALTER TABLE teams REPLICA IDENTITY DEFAULT"},
      {"ALTER TABLE teams REPLICA IDENTITY USING INDEX teams_pkey",
       "REPLICA IDENTITY USING INDEX teams_pkey", "ALTER TABLE teams REPLICA IDENTITY DEFAULT"},
      {"ALTER TABLE teams CLUSTER ON teams_pkey", "CLUSTER ON teams_pkey",
       "ALTER TABLE teams SET WITHOUT CLUSTER"},
      {"CREATE STATISTICS pair ON id, name FROM teams", "STATISTICS pair", "DROP STATISTICS pair"},
      {"ALTER TABLE teams ALTER name SET STORAGE EXTERNAL", "STORAGE EXTERNAL of column name",
       "ALTER TABLE teams ALTER name SET STORAGE EXTENDED"},
      {"ALTER TABLE teams ALTER name SET COMPRESSION pglz", "COMPRESSION pglz of column name",
       "ALTER TABLE teams ALTER name SET COMPRESSION DEFAULT"},
      {"ALTER TABLE teams ALTER name SET STATISTICS 500", "STATISTICS 500 of column name",
       "ALTER TABLE teams ALTER name SET STATISTICS -1"},
      {"ALTER TABLE teams ALTER name SET (n_distinct=-0.5)", "SET (n_distinct=-0.5) of column name",
       "ALTER TABLE teams ALTER name RESET (n_distinct)"},
      {"ALTER TABLE teams ALTER id SET START 1000 SET INCREMENT 5 SET CACHE 20",
       "START 1000 INCREMENT 5 CACHE 20 of column id",
       "ALTER TABLE teams ALTER id SET START 1 SET INCREMENT 1 SET CACHE 1"},
      {"ALTER TABLE teams ALTER id SET MAXVALUE 99 SET CYCLE", "MAXVALUE 99 CYCLE of column id",
       "ALTER TABLE teams ALTER id SET NO MAXVALUE SET NO CYCLE"}};
  for (const auto& [sql, name, back] : all) {
    INFO(sql);
    db.script(sql);
    CHECK(named() == std::vector<std::string>{"clause: " + std::string(name) + " of teams"});
    const hewn::plan p = hewn::plan_sync<team>(db);
    CHECK(p.empty());
    CHECK(hewn::report(p).find(name) != std::string::npos);
    // A schema that has it is not copied without it.
    const auto other = support::open_new();
    const hewn::plan copied = hewn::make_plan(
        *hewn::detail::executor_of(other),
        {.schema = hewn::postgres::introspect(db.connection().native()), .complete = true});
    CHECK(copied.blocked());
    CHECK(hewn::report(copied).find(name) != std::string::npos);
    db.script(back);
    CHECK(named().empty());
  }
  // The sequence of a serial column is one of these too.
  db.script("CREATE TABLE numbered (n serial); ALTER SEQUENCE numbered_n_seq INCREMENT 7");
  CHECK(named() == std::vector<std::string>{"clause: INCREMENT 7 of column n of numbered"});
}

TEST_CASE("an index over a serial column is added together with a column", "[p:A8]") {
  const auto db = support::open_new();
  db.script("CREATE TABLE numbered (id bigserial PRIMARY KEY, number bigserial NOT NULL)");
  const hewn::schema::database before = hewn::postgres::introspect(db.connection().native());
  const auto executor = hewn::detail::executor_of(db);
  hewn::wanted_schema wanted{.schema = before};
  hewn::schema::table& t = wanted.schema.tables[0];
  t.columns.push_back({.name = "note", .type = "text"});
  t.indexes.push_back({.name = "numbered_note", .parts = {{.text = "number"}, {.text = "note"}}});
  CHECK(hewn::apply(*executor, hewn::make_plan(*executor, wanted)).changes().size() == 2);
  CHECK(hewn::make_plan(*executor, wanted).empty());
}

TEST_CASE("a declaration that the server does not accept names its table", "[M2]") {
  struct wrong {
    std::int64_t id = 0;
    std::string name;
    static consteval auto table() {
      return hewn::table("wrong").generated<&wrong::name>("no_such_function(id)");
    }
  };
  const auto db = support::open_new();
  const auto failure = failure_of([&] { hewn::sync<wrong>(db); });
  CHECK(says(failure, "function no_such_function(bigint) does not exist"));
  CHECK(says(failure, "create that in a migration first"));
  CHECK(db.one<int>(hewn::sql<"SELECT 1">) == 1);
}

namespace {

struct owner {
  std::int64_t id = 0;
  std::int64_t zone = 0;
  static consteval auto table() { return hewn::table("owners").unique<&owner::zone, &owner::id>(); }
};

struct item {
  std::int64_t id = 0;
  std::optional<std::int64_t> owner_id;
  std::optional<std::int64_t> zone, owner_of_zone;
  std::string name;
  std::optional<std::string> code;
  static consteval auto table() {
    return hewn::table("items")
        .references<&item::owner_id, &owner::id>(hewn::on_delete::set_null)
        .references<&item::zone, &item::owner_of_zone, &owner::zone, &owner::id>(
            hewn::on_delete::set_null)
        .unique<&item::code>()
        .unique_index<&item::name>()
        .index<&item::zone>()
        .check("items_named", "name <> ''");
  }
};

/// What is done to the tables of these structs, and what a plan then says of it.
struct other_constraint {
  std::string sql;
  std::string said;
  bool holds = false;  ///< as declared, so that it is only named
  int since = 150000;
};

std::string replaced(const char* name, const std::string& definition) {
  return std::string("ALTER TABLE items DROP CONSTRAINT ") + name +
         "; ALTER TABLE items ADD CONSTRAINT " + name + " " + definition;
}

}  // namespace

TEST_CASE("a constraint or index that is another one than declared is seen", "[p:A8]") {
  const std::string refers = "FOREIGN KEY (owner_id) REFERENCES owners (id) ON DELETE SET NULL ";
  const std::string pair =
      "FOREIGN KEY (zone, owner_of_zone) REFERENCES owners (zone, id) ON DELETE SET NULL ";
  const char* const key = "items_owner_id_fkey";
  const char* const pair_key = "items_zone_owner_of_zone_fkey";
  const std::vector<other_constraint> all{
      {replaced("items_named", "CHECK (name <> '') NOT VALID"), "NOT VALID"},
      {replaced("items_named", "CHECK (name <> '') NO INHERIT"),
       "NO INHERIT of constraint items_named", true},
      {replaced("items_named", "CHECK (name <> '') NOT ENFORCED"), "NOT ENFORCED", false, 180000},
      {replaced(key, refers + "NOT VALID"), "NOT VALID"},
      {replaced(key, refers + "NOT ENFORCED"), "NOT ENFORCED", false, 180000},
      {replaced(key, refers + "DEFERRABLE"), "DEFERRABLE of constraint items_owner_id_fkey", true},
      {replaced(key, refers + "DEFERRABLE INITIALLY DEFERRED"), "DEFERRABLE INITIALLY DEFERRED"},
      {replaced(key, "FOREIGN KEY (owner_id) REFERENCES owners (id) MATCH FULL ON DELETE SET NULL"),
       "MATCH FULL of constraint", true},
      {"ALTER TABLE items DISABLE TRIGGER ALL", "with disabled triggers"},
      {"ALTER TABLE owners DISABLE TRIGGER ALL", "with disabled triggers"},
      {replaced(pair_key,
                "FOREIGN KEY (zone, owner_of_zone) REFERENCES owners (zone, id) MATCH FULL ON "
                "DELETE SET NULL"),
       "MATCH FULL"},
      {replaced(pair_key, pair + "(owner_of_zone)"), "SET NULL (\"owner_of_zone\")"},
      {replaced(pair_key, pair + "(owner_of_zone, zone)"), "", true},
      {replaced("items_code_key", "UNIQUE (code) DEFERRABLE"), "DEFERRABLE"},
      {replaced("items_code_key", "UNIQUE NULLS NOT DISTINCT (code)"), "NULLS NOT DISTINCT"},
      {replaced("items_code_key", "UNIQUE (code) INCLUDE (name)"),
       "INCLUDE name of index items_code_key", true},
      {replaced("items_code_key", "UNIQUE (code) WITH (fillfactor = 70)"),
       "WITH (fillfactor=70) of index items_code_key", true},
      {replaced("items_pkey", "PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED"),
       "DEFERRABLE INITIALLY DEFERRED"},
      {"ALTER TABLE items ADD CONSTRAINT apart EXCLUDE (name WITH =)", "EXCLUDE apart", true},
      {"ALTER TABLE items ALTER name DROP NOT NULL; ALTER TABLE items ADD CONSTRAINT items_name "
       "NOT NULL name NOT VALID",
       "NOT VALID of constraint items_name", false, 180000},
      {"DROP INDEX items_name_idx; CREATE UNIQUE INDEX items_name_idx ON items (name "
       "text_pattern_ops)",
       "text_pattern_ops of index items_name_idx", true},
      {"DROP INDEX items_name_idx; CREATE UNIQUE INDEX items_name_idx ON items (name bpchar_ops)",
       "CREATE UNIQUE INDEX"},
      {"UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'items_name_idx'::regclass",
       "INVALID"},
      {"UPDATE pg_index SET indisready = false WHERE indexrelid = 'items_zone_idx'::regclass",
       "INVALID"},
      {"DROP INDEX items_zone_idx; CREATE INDEX items_zone_idx ON items USING brin (zone)",
       "USING brin of index items_zone_idx", true},
      {"DROP INDEX items_zone_idx; CREATE INDEX items_zone_idx ON items (zone NULLS FIRST) "
       "INCLUDE (name, code)",
       "NULLS FIRST of index items_zone_idx of items, clause INCLUDE name of index", true},
  };
  const auto db = support::open_new();
  hewn::sync<owner, item>(db);
  const int version = PQserverVersion(db.connection().native().native());
  for (const other_constraint& c : all) {
    if (version < c.since) continue;
    INFO(c.sql);
    auto tx = db.begin();
    db.script(c.sql);
    const hewn::plan planned = hewn::plan_sync<owner, item>(db);
    const std::string text = hewn::report(planned);
    CAPTURE(text);
    CHECK(planned.empty() == c.holds);
    CHECK(text.find(c.said) != std::string::npos);
    tx.rollback();
    CHECK(hewn::plan_sync<owner, item>(db).empty());
  }
}

TEST_CASE("an index that was left invalid is made again", "[p:A8]") {
  const auto db = support::open_new();
  hewn::sync<owner, item>(db);
  db.insert(item{.name = "a"});
  db.script("DROP INDEX items_name_idx; INSERT INTO items (name) VALUES ('a')");
  failure_of([&] { db.script("CREATE UNIQUE INDEX CONCURRENTLY items_name_idx ON items (name)"); });
  const auto failure = failure_of([&] { hewn::sync<owner, item>(db); });
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure, "id='1' and id='2'"));
  db.remove<item>(2);
  CHECK_FALSE(hewn::sync<owner, item>(db).empty());
  CHECK(hewn::sync<owner, item>(db).empty());
  CHECK(failure_of([&] { db.insert(item{.name = "a"}); }).code() == errc::conflict);
}

namespace {

/// As the table below, in the words of a C++ program.
struct legacy {
  std::int64_t number = 0;
  std::string title;
  std::optional<std::string> kind;
  std::int32_t level = 0;
  double load = 0;
  bool active = false;
  std::int64_t size = 0;
  hewn::timestamp at{};
  static consteval auto table() {
    return hewn::table("legacies")
        .primary_key<&legacy::number>()
        .given_key()
        .default_value<&legacy::title>("-")
        .default_value<&legacy::load>(1.5)
        .default_value<&legacy::active>(false)
        .default_value<&legacy::size>(5)
        .default_value<&legacy::at>(hewn::raw("CURRENT_TIMESTAMP"))
        .check("legacies_kind", "kind IN ('a', 'b')")
        .check("legacies_title", "title > 'a'");
  }
};

struct legacy_detail {
  std::int64_t number = 0;
  std::string text;
  static consteval auto table() {
    return hewn::table("legacy_details")
        .primary_key<&legacy_detail::number>()
        .references<&legacy_detail::number, &legacy::number>();
  }
};

/// The same table, and a key that nobody says the program gives.
struct numbered_legacy {
  std::int64_t number = 0;
  std::string text;
  static consteval auto table() {
    return hewn::table("legacy_details").primary_key<&numbered_legacy::number>();
  }
};

constexpr const char* legacy_tables =
    "CREATE TABLE legacies (number int8 PRIMARY KEY, title varchar NOT NULL DEFAULT '-'::varchar, "
    "kind varchar CHECK (kind IN ('a', 'b')), level int4 NOT NULL, load float8 NOT NULL DEFAULT "
    "1.50, active bool NOT NULL DEFAULT '0', size int8 NOT NULL DEFAULT '5', at timestamptz NOT "
    "NULL DEFAULT now(), CONSTRAINT named CHECK ('a' < title OR title > 'a'));"
    "ALTER TABLE legacies DROP CONSTRAINT named, ADD CHECK (title > 'a'::varchar);"
    "CREATE TABLE legacy_details (number int8 PRIMARY KEY REFERENCES legacies, text varchar NOT "
    "NULL);";

}  // namespace

TEST_CASE("what is written otherwise and means the same is no difference", "[p:B2]") {
  const auto db = support::open_new();
  db.script(legacy_tables);
  const hewn::plan planned = hewn::plan_sync<legacy, legacy_detail>(db);
  CAPTURE(hewn::report(planned));
  CHECK(planned.empty());
  SECTION("nor beside a change") {
    struct more {
      std::int64_t number = 0;
      std::string title;
      std::optional<std::string> kind;
      std::int32_t level = 0;
      double load = 0;
      bool active = false;
      std::int64_t size = 0;
      hewn::timestamp at{};
      std::optional<std::string> note;
      static consteval auto table() {
        return hewn::table("legacies")
            .primary_key<&more::number>()
            .given_key()
            .default_value<&more::title>("-")
            .default_value<&more::load>(1.5)
            .default_value<&more::active>(false)
            .default_value<&more::size>(5)
            .default_value<&more::at>(hewn::raw("transaction_timestamp()"))
            .check("legacies_kind", "kind IN ('a', 'b')")
            .check("legacies_note", "note <> ''")
            .check("legacies_title", "title > 'a'");
      }
    };
    CHECK(hewn::sync<more>(db).changes().size() == 1);
    CHECK(hewn::sync<more>(db).empty());
  }
  SECTION("but what means something else is one") {
    for (const char* const other :
         {"ALTER title SET DEFAULT '--'", "ALTER load SET DEFAULT 1.51",
          "ALTER active SET DEFAULT '1'", "ALTER at SET DEFAULT clock_timestamp()",
          "DROP CONSTRAINT legacies_title_check, ADD CHECK (title COLLATE \"C\" > 'a')",
          "ALTER title TYPE varchar(9)", "ALTER level TYPE int8",
          "DROP CONSTRAINT legacies_kind_check, ADD CHECK (kind IN ('a', 'c'))"}) {
      INFO(other);
      auto tx = db.begin();
      db.script(std::string("ALTER TABLE legacies ") + other);
      CHECK_FALSE(hewn::plan_sync<legacy>(db).empty());
      tx.rollback();
    }
  }
}

TEST_CASE("a key that the program gives is no identity", "[p:B2]") {
  const auto db = support::open_new();
  hewn::sync<legacy, legacy_detail>(db);
  CHECK(hewn::sync<legacy, legacy_detail>(db).empty());
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM pg_attribute WHERE attidentity <> '' "
                                       "AND attrelid IN ('legacies'::regclass, "
                                       "'legacy_details'::regclass)">) == 0);
  db.insert(legacy{.number = 0, .title = "b"});
  CHECK(db.get<legacy>(0).title == "b");
  std::vector<legacy> some(120);
  for (std::size_t i = 0; i != some.size(); ++i)
    some[i] = {.number = static_cast<std::int64_t>(i) + 1, .title = "c"};
  db.insert_many(some);
  CHECK(db.count<legacy>() == 121);
  db.insert(legacy_detail{.number = 0, .text = "x"});
  CHECK(failure_of([&] { db.insert(legacy_detail{.number = -1}); }).code() == errc::foreign_key);
  // Where it is not said, it becomes one.
  const hewn::plan planned = hewn::plan_sync<numbered_legacy>(db);
  CHECK_FALSE(planned.blocked());
  CHECK(hewn::report(planned).find("+ change autoincrement number from no identity to identity") !=
        std::string::npos);
  // An identity that nobody needs is in nobody's way, unless it takes no other key.
  db.script("ALTER TABLE legacies ALTER number ADD GENERATED BY DEFAULT AS IDENTITY");
  CHECK(hewn::sync<legacy, legacy_detail>(db).empty());
  db.script(
      "ALTER TABLE legacies ALTER number SET GENERATED ALWAYS; SELECT setval("
      "pg_get_serial_sequence('legacies', 'number'), 500)");
  CHECK(hewn::plan_sync<legacy>(db).pending().size() == 1);
}

namespace {

struct box {
  std::int64_t id = 0;
  std::int64_t width = 0;
  std::string name;
  static consteval auto table() { return hewn::table("boxes"); }
};

struct measured_box {
  std::int64_t id = 0;
  std::int64_t width = 0;
  std::string name;
  std::int64_t area = 0;
  static consteval auto table() {
    return hewn::table("boxes").generated<&measured_box::area>("width * width",
                                                               hewn::compute::on_read);
  }
};

struct searched_box {
  std::int64_t id = 0;
  std::string name;
  std::string lower;
  static consteval auto table() {
    return hewn::table("searched_boxes")
        .generated<&searched_box::lower>("lower(name)", hewn::compute::on_read)
        .index<&searched_box::lower>();
  }
};

}  // namespace

TEST_CASE("what is computed when it is read is virtual where the server knows such columns",
          "[p:B8]") {
  const auto db = support::open_new();
  const bool knows = PQserverVersion(db.connection().native().native()) >= 180000;
  const auto kind = [&](const char* column) {
    return db.one<std::string>(
        hewn::sql<"SELECT attgenerated::text FROM pg_attribute WHERE attname = ? AND attgenerated "
                  "<> '' AND pg_table_is_visible(attrelid)">,
        column);
  };
  SECTION("in a new table") {
    hewn::sync<measured_box, searched_box>(db);
    CHECK(kind("area") == (knows ? "v" : "s"));
    CHECK(kind("lower") == "s");  // no index holds what is not stored
    CHECK(hewn::sync<measured_box, searched_box>(db).empty());
    const auto live = hewn::postgres::introspect(db.connection().native());
    CHECK(live.find_table("boxes")->find_column("area")->generated ==
          (knows ? hewn::schema::generated::on_read : hewn::schema::generated::stored));
  }
  SECTION("in a table that has rows") {
    hewn::sync<box>(db);
    db.insert(box{.width = 3, .name = "old"});
    hewn::sync<measured_box>(db);
    CHECK(kind("area") == (knows ? "v" : "s"));
    CHECK(db.get<measured_box>(1).area == 9);
  }
  SECTION("and stays stored where an earlier server stored it") {
    db.script(
        "CREATE TABLE boxes (id bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, width bigint "
        "NOT NULL, name text NOT NULL, area bigint NOT NULL GENERATED ALWAYS AS (width * width) "
        "STORED)");
    CHECK(hewn::sync<measured_box>(db).empty());
  }
  CHECK(db.insert(measured_box{.width = 4, .name = "b"}).area == 16);
}

TEST_CASE("a generated column is stored where nothing else is possible", "[p:B8]") {
  const hewn::schema::column computed{.name = "sum",
                                      .type = "bigint",
                                      .generated = hewn::schema::generated::on_read,
                                      .generated_text = "a + b"};
  const auto placed = [&](hewn::schema::table t, int version, const char* type = "bigint") {
    t.columns = {computed};
    t.columns[0].type = type;
    const hewn::schema::database all{.enumerations = {{.name = "mood", .labels = {"calm"}}}};
    hewn::postgres::detail::place_generated(t, all, version);
    return t.columns[0].generated;
  };
  using hewn::schema::generated;
  CHECK(placed({}, 170000) == generated::stored);
  CHECK(placed({}, 180000) == generated::on_read);
  CHECK(placed({}, 180000, "mood") == generated::stored);
  CHECK(placed({.unique_keys = {{.columns = {"sum"}}}}, 180000) == generated::stored);
  CHECK(placed({.foreign_keys = {{.columns = {"sum"}}}}, 180000) == generated::stored);
  CHECK(placed({.indexes = {{.parts = {{.text = "sum"}}}}}, 180000) == generated::stored);
  CHECK(placed({.indexes = {{.parts = {{.text = "a"}}, .where = "sum > 0"}}}, 180000) ==
        generated::stored);
}

namespace {

/// Every clause that the catalog knows of tables and that a statement can write.
std::string every_clause(int version) {
  std::string sql =
      "CREATE TABLE parents (a int, b int, c text NOT NULL, d text DEFAULT 'x', CONSTRAINT "
      "parents_key "
      "PRIMARY KEY (a, b) INCLUDE (c) WITH (fillfactor=70) DEFERRABLE INITIALLY DEFERRED, "
      "CONSTRAINT "
      "late UNIQUE (c) DEFERRABLE, CONSTRAINT odd CHECK (a > 0) NO INHERIT, CONSTRAINT wide UNIQUE "
      "(b, a) INCLUDE (\"c\", d) WITH (fillfactor=80));"
      "CREATE TABLE numbered (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY WITH "
      "(fillfactor=90));"
      "CREATE TABLE children (id bigint PRIMARY KEY DEFERRABLE, a int, \"B b\" int, other int, n "
      "bigint, note text, CONSTRAINT pair FOREIGN KEY (a, \"B b\") REFERENCES parents (b, a) MATCH "
      "FULL "
      "ON DELETE CASCADE, CONSTRAINT half FOREIGN KEY (a, other) REFERENCES parents (b, a) NOT "
      "VALID, "
      "CONSTRAINT numbered FOREIGN KEY (n) REFERENCES numbered MATCH FULL DEFERRABLE, CONSTRAINT "
      "own "
      "FOREIGN KEY (n) REFERENCES numbered DEFERRABLE INITIALLY DEFERRED);"
      "ALTER TABLE children ADD CONSTRAINT later CHECK (other > 5) NOT VALID, ADD CONSTRAINT "
      "rarely "
      "CHECK (note <> '') NO INHERIT NOT VALID;"
      "ALTER TABLE children DROP CONSTRAINT half, ADD CONSTRAINT half FOREIGN KEY (a, other) "
      "REFERENCES "
      "parents (b, a) NOT VALID;"
      "CREATE INDEX hashed ON children USING hash (note);"
      "CREATE INDEX spans ON children USING brin (n) WITH (pages_per_range=16, autosummarize=on);"
      "CREATE UNIQUE INDEX blank ON children ((note || 'x') bpchar_ops);"
      "CREATE INDEX prefixes ON children (note COLLATE \"C\" text_pattern_ops DESC NULLS LAST, n "
      "NULLS "
      "FIRST) INCLUDE (other, \"B b\") WITH (deduplicate_items=off) WHERE n > 5;";
  if (version >= 150000)
    sql +=
        "CREATE UNIQUE INDEX one_null ON children (n DESC, note) INCLUDE (a) NULLS NOT DISTINCT "
        "WHERE "
        "other > 0; ALTER TABLE children ADD CONSTRAINT alone UNIQUE NULLS NOT DISTINCT (note), "
        "ADD "
        "CONSTRAINT full_pair FOREIGN KEY (a, other) REFERENCES parents (b, a) MATCH FULL ON "
        "DELETE "
        "CASCADE, "
        "ADD CONSTRAINT a_part FOREIGN KEY (a, \"B b\") REFERENCES parents (b, a) ON DELETE SET "
        "NULL "
        "(\"B b\") ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED, ADD CONSTRAINT defaults "
        "FOREIGN KEY "
        "(other, a) REFERENCES parents (b, a) ON DELETE SET DEFAULT (a, other);";
  if (version >= 180000)
    sql +=
        "ALTER TABLE children ADD CONSTRAINT hope CHECK (n > 7) NOT ENFORCED, ADD CONSTRAINT wish "
        "FOREIGN "
        "KEY (n) REFERENCES numbered ON DELETE CASCADE NOT ENFORCED;"
        "CREATE TABLE stays (room int4range, span int4range, CONSTRAINT stays_key PRIMARY KEY "
        "(room, span "
        "WITHOUT OVERLAPS)); CREATE TABLE meals (room int4range, span int4range, CONSTRAINT during "
        "FOREIGN KEY (room, PERIOD span) REFERENCES stays (room, PERIOD span), CONSTRAINT once "
        "UNIQUE "
        "(room, span WITHOUT OVERLAPS));";
  return sql;
}

std::vector<std::string> sorted_names(const hewn::schema::database& of) {
  std::vector<std::string> out;
  for (const hewn::schema::other_object& o : of.others) out.push_back(o.table + ": " + o.name);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("a schema that is copied has every clause that the catalog knows", "[p:A8]") {
  const auto from = support::open_new();
  from.script(every_clause(PQserverVersion(from.connection().native().native())));
  const hewn::schema::database original = hewn::postgres::introspect(from.connection().native());
  const auto db = support::open_new();
  const auto executor = hewn::detail::executor_of(db);
  const hewn::wanted_schema wanted{.schema = original, .complete = true};
  const hewn::plan planned = hewn::make_plan(*executor, wanted);
  CAPTURE(hewn::report(planned));
  REQUIRE_FALSE(planned.blocked());
  hewn::apply(*executor, planned);
  const hewn::schema::database copy = hewn::postgres::introspect(db.connection().native());
  for (const hewn::schema::table& t : original.tables) {
    INFO(t.name);
    const hewn::schema::table* const made = copy.find_table(t.name);
    REQUIRE(made != nullptr);
    CHECK(made->columns == t.columns);
    CHECK(made->primary_key_terms == t.primary_key_terms);
    CHECK(made->primary_key_storage == t.primary_key_storage);
    CHECK(made->unique_keys == t.unique_keys);
    CHECK(made->checks == t.checks);
    CHECK(made->foreign_keys == t.foreign_keys);
    CHECK(made->indexes == t.indexes);
  }
  CHECK(sorted_names(copy) == sorted_names(original));
  CHECK(hewn::make_plan(*executor, wanted).empty());
}

TEST_CASE("a table that was dropped comes back with every clause", "[p:A8]") {
  const auto db = support::open_new();
  db.script(every_clause(PQserverVersion(db.connection().native().native())));
  const hewn::schema::database before = hewn::postgres::introspect(db.connection().native());
  const auto executor = hewn::detail::executor_of(db);
  hewn::wanted_schema wanted{.schema = before, .complete = true};
  std::erase_if(wanted.schema.tables,
                [](const hewn::schema::table& t) { return t.name == "children"; });
  wanted.intents = {{.kind = hewn::intent_kind::drop_table, .table = "children"}};
  const hewn::plan done = hewn::apply(*executor, hewn::make_plan(*executor, wanted));
  CHECK(hewn::postgres::introspect(db.connection().native()).find_table("children") == nullptr);
  const hewn::plan back = hewn::plan_undo(*executor, done);
  CAPTURE(hewn::report(back));
  hewn::apply(*executor, back);
  const hewn::schema::database after = hewn::postgres::introspect(db.connection().native());
  CHECK(*after.find_table("children") == *before.find_table("children"));
}

TEST_CASE("a clause that a plan does not write is a reason not to make its table", "[p:A8]") {
  for (const std::string clause :
       {"CREATE TABLE t (a int, CONSTRAINT apart EXCLUDE (a WITH =))",
        "CREATE TABLE t (a int); ALTER TABLE t ENABLE ROW LEVEL SECURITY",
        "CREATE UNLOGGED TABLE t (a int)",
        "CREATE TABLE t (a int PRIMARY KEY, b int REFERENCES t); ALTER TABLE t DISABLE TRIGGER "
        "ALL"}) {
    INFO(clause);
    const auto from = support::open_new();
    from.script(clause);
    const auto db = support::open_new();
    const auto executor = hewn::detail::executor_of(db);
    const hewn::plan planned = hewn::make_plan(
        *executor,
        {.schema = hewn::postgres::introspect(from.connection().native()), .complete = true});
    CAPTURE(hewn::report(planned));
    CHECK(planned.blocked());
    CHECK(planned.steps().empty());
  }
}

TEST_CASE("types are named as the server names them") {
  const std::string types =
      "DROP SCHEMA IF EXISTS aside CASCADE; CREATE SCHEMA aside; CREATE DOMAIN aside.mail AS text; "
      "CREATE TYPE aside.\"Size\" AS ENUM "
      "('S', 'M')";
  const auto from = support::open_new();
  from.script(types +
              "; CREATE TYPE \"Mood\" AS ENUM ('calm', 'Bright'); CREATE TABLE people (id "
              "bigint PRIMARY KEY, moods \"Mood\"[] DEFAULT ARRAY['calm']::\"Mood\"[], "
              "address aside.mail, sizes aside.\"Size\"[], spans interval day to second(3))");
  const hewn::wanted_schema wanted{.schema = hewn::postgres::introspect(from.connection().native()),
                                   .complete = true};
  const auto db = support::open_new();
  SECTION("in a table that is made") {}
  SECTION("in columns that rows get") {
    db.script("CREATE TABLE people (id bigint PRIMARY KEY); INSERT INTO people VALUES (1)");
  }
  const auto executor = hewn::detail::executor_of(db);
  const hewn::plan planned = hewn::make_plan(*executor, wanted);
  CAPTURE(hewn::report(planned));
  REQUIRE_FALSE(planned.blocked());
  hewn::apply(*executor, planned);
  CHECK(hewn::make_plan(*executor, wanted).empty());
  const auto made = hewn::postgres::introspect(db.connection().native());
  CHECK(made.find_table("people")->columns == wanted.schema.find_table("people")->columns);
  // A value that the type gets later.
  from.script("ALTER TYPE \"Mood\" ADD VALUE 'dark'");
  const hewn::wanted_schema later{.schema = hewn::postgres::introspect(from.connection().native()),
                                  .complete = true};
  hewn::apply(*executor, hewn::make_plan(*executor, later));
  CHECK(hewn::make_plan(*executor, later).empty());
  db.script("INSERT INTO people (id, moods) VALUES (2, '{dark}')");
}

TEST_CASE("an index that needs another function than is there is blocked, and nothing else") {
  const std::string table =
      "CREATE TABLE posts (id bigint PRIMARY KEY, score bigint); CREATE FUNCTION rank(bigint) "
      "RETURNS bigint LANGUAGE plpgsql ";
  const auto from = support::open_new();
  from.script(
      table +
      "IMMUTABLE AS 'BEGIN RETURN 1; END'; CREATE INDEX by_rank ON posts (rank(score)); CREATE "
      "TABLE notes (id bigint PRIMARY KEY)");
  const hewn::wanted_schema wanted{.schema = hewn::postgres::introspect(from.connection().native()),
                                   .complete = true};
  const auto db = support::open_new();
  db.script(table + "VOLATILE AS 'BEGIN RETURN 1; END'");
  const auto executor = hewn::detail::executor_of(db);
  const hewn::plan planned = hewn::make_plan(*executor, wanted);
  CAPTURE(hewn::report(planned));
  REQUIRE(planned.pending().size() == 1);
  CHECK(planned.pending()[0].kind == hewn::change_kind::create_index);
  CHECK(planned.pending()[0].reason == "functions in index expression must be marked IMMUTABLE");
  CHECK(planned.pending()[0].repair == "correct the declaration, or in a migration what it uses");
  CHECK(planned.changes().size() == 2);
  db.script("ALTER FUNCTION rank(bigint) IMMUTABLE");
  hewn::apply(*executor, hewn::make_plan(*executor, wanted));
  CHECK(hewn::make_plan(*executor, wanted).empty());
}

TEST_CASE("what needs something that is missing is blocked, and says what that is", "[p:A8]") {
  const auto db = support::open_new();
  const auto executor = hewn::detail::executor_of(db);
  const hewn::schema::column id{
      .name = "id", .type = "bigint", .not_null = true, .key_position = 1};
  const auto table = [&](const char* name, hewn::schema::column c) {
    return hewn::schema::table{.name = name, .columns = {id, std::move(c)}};
  };
  hewn::wanted_schema wanted;
  wanted.schema.tables = {
      table("of_domain", {.name = "v", .type = "email_address"}),
      table("of_extension", {.name = "v", .type = "vector(3)"}),
      table("of_sequence",
            {.name = "v", .type = "bigint", .default_text = "nextval('no_such_seq')"}),
      table("of_function", {.name = "v", .type = "text"}),
      table("of_parent", {.name = "v", .type = "bigint"}),
      table("sound", {.name = "v", .type = "text"})};
  wanted.schema.tables[3].checks.push_back({"spelled", "no_such_function(v)"});
  wanted.schema.tables[4].foreign_keys.push_back(
      {.name = "k", .columns = {"v"}, .target_table = "of_domain", .target_columns = {"id"}});
  const auto check = [&] {
    const hewn::plan planned = hewn::make_plan(*executor, wanted);
    const std::string text = hewn::report(planned);
    CAPTURE(text);
    CHECK(planned.blocked());
    CHECK(planned.pending().size() == 5);
    for (const char* const said :
         {"type \"email_address\" does not exist", "type \"vector\" does not exist",
          "relation \"no_such_seq\" does not exist",
          "function no_such_function(text) does not exist",
          "it refers to of_domain, which cannot be created"})
      CHECK(text.find(said) != std::string::npos);
    for (const hewn::change& c : planned.changes())
      CHECK((c.verdict == hewn::verdict::blocked) == (c.table != "sound"));
    CHECK(says(failure_of([&] { hewn::apply(*executor, planned); }), "vector"));
  };
  bool sequence_comes_late = false;
  SECTION("in a new table") { check(); }
  SECTION("in a column that is added") {
    for (const hewn::schema::table& t : wanted.schema.tables)
      if (t.name != "sound" && t.name != "of_parent" && t.name != "of_domain")
        db.script("CREATE TABLE " + t.name + " (id bigint PRIMARY KEY)");
    check();
    // It would number the rows.
    sequence_comes_late = true;
  }
  db.script(
      "CREATE DOMAIN email_address AS text; CREATE SEQUENCE no_such_seq; CREATE TYPE vector AS "
      "ENUM ('a'); CREATE FUNCTION no_such_function(text) RETURNS boolean LANGUAGE sql AS 'SELECT "
      "true'");
  wanted.schema.tables[1].columns[1].type = "vector";
  if (sequence_comes_late) wanted.schema.tables.erase(wanted.schema.tables.begin() + 2);
  hewn::apply(*executor, hewn::make_plan(*executor, wanted));
  CHECK(hewn::make_plan(*executor, wanted).empty());
}

TEST_CASE("a key over periods is another one than a key of the same columns", "[p:A8]") {
  const auto db = support::open_new();
  if (PQserverVersion(db.connection().native().native()) < 180000) return;
  db.script(
      "CREATE TABLE stays (room int4range, span int4range, CONSTRAINT once UNIQUE (room, span "
      "WITHOUT OVERLAPS)); CREATE TABLE meals (room int4range, span int4range, CONSTRAINT during "
      "FOREIGN KEY (room, PERIOD span) REFERENCES stays (room, PERIOD span))");
  const auto live = hewn::postgres::introspect(db.connection().native());
  CHECK(live.find_table("stays")->unique_keys.at(0).terms == "WITHOUT OVERLAPS");
  CHECK(live.find_table("meals")->foreign_keys.at(0).terms == "PERIOD");
}
