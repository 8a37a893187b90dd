// tests/migrate/expect_test.cpp - migrations that make the tables of the structs, and others.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>

#include <support/failure.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <string>

using hewn::errc;
using hewn::expect_migrations_reach;
using hewn::migrator;
using support::failure_of;
using support::says;

namespace {

struct team {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("teams").unique<&team::name>(); }
};

struct player {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  static consteval auto table() {
    return hewn::table("players").references<&player::team_id, &team::id>();
  }
};

}  // namespace

TEST_CASE("migrations that reach the structs, and migrations that do not") {
  const auto start =
      "-- up\nCREATE TABLE teams (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);";
  {
    auto db = hewn::sqlite::open(":memory:");
    migrator m(db, hewn::read_migrations(
                       {{"0001_teams.sql", start},
                        {"0002_players.sql",
                         "-- up\nCREATE TABLE players (id INTEGER PRIMARY KEY, team_id INTEGER NOT "
                         "NULL REFERENCES teams (id));"}}));
    expect_migrations_reach<team, player>(db, m);
  }
  auto db = hewn::sqlite::open(":memory:");
  migrator m(db, hewn::read_migrations({{"0001_teams.sql", start}}));
  const hewn::error failure = failure_of([&] { expect_migrations_reach<team, player>(db, m); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(says(failure, "do not make the tables that the structs declare"));
  CHECK(says(failure, "players"));
}
