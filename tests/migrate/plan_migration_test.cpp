// tests/migrate/plan_migration_test.cpp - plans as migration files, and the way back.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/schema_source.hpp>

#include <support/failure.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using hewn::errc;
using hewn::migrator;
using support::failure_of;
using support::temporary_folder;

namespace {

using list = std::vector<std::string>;
using database = hewn::sqlite::database;

database made(const std::string& sql) {
  auto db = hewn::sqlite::open(":memory:");
  db.script(sql);
  return db;
}

hewn::wanted_schema declared(const std::string& sql, std::vector<hewn::intent> intents = {}) {
  return {.schema = hewn::sqlite::schema_from_sql(sql),
          .intents = std::move(intents),
          .complete = true};
}

hewn::migration_options approving() {
  return {.approve = [](const hewn::destruction&) { return true; }};
}

/// The schema without what hewn keeps, so that two can be compared.
std::string schema_of(const database& db) {
  std::string out;
  for (const std::string& sql : db.all<std::string>(
           hewn::sql<"SELECT coalesce(sql, '') FROM sqlite_master WHERE tbl_name NOT LIKE 'hewn%' "
                     "AND name NOT LIKE 'sqlite%' ORDER BY type, name">))
    out += sql + ";\n";
  return out;
}

/// Writes the plan from `before` to `after` as a file, runs it, requires that nothing is left to
/// plan; and undoes it where that is possible, and requires the schema of before. Returns the file.
std::string there_and_back(const std::string& before, const std::string& after,
                           std::vector<hewn::intent> intents = {}) {
  const temporary_folder folder("plan_migrations");
  auto db = made(before);
  const hewn::wanted_schema wanted = declared(after, std::move(intents));
  const hewn::plan p = hewn::make_plan(db, wanted);
  INFO(hewn::report(p));
  const std::string old = schema_of(db);
  const std::string path = hewn::write_migration(db, folder.path, p, "Change it");
  CHECK(path.ends_with("/0001_change_it.sql"));
  CHECK(schema_of(db) == old);  // writing applies nothing
  const std::string text = folder.read("0001_change_it.sql");
  INFO(text);
  migrator m(db, hewn::migrations_in(folder.path), approving());
  CHECK(m.up().results.size() == 1);
  const hewn::plan rest = hewn::make_plan(db, hewn::without_once(wanted));
  INFO(hewn::report(rest));
  CHECK(rest.empty());
  if (text.find("-- irreversible: ") == text.npos) {
    CHECK(m.down().results.size() == 1);
    const hewn::plan back = hewn::make_plan(db, declared(before));
    INFO(hewn::report(back));
    CHECK(back.empty());
    CHECK(m.up().results.size() == 1);
  } else {
    CHECK(failure_of([&] { m.down(); }).code() == errc::usage);
  }
  return text;
}

struct guest {
  std::int64_t id = 0;
  std::string name;
  std::string mail;
  static consteval auto table() { return hewn::table("guests"); }
};

struct checked_guest {
  std::int64_t id = 0;
  std::string name;
  std::string mail;
  static consteval auto table() {
    return hewn::table("guests")
        .not_blank<&checked_guest::name>()
        .one_of<&checked_guest::name>("it's; --", "[a]'\n")
        .pattern<&checked_guest::mail>("[^;']*--{2}*", "*'*")
        .url<&checked_guest::mail>();
  }
};

struct dated_guest {
  std::int64_t id = 0;
  std::string name;
  std::string mail;
  std::optional<hewn::timestamp> changed;
  static consteval auto table() {
    return hewn::table("guests").updated<&dated_guest::changed>(hewn::in_database);
  }
};

bool contains(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("additions are undone, which is declared destructive") {
  const std::string text = there_and_back(
      "CREATE TABLE users (id INTEGER PRIMARY KEY); INSERT INTO users VALUES (1)",
      "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);"
      "CREATE TABLE teams (id INTEGER PRIMARY KEY); CREATE INDEX names ON users (name);");
  CHECK(contains(text, "-- up\nCREATE TABLE teams"));
  CHECK(contains(text, "\n-- down\n-- destructive: "));
  CHECK(contains(text, "drop column users.name"));
  CHECK(contains(text, "drop table teams"));
  CHECK_FALSE(contains(text, "-- note"));
  CHECK_FALSE(contains(text, "irreversible"));
}

TEST_CASE("a column that goes is declared destructive and comes back empty") {
  const std::string text = there_and_back(
      "CREATE TABLE users (id INTEGER PRIMARY KEY, fax TEXT); INSERT INTO users VALUES (1, '1')",
      "CREATE TABLE users (id INTEGER PRIMARY KEY)");
  CHECK(contains(text, "-- up\n-- destructive: drop column users.fax\n"));
  CHECK(contains(
      text, "-- down\n-- note: brings back the schema, not the values: drop column users.fax"));
}

TEST_CASE("a generated migration that destroys is not run unasked") {
  const temporary_folder folder("asked");
  auto db = made(
      "CREATE TABLE users (id INTEGER PRIMARY KEY, fax TEXT); INSERT INTO users VALUES (1, '1')");
  hewn::write_migration(
      db, folder.path, hewn::make_plan(db, declared("CREATE TABLE users (id INTEGER PRIMARY KEY)")),
      "no fax");
  migrator m(db, hewn::migrations_in(folder.path));
  const hewn::error failure = failure_of([&] { m.up(); });
  CHECK(failure.code() == errc::approval_required);
  CHECK(support::says(failure, "declared: drop column users.fax"));
}

TEST_CASE("a column that had to have a value cannot come back") {
  const std::string text = there_and_back(
      "CREATE TABLE users (id INTEGER PRIMARY KEY, fax TEXT NOT NULL);"
      "INSERT INTO users VALUES (1, '1')",
      "CREATE TABLE users (id INTEGER PRIMARY KEY)");
  CHECK(contains(text, "-- irreversible: no row has a value for users.fax any more\n"));
  CHECK_FALSE(contains(text, "-- down"));
}

TEST_CASE("values that were converted cannot come back") {
  const std::string text = there_and_back(
      "CREATE TABLE items (id INTEGER PRIMARY KEY, price TEXT);"
      "INSERT INTO items VALUES (1, '12.50')",
      "CREATE TABLE items (id INTEGER PRIMARY KEY, price INTEGER)",
      {{.kind = hewn::intent_kind::convert,
        .table = "items",
        .column = "price",
        .expression = "CAST(round(price * 100) AS INTEGER)"}});
  CHECK(contains(text, "-- foreign keys off\n-- irreversible: change type items.price makes"));
  CHECK(contains(text, "-- destructive: change type items.price"));
}

TEST_CASE("a rebuild with all that hangs on the table goes there and back") {
  const std::string parent =
      "CREATE TABLE child (id INTEGER PRIMARY KEY, p INTEGER REFERENCES parent ON DELETE CASCADE);"
      "CREATE TABLE log (line TEXT);"
      "CREATE VIEW names AS SELECT name FROM parent;"
      "CREATE INDEX by_name ON parent (name);"
      "CREATE TRIGGER logged AFTER UPDATE ON parent BEGIN INSERT INTO log VALUES (old.name); "
      "UPDATE log SET line = line || 'x'; END;";
  const std::string text = there_and_back(
      "CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT);" + parent +
          "INSERT INTO parent VALUES (1, 'a'), (7, 'b'); INSERT INTO child VALUES (1, 1), (2, 7)",
      "CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);" + parent);
  CHECK(contains(text, "-- foreign keys off\n"));
  CHECK(contains(text, "-- down\n"));
  CHECK_FALSE(contains(text, "SELECT (SELECT count(*)"));
}

TEST_CASE("renamings are renamed back") {
  const std::string text = there_and_back(
      "CREATE TABLE users (id INTEGER PRIMARY KEY, mail TEXT); INSERT INTO users VALUES (1, 'a')",
      "CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT)",
      {{.kind = hewn::intent_kind::rename_table, .table = "people", .former = "users"},
       {.kind = hewn::intent_kind::rename_column,
        .table = "people",
        .column = "email",
        .former = "mail"}});
  CHECK_FALSE(contains(text, "destructive"));
  CHECK_FALSE(contains(text, "note"));
}

TEST_CASE("comments in what the author wrote are no annotations") {
  there_and_back("CREATE TABLE a (id INTEGER PRIMARY KEY)",
                 "CREATE TABLE a (id INTEGER PRIMARY KEY);"
                 "CREATE TABLE b (\n-- down\n  id INTEGER PRIMARY KEY,\n-- destructive: no\n x);");
}

TEST_CASE("what is no plan to carry out is no migration") {
  const temporary_folder folder("no_migration");
  auto db = made("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
  const auto refused = [&](const std::string& after) {
    return failure_of(
        [&] { hewn::write_migration(db, folder.path, hewn::make_plan(db, declared(after)), "x"); });
  };
  const hewn::error empty = refused("CREATE TABLE t (id INTEGER PRIMARY KEY)");
  CHECK(empty.code() == errc::usage);
  CHECK(support::says(empty, "a plan without changes makes no migration"));
  const hewn::error blocked = refused("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL)");
  CHECK(blocked.code() == errc::usage);
  CHECK(support::says(blocked, "a plan that is blocked cannot be written as a migration"));
  CHECK(folder.files().empty());
}

TEST_CASE("a migration of a plan joins those that are there") {
  const temporary_folder folder("joins");
  folder.write("20260102030405_users.sql", "-- up\nCREATE TABLE users (id INTEGER PRIMARY KEY);");
  auto db = made("");
  migrator(db, hewn::migrations_in(folder.path)).up();
  const hewn::plan p =
      hewn::make_plan(db, declared("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)"));
  const std::string path = hewn::write_migration(db, folder.path, p, "names");
  CHECK(path.substr(path.rfind('/') + 1).size() == 14 + 10);
  CHECK(migrator(db, hewn::migrations_in(folder.path)).up().results.size() == 1);
}

// ---- ways back that cannot run where there are rows

namespace {

/// The reason why the file of this plan has no way back; empty: it has one. The tables are empty
/// when it is written, and have rows when it is run.
std::string reason_of(const std::string& before, const std::string& rows,
                      const std::string& after) {
  const temporary_folder folder("ways_back");
  auto db = made(before);
  const hewn::plan p = hewn::make_plan(db, declared(after));
  INFO(hewn::report(p));
  hewn::write_migration(db, folder.path, p, "x");
  const std::string text = folder.read("0001_x.sql");
  INFO(text);
  db.script(rows);
  migrator m(db, hewn::migrations_in(folder.path), approving());
  m.up();
  const std::string mark = "-- irreversible: ";
  const std::size_t at = text.find(mark);
  CHECK((at == text.npos) == (text.find("-- down") != text.npos));
  if (at == text.npos) {
    m.down();  // what is written runs
    CHECK(hewn::make_plan(db, declared(before)).empty());
    return {};
  }
  return text.substr(at + mark.size(), text.find('\n', at) - at - mark.size());
}

}  // namespace

TEST_CASE("a way back that rows would stop is not written", "[p:B5]") {
  const std::string t = "CREATE TABLE t (id INTEGER PRIMARY KEY";
  const std::string p = "CREATE TABLE p (id INTEGER PRIMARY KEY);";
  // A default that breaks its own CHECK.
  CHECK(contains(reason_of(t + ", n TEXT, a INTEGER NOT NULL DEFAULT 0 CHECK (a > 0))",
                           "INSERT INTO t VALUES (1, 'x', 5)", t + ", n TEXT)"),
                 "t.a again: rows that are there then violate it"));
  // NULL is no value for this one.
  CHECK(contains(
      reason_of(t + ", a TEXT CHECK (a IS NOT NULL))", "INSERT INTO t VALUES (1, 'x')", t + ")"),
      "t.a again: rows that are there then violate it"));
  // Of the CHECK the values must be guessed.
  CHECK(contains(
      reason_of(t + ", kind TEXT NOT NULL CHECK (kind IN ('cash', 'card')), paid INTEGER NOT NULL "
                    "DEFAULT 7 CHECK (paid IN (100, 200)), at TEXT CHECK (at LIKE '____-__-__'))",
                "INSERT INTO t VALUES (1, 'cash', 100, NULL)",
                t + ", kind TEXT NOT NULL CHECK (kind IN ('cash', 'card')), at TEXT CHECK (at LIKE "
                    "'____-__-__'))"),
      "t.paid again: rows that are there then violate it"));
  // Orphans behind a dropped parent.
  CHECK(contains(reason_of(p + "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER REFERENCES p)",
                           "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1, 1)",
                           "CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER)"),
                 "again: what rows refer to is gone then"));
  // A default that refers to nothing.
  CHECK(contains(reason_of(p + t + ", p INTEGER DEFAULT 7 REFERENCES p)",
                           "INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1)", p + t + ")"),
                 "t.p again: what rows refer to is gone then"));
  // One value for all rows that had to have different ones.
  for (const char* unique : {" UNIQUE)", "); CREATE UNIQUE INDEX i ON t (a)"})
    CHECK(contains(reason_of(t + ", a TEXT NOT NULL DEFAULT 'x'" + unique,
                             "INSERT INTO t VALUES (1, 'x'), (2, 'y')", t + ")"),
                   "again: rows have the same value then"));
}

TEST_CASE("a way back that runs with rows is written", "[p:B5]") {
  const std::string t = "CREATE TABLE t (id INTEGER PRIMARY KEY";
  const std::string p = "CREATE TABLE p (id INTEGER PRIMARY KEY);";
  CHECK(reason_of(t + ", a INTEGER NOT NULL DEFAULT 1 CHECK (a > 0))",
                  "INSERT INTO t VALUES (1, 5)", t + ")") == "");
  CHECK(reason_of(t + ", a TEXT UNIQUE)", "INSERT INTO t VALUES (1, 'x'), (2, 'y')", t + ")") ==
        "");
  CHECK(reason_of(p + t + ", p INTEGER REFERENCES p)",
                  "INSERT INTO p VALUES (1); INSERT INTO t VALUES (1, 1)", p + t + ")") == "");
  // Rows that nobody can make up, and a table that refers to itself.
  CHECK(reason_of(t + ", up INTEGER NOT NULL REFERENCES t, a TEXT CHECK (length(a) = 77), b TEXT)",
                  "INSERT INTO t VALUES (1, 1, NULL, 'x')",
                  t + ", up INTEGER NOT NULL REFERENCES t, a TEXT CHECK (length(a) = 77))") == "");
}

TEST_CASE("a rebuild carries the AUTOINCREMENT counter", "[p:A3]") {
  const temporary_folder folder("plan_counter");
  auto db = made(
      "CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, total TEXT);"
      "INSERT INTO orders VALUES (1, '1'), (9, '2'); DELETE FROM orders WHERE id = 9;");
  hewn::write_migration(db, folder.path,
                        hewn::make_plan(db, declared("CREATE TABLE orders (id INTEGER PRIMARY KEY "
                                                     "AUTOINCREMENT, total INTEGER CHECK (total > "
                                                     "0))")),
                        "Totals");
  // Nobody is asked.
  migrator m(db, hewn::migrations_in(folder.path));
  CHECK(m.up().results.at(0).losses.empty());
  CHECK(contains(schema_of(db), "CHECK"));
  const auto counter = [&] {
    return db.one<std::int64_t>(hewn::sql<"SELECT seq FROM sqlite_sequence WHERE name = 'orders'">);
  };
  CHECK(counter() == 9);
  CHECK(m.down().results.at(0).losses.empty());
  CHECK(counter() == 9);
  db.script("INSERT INTO orders (total) VALUES ('3')");
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT max(id) FROM orders">) == 10);
}

TEST_CASE("a text with a carriage return is no part of a file", "[p:B5]") {
  const temporary_folder folder("plan_migrations");
  const std::string before = "CREATE TABLE t (a TEXT);";
  auto db = made(before + "INSERT INTO t VALUES ('x')");
  for (const std::string text : {"x\r\ny", "x\ry", "\r"}) {
    const auto plan =
        hewn::make_plan(db, declared("CREATE TABLE t (a TEXT, b TEXT DEFAULT '" + text + "');"));
    REQUIRE_FALSE(plan.empty());
    const hewn::error failure =
        failure_of([&] { hewn::write_migration(db, folder.path, plan, "more"); });
    CHECK(failure.code() == errc::usage);
    CHECK(support::says(failure, "cannot hold a text with a carriage return"));
    support::check_grammar(failure);
    CHECK(folder.files().empty());
  }
  const auto written = [&](const std::string& statement) {
    const temporary_folder own("plan_migrations");
    hewn::write_migration(own.path, {.name = "x", .up = {statement}});
    return own.read("0001_x.sql");
  };
  // In a comment it would end the comment.
  CHECK_THROWS_AS(written("CREATE VIEW v AS SELECT 1 -- a remark\rUNION SELECT 2"), hewn::error);
  // Between words it is a line end.
  CHECK(written("CREATE TABLE c (\r\n  a\r\n)") == "-- up\nCREATE TABLE c (\n  a\n);\n");
  there_and_back(before, "CREATE TABLE t (\r\n  a TEXT CHECK (a\r\n<> '\n')\r\n);");
}

TEST_CASE("what declarations say of values is written as a migration, which sync knows again") {
  const temporary_folder folder("plan_migrations");
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<guest>(db);
  hewn::write_migration(db, folder.path, hewn::plan_sync<checked_guest>(db), "Check guests");
  INFO(folder.read("0001_check_guests.sql"));
  migrator m(db, hewn::migrations_in(folder.path), approving());
  CHECK(m.up().results.size() == 1);
  CHECK(hewn::plan_sync<checked_guest>(db).empty());
  CHECK(failure_of([&] {
          db.script("INSERT INTO guests (name, mail) VALUES (' ', 'http://a/----')");
        }).constraint() == "guests_name_not_blank");
  CHECK(m.down().results.size() == 1);
  CHECK(hewn::plan_sync<guest>(db).empty());
}

TEST_CASE("the trigger of updated<> is made and taken away by the migration of its plan") {
  const temporary_folder folder("plan_migrations");
  auto db = hewn::sqlite::open(":memory:");
  SECTION("with its table") {}
  SECTION("with its column") { hewn::sync<guest>(db); }
  const std::string old = schema_of(db);
  hewn::write_migration(db, folder.path, hewn::plan_sync<dated_guest>(db), "date the guests");
  const std::string text = folder.read("0001_date_the_guests.sql");
  CHECK(contains(text, "CREATE TRIGGER \"hewn_updated_guests_changed\""));
  migrator m(db, hewn::migrations_in(folder.path), approving());
  CHECK(m.up().results.size() == 1);
  CHECK(hewn::plan_sync<dated_guest>(db).empty());
  db.insert(dated_guest{.name = "ada"});
  db.execute(hewn::sql<"UPDATE guests SET changed = NULL">);
  db.execute(hewn::sql<"UPDATE guests SET name = 'eve'">);
  CHECK(db.one(hewn::from<dated_guest>).changed.has_value());
  CHECK(m.down().results.size() == 1);
  CHECK(schema_of(db) == old);
}

TEST_CASE("a whole schema that has such a trigger is compared by its text") {
  const std::string table = "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, at TEXT);";
  const std::string trigger =
      "CREATE TRIGGER hewn_updated_t_at AFTER UPDATE ON t WHEN NEW.at IS OLD.at BEGIN UPDATE t SET "
      "at = '2001-01-01' WHERE id = NEW.id AND at IS NOT '2001-01-01'; END;";
  there_and_back(table, table + trigger);
  there_and_back(table + trigger, table);
  there_and_back(table + trigger,
                 "CREATE TABLE t (id INTEGER PRIMARY KEY, n TEXT, at TEXT);" + trigger);
}
