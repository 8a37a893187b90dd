// tests/migrate/history/adopt_test.cpp - databases that another tool has migrated.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>

#include <support/failure.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

using hewn::errc;
using hewn::migration_state;
using hewn::migrator;
using support::failure_of;
using support::says;

namespace {

std::vector<hewn::migration_file> three() {
  return hewn::read_migrations({{"0001_users.sql", "-- up\nCREATE TABLE users (x);"},
                                {"0002_teams.sql", "-- up\nCREATE TABLE teams (x);"},
                                {"0003_roles.sql", "-- up\nCREATE TABLE roles (x);"}});
}

std::vector<std::string> rows(const hewn::sqlite::database& db, std::string_view sql) {
  return db.all<std::string>(hewn::dynamic_sql(sql));
}

using list = std::vector<std::string>;

}  // namespace

TEST_CASE("schema_migrations(version, applied_at) is taken over") {
  auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE users (x); CREATE TABLE teams (x);"
      "CREATE TABLE schema_migrations (version INTEGER PRIMARY KEY, applied_at TEXT);"
      "INSERT INTO schema_migrations VALUES (2, '2024-05-06 07:08:09'), (1, 1700000000)");
  migrator m(db, three());
  CHECK(m.adopt("schema_migrations") == 2);
  CHECK(rows(db, "SELECT version || event || at || reason FROM hewn_migrations ORDER BY id") ==
        list{"1adopted2023-11-14 22:13:20adopted from schema_migrations",
             "2adopted2024-05-06 07:08:09adopted from schema_migrations"});
  CHECK(m.adopt("schema_migrations") == 0);
  CHECK(m.up().results.size() == 1);
  CHECK(m.status()[0].state == migration_state::applied);
  CHECK(rows(db, "SELECT CAST(COUNT(*) AS TEXT) FROM schema_migrations") == list{"2"});
  // From now on its files are watched like all others.
  auto files = hewn::read_migrations({{"0001_users.sql", "-- up\nCREATE TABLE users (y);"},
                                      {"0002_teams.sql", "-- up\nCREATE TABLE teams (x);"},
                                      {"0003_roles.sql", "-- up\nCREATE TABLE roles (x);"}});
  CHECK(failure_of([&] { migrator(db, files).up(); }).code() == errc::checksum);
}

TEST_CASE("migrations(id, applied_at, checksum) is taken over") {
  auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE users (x); CREATE TABLE teams (x); CREATE TABLE roles (x);"
      "CREATE TABLE migrations (id TEXT PRIMARY KEY, applied_at TEXT, checksum TEXT);"
      "INSERT INTO migrations VALUES ('0001_users.sql', 'last monday', 'abc'), ('V2__teams', NULL, "
      "NULL), ('roles', '2024-05-06T07:08:09Z', 'def')");
  migrator m(db, three());
  CHECK(m.adopt("migrations") == 3);
  CHECK(rows(db, "SELECT reason FROM hewn_migrations ORDER BY id") ==
        list{"adopted from migrations, applied at last monday, checksum there abc",
             "adopted from migrations", "adopted from migrations, checksum there def"});
  CHECK(m.up().empty());
}

TEST_CASE("what cannot be taken over changes nothing") {
  auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE schema_migrations (version TEXT, applied_at TEXT);"
      "INSERT INTO schema_migrations VALUES ('1', ''), ('4', ''), ('x', '');"
      "CREATE TABLE other (version INTEGER, at INTEGER)");
  migrator m(db, three());
  const hewn::error unknown = failure_of([&] { m.adopt("schema_migrations"); });
  CHECK(unknown.code() == errc::schema_mismatch);
  CHECK(says(unknown, "records migrations that are not there (4, x)"));
  CHECK(says(failure_of([&] { m.adopt("other"); }), "is no migration history that can be adopted"));
  CHECK(says(failure_of([&] { m.adopt("none"); }), "there is no table none to adopt"));
  CHECK(rows(db, "SELECT name FROM sqlite_master WHERE name LIKE 'hewn%'").empty());
}
