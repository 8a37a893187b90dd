// tests/live/migrations_test.cpp - running migrations, on both databases.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

using hewn::errc;
using hewn::migration_options;
using hewn::migration_state;
using hewn::migrator;
using support::failure_of;
using support::number;
using support::open_new;
using support::says;

namespace {

using versions = std::vector<std::int64_t>;
using states = std::vector<std::pair<std::int64_t, migration_state>>;
using enum hewn::migration_state;

versions of(const hewn::migration_report& report) {
  versions out;
  for (const auto& r : report.results) out.push_back(r.version);
  return out;
}

template <class Driver>
states states_of(const migrator<Driver>& m) {
  states out;
  for (const auto& s : m.status()) out.emplace_back(s.version, s.state);
  return out;
}

std::vector<std::string> words(const std::vector<hewn::loss>& losses) {
  std::vector<std::string> out;
  for (const hewn::loss& l : losses) out.push_back(to_string(l));
  return out;
}

std::vector<hewn::migration_file> three() {
  return hewn::read_migrations(
      {{"0001_users.sql",
        "-- up\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);\n"
        "INSERT INTO users VALUES (1, 'Ada'), (2, 'Grace'), (3, NULL);\n-- down\nDROP TABLE "
        "users;"},
       {"0002_mail.sql",
        "-- up\nALTER TABLE users ADD COLUMN mail TEXT;\n-- down\nALTER TABLE users DROP COLUMN "
        "mail;"},
       {"0003_teams.up.sql", "CREATE TABLE teams (id INTEGER PRIMARY KEY);"},
       {"0003_teams.down.sql", "DROP TABLE teams;"}});
}

migration_options approving(migration_options o = {}) {
  o.approve = [](const hewn::destruction&) { return true; };
  return o;
}

// The losses of version 2, which is `sql`, behind the users.
std::vector<std::string> losses_of(const std::string& sql, const std::string& declared = {}) {
  auto db = open_new();
  const auto text = declared + "-- up\n" + sql;
  const std::string create =
      "-- up\nCREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);\nINSERT INTO "
      "users VALUES (1, 'Ada', 36), (2, 'Grace', NULL), (3, NULL, 5);\nCREATE TABLE notes (id "
      "INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id) ON DELETE CASCADE);\nINSERT "
      "INTO notes VALUES (1, 1), (2, 1), (3, 2);\nCREATE TABLE empties (id INTEGER PRIMARY KEY, "
      "a TEXT);";
  const auto files = hewn::read_migrations({{"0001_users.sql", create}, {"0002_change.sql", text}});
  migrator(db, files).up_to(1);
  migrator m(db, files, {.rules = hewn::policy::standard()});
  const hewn::migration_report would = m.dry_run();
  REQUIRE_FALSE(would.failure.has_value());
  const std::vector<std::string> out = words(would.results.at(0).losses);
  CHECK(number(db, "SELECT count(*) FROM users") == 3);  // nothing has happened
  CHECK(states_of(m) == states{{1, applied}, {2, pending}});
  bool waits = false;
  for (const hewn::loss& l : would.results.at(0).losses) waits |= !l.declared;
  if (!waits) {
    CHECK(words(m.up().results.at(0).losses) == out);
    return out;
  }
  const hewn::error refused = failure_of([&] { m.up(); });
  CHECK(refused.code() == errc::approval_required);
  for (const std::string& line : out) CHECK(says(refused, "\n  " + line));
  CHECK(states_of(m) == states{{1, applied}, {2, pending}});
  migrator allowed(
      db, files,
      {.approvals = {m.approve(would.results.at(0), "a test wants it", {.approver = "ada"})},
       .rules = hewn::policy::standard()});
  CHECK(words(allowed.up().results.at(0).losses) == out);
  CHECK(states_of(m) == states{{1, applied}, {2, applied}});
  return out;
}

using lines = std::vector<std::string>;

}  // namespace

TEST_CASE("migrations go up and down, and the history says where they stand") {
  auto db = open_new();
  migrator m(db, three(), approving());
  CHECK(states_of(m) == states{{1, pending}, {2, pending}, {3, pending}});
  CHECK(says(failure_of([&] { m.require_current(); }), "is pending"));
  CHECK(of(m.up_by_one()) == versions{1});
  CHECK(of(m.up_to(2)) == versions{2});
  CHECK(of(m.up()) == versions{3});
  CHECK(m.up().empty());
  m.validate();
  m.require_current();
  CHECK(of(m.redo()) == versions{3, 3});
  CHECK(of(m.down()) == versions{3});
  CHECK(of(m.dry_run()) == versions{3});
  CHECK(of(m.dry_run_down()) == versions{2});
  CHECK(of(m.down_to(1)) == versions{2});
  CHECK(states_of(m) == states{{1, applied}, {2, reverted}, {3, reverted}});
  CHECK(number(db, "SELECT count(*) FROM hewn_migrations") == 7);
  CHECK(failure_of([&] { m.reset(); }).code() == errc::usage);
  migrator free(db, three(), approving({.policy = hewn::migration_policy::development}));
  free.up();
  CHECK(of(free.reset()) == versions{3, 2, 1});
  CHECK(support::idle(db));
}

TEST_CASE("all or nothing is all or nothing") {
  auto db = open_new();
  auto files = three();
  files.push_back(hewn::read_migrations({{"0004_bad.sql",
                                          "-- up\nINSERT INTO nowhere VALUES "
                                          "(1);"}})
                      .at(0));
  migrator m(db, files, {.all_or_nothing = true});
  CHECK(says(failure_of([&] { m.up(); }), "migration 4 (bad) failed in 0004_bad.sql:2"));
  CHECK(states_of(m) == states{{1, pending}, {2, pending}, {3, pending}, {4, pending}});
  files.pop_back();
  CHECK(of(migrator(db, files, {.all_or_nothing = true}).up()) == versions{1, 2, 3});
  CHECK(says(failure_of([&] { migrator(db, files, {.all_or_nothing = true}).down_to(0); }),
             "the table users with 3 rows"));
  CHECK(of(migrator(db, files, approving({.all_or_nothing = true})).down_to(0)) ==
        versions{3, 2, 1});
}

TEST_CASE("a migration that fails leaves nothing, and what came before stays") {
  auto db = open_new();
  auto files = three();
  files.push_back(hewn::read_migrations({{"0004_bad.sql",
                                          "-- up\nCREATE TABLE extra (x TEXT);\nINSERT INTO "
                                          "nowhere VALUES (1);"}})
                      .at(0));
  migrator m(db, files);
  const hewn::error failure = failure_of([&] { m.up(); });
  CHECK(says(failure, "migration 4 (bad) failed in 0004_bad.sql:3 and was rolled back"));
  CHECK(states_of(m) == states{{1, applied}, {2, applied}, {3, applied}, {4, pending}});
  CHECK(db.connection().native().column_names("extra").empty());
  const hewn::migration_report dry = m.dry_run();
  REQUIRE(dry.failure.has_value());
  CHECK(says(*dry.failure, "migration 4 (bad) failed in 0004_bad.sql:3"));
  CHECK(support::idle(db));
}

TEST_CASE("what a migration destroys is counted, shown and approved") {
  CHECK(losses_of("DELETE FROM notes WHERE id > 1;") == lines{"2 rows of the table notes"});
  CHECK(losses_of("DELETE FROM users WHERE id = 1;") ==
        lines{"1 row of the table users", "2 rows of the table notes"});
  CHECK(losses_of("ALTER TABLE users DROP COLUMN age;") ==
        lines{"the column users.age with 2 values"});
  CHECK(losses_of("DROP TABLE notes;") == lines{"the table notes with 3 rows"});
  CHECK(losses_of("UPDATE users SET name = NULL WHERE id = 1;") ==
        lines{"1 value of the column users.name"});
  CHECK(losses_of("UPDATE users SET name = 'x' || name;") ==
        lines{"2 values of the column users.name, overwritten"});
  CHECK(losses_of("UPDATE users SET name = 'x' || name;", "-- overwrites: users.name\n") ==
        lines{"2 values of the column users.name, overwritten as declared"});
}

TEST_CASE("what destroys nothing is asked about by nobody") {
  CHECK(losses_of("DROP TABLE empties;").empty());
  CHECK(losses_of("DELETE FROM empties; DELETE FROM users WHERE id > 99;").empty());
  CHECK(losses_of("ALTER TABLE empties DROP COLUMN a;").empty());
  CHECK(losses_of("UPDATE users SET age = 1 WHERE age IS NULL;").empty());
  CHECK(losses_of("UPDATE users SET name = name;").empty());
  CHECK(losses_of("ALTER TABLE users RENAME COLUMN name TO called;").empty());
  CHECK(losses_of("ALTER TABLE notes RENAME TO remarks;").empty());
  CHECK(losses_of("ALTER TABLE users ADD COLUMN years INTEGER; UPDATE users SET years = age; "
                  "ALTER TABLE users DROP COLUMN age;")
            .empty());
  CHECK(losses_of("CREATE TABLE fresh (id INTEGER PRIMARY KEY, user_id INTEGER); INSERT INTO fresh "
                  "SELECT id, user_id FROM notes; DROP TABLE notes; ALTER TABLE fresh RENAME TO "
                  "notes;")
            .empty());
  CHECK(losses_of("CREATE TABLE remarks (id INTEGER PRIMARY KEY, user_id INTEGER); INSERT INTO "
                  "remarks SELECT id, user_id FROM notes; DROP TABLE notes;")
            .empty());
}

TEST_CASE("steps are committed one by one, and go on where they stopped") {
  auto db = open_new();
  const std::string head = "-- no transaction\n-- up\nCREATE TABLE a (x INTEGER);\n";
  migrator broken(db, hewn::read_migrations(
                          {{"0001_a.sql", head + "INSERT INTO nowhere VALUES (1);\nINSERT INTO a "
                                                 "VALUES (2);"}}));
  CHECK(says(failure_of([&] { broken.up(); }), "and what came before it stays done"));
  CHECK(states_of(broken) == states{{1, interrupted}});
  CHECK(number(db, "SELECT count(*) FROM hewn_migration_steps") == 1);
  const std::string mended = head + "INSERT INTO a VALUES (1);\nINSERT INTO a VALUES (2);";
  migrator m(db, hewn::read_migrations({{"0001_a.sql", mended}}));
  CHECK(m.up().results.at(0).statements == 2);
  CHECK(number(db, "SELECT sum(x) FROM a") == 3);
  CHECK(number(db, "SELECT count(*) FROM hewn_migration_steps") == 0);
  migrator other(db,
                 hewn::read_migrations({{"0001_a.sql", mended},
                                        {"0002_b.sql",
                                         "-- no transaction\n-- up\nDELETE FROM a WHERE x = 1;\n"
                                         "DELETE FROM a;"}}));
  CHECK(failure_of([&] { other.up(); }).code() == errc::approval_required);
  CHECK(number(db, "SELECT count(*) FROM a") == 2);
  const auto would = other.dry_run();
  CHECK(words(would.results.at(0).losses) == lines{"2 rows of the table a"});
  migrator allowed(
      db,
      hewn::read_migrations({{"0001_a.sql", mended},
                             {"0002_b.sql",
                              "-- no transaction\n-- up\nDELETE FROM a WHERE x = "
                              "1;\nDELETE FROM a;"}}),
      {.approvals = {other.approve(would.results.at(0), "a test wants it", {.approver = "ada"})}});
  CHECK(words(allowed.up().results.at(0).losses) == lines{"2 rows of the table a"});
  CHECK(number(db, "SELECT count(*) FROM a") == 0);
}

TEST_CASE("one approval serves all steps of a migration") {
  auto db = open_new();
  db.script(
      "CREATE TABLE a (id INTEGER PRIMARY KEY, x INTEGER); INSERT INTO a VALUES (1, 1), (2, 2); "
      "CREATE TABLE b (id INTEGER PRIMARY KEY); INSERT INTO b VALUES (1)");
  const auto files = hewn::read_migrations(
      {{"0001_less.sql",
        "-- no transaction\n-- up\nALTER TABLE a DROP COLUMN x;\nDELETE FROM a WHERE id = "
        "1;\nDROP TABLE b;"}});
  migrator m(db, files);
  const auto would = m.dry_run().results.at(0);
  CHECK(would.losses.size() == 3);
  CHECK(failure_of([&] { m.up(); }).code() == errc::approval_required);
  CHECK(number(db, "SELECT count(*) FROM b") == 1);
  migrator allowed(db, files, {.approvals = {m.approve(would, "a test", {.approver = "ada"})}});
  const auto done = allowed.up().results.at(0);
  CHECK(done.losses.size() == 3);
  CHECK(number(db, "SELECT count(*) FROM a") == 1);
}

TEST_CASE("migrations in C++ and batches run and are judged like files") {
  auto db = open_new();
  const auto files = hewn::read_migrations(
      {{"0001_a.sql",
        "-- up\nCREATE TABLE a (id INTEGER PRIMARY KEY, x INTEGER NOT NULL DEFAULT 0);\nINSERT "
        "INTO a (id) VALUES (1), (2), (3), (4), (5);"}});
  const auto make = [&](std::vector<std::string> overwrites) {
    migrator m(db, files);
    m.add({.version = 2,
           .name = "fill",
           .id = "1",
           .batches = {{.table = "a",
                        .size = 2,
                        .change =
                            [](auto& tx, std::int64_t first, std::int64_t last) {
                              tx.execute(hewn::sql<"UPDATE a SET x = x + 1 WHERE id BETWEEN ? "
                                                   "AND ?">,
                                         first, last);
                            }}},
           .overwrites = std::move(overwrites)});
    m.add({.version = 3,
           .name = "more",
           .id = "1",
           .up = [](auto& tx) { tx.execute(hewn::sql<"INSERT INTO a (id) VALUES (6)">); },
           .down = [](auto& tx) { tx.execute(hewn::sql<"DELETE FROM a WHERE id = 6">); }});
    return m;
  };
  auto careless = make({});
  CHECK(says(failure_of([&] { careless.up(); }), "5 values of the column a.x, overwritten"));
  CHECK(number(db, "SELECT sum(x) FROM a") == 0);
  auto m = make({"a.x"});
  const auto report = m.up();
  CHECK(of(report) == versions{2, 3});
  CHECK(report.results.at(0).rows == 5);
  CHECK(number(db, "SELECT sum(x) FROM a") == 5);
  CHECK(says(failure_of([&] { m.down(); }), "1 row of the table a"));
}

TEST_CASE("a baseline is proved, and other tools' histories are adopted") {
  auto db = open_new();
  db.script("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)");
  migrator m(db, three());
  const hewn::error other = failure_of([&] { m.baseline(2, "a test"); });
  CHECK(other.code() == errc::schema_mismatch);
  CHECK(says(other, "users: add column mail"));
  m.baseline(1, "a test");
  CHECK(of(m.up()) == versions{2, 3});
  CHECK(says(failure_of([&] { m.baseline(1, "again"); }), "it needs no baseline"));

  auto old = open_new();
  old.script(
      "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, applied_at TIMESTAMP); INSERT "
      "INTO schema_migrations VALUES (1, '2026-01-02 03:04:05')");
  old.script("CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT)");
  migrator taken(old, three());
  CHECK(taken.adopt("schema_migrations") == 1);
  CHECK(taken.adopt("schema_migrations") == 0);
  CHECK(of(taken.up()) == versions{2, 3});
  CHECK(says(failure_of([&] { taken.adopt("nowhere"); }), "there is no table nowhere"));
}

TEST_CASE("what was edited after it was applied is refused, and repaired") {
  auto db = open_new();
  migrator(db, three()).up();
  auto edited = three();
  edited[1].info.checksum = "another";
  migrator m(db, edited);
  CHECK(failure_of([&] { m.up(); }).code() == errc::checksum);
  m.repair(2, "a test wants it");
  m.validate();
}

TEST_CASE("a squashed migration is recorded where its parts were applied") {
  auto db = open_new();
  migrator(db, three()).up();
  migrator m(db, hewn::read_migrations(
                     {{"0004_all.sql",
                       "-- replaces: 1, 2, 3\n-- up\nCREATE TABLE users (id INTEGER PRIMARY KEY, "
                       "name TEXT, mail TEXT);\nCREATE TABLE teams (id INTEGER PRIMARY KEY);"}}));
  CHECK(of(m.up()) == versions{4});
  m.require_current();
}

TEST_CASE("one folder serves both databases") {
  auto db = open_new();
  const auto files = hewn::read_migrations(
      {{"0001_a.sql", "-- up\nCREATE TABLE a (x INTEGER);"},
       {"0002_b.sqlite.sql", "-- up\nINSERT INTO a VALUES (1);"},
       {"0002_b.postgres.sql", "-- up\nINSERT INTO a SELECT n FROM generate_series(1, 2) AS n;"},
       {"0003_c.sqlite.sql", "-- up\nINSERT INTO a VALUES (10);"},
       {"0004_d.postgres.sql", "-- up\nINSERT INTO a VALUES (100);"},
       {"0005_e.sql", "-- up\nINSERT INTO a VALUES (1000);"}});
  migrator m(db, files);
  const std::int64_t only = support::on_postgres ? 4 : 3;
  CHECK(of(m.up()) == versions{1, 2, only, 5});
  CHECK(number(db, "SELECT sum(x) FROM a") == (support::on_postgres ? 1103 : 1011));
  m.require_current();
  CHECK(m.status().size() == 4);
}
