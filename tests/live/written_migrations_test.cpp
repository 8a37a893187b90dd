// tests/live/written_migrations_test.cpp - plans as migrations, and structs against migrations.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/place.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::errc;
using hewn::migrator;
using support::failure_of;
using support::number;
using support::open_new;
using support::says;
using support::temporary_folder;

namespace {

hewn::migration_options approving() {
  return {.approve = [](const hewn::destruction&) { return true; }};
}

template <class... Tables>
void check_reached(const support::database& db) {
  const hewn::plan rest = hewn::plan_sync<Tables...>(db);
  INFO(hewn::report(rest));
  CHECK(rest.empty());
}

template <class... Tables>
struct set {};

/// Brings a database from the first structs to the others by a file that is written, and back where
/// it says how; `rows` are there meanwhile. Returns the file.
template <class... Before, class... After>
std::string there_and_back(set<Before...>, set<After...>, const std::string& rows = {},
                           const hewn::sync_options& meant = {}) {
  const temporary_folder folder("written");
  auto db = open_new();
  if constexpr (sizeof...(Before) > 0) hewn::sync<Before...>(db);
  const hewn::plan p = hewn::plan_sync<After...>(db, meant);
  INFO(hewn::report(p));
  CHECK(hewn::write_migration(db, folder.path, p, "Change it").ends_with("/0001_change_it.sql"));
  check_reached<Before...>(db);  // nothing is applied
  const std::string text = folder.read("0001_change_it.sql");
  INFO(text);
  if (!rows.empty()) db.script(rows);
  migrator m(db, hewn::migrations_in(folder.path), approving());
  m.up();
  check_reached<After...>(db);
  if (text.find("-- irreversible: ") == text.npos) {
    m.down();
    if constexpr (sizeof...(Before) > 0) check_reached<Before...>(db);
    m.up();
    check_reached<After...>(db);
  } else {
    CHECK(text.find("-- down") == text.npos);
  }
  return text;
}

struct team {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("teams"); }
};

struct unique_team {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("teams").unique<&unique_team::name>(); }
};

struct player {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  static consteval auto table() {
    return hewn::table("players").references<&player::team_id, &team::id>();
  }
};

struct free_player {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  static consteval auto table() { return hewn::table("players"); }
};

struct plain {
  std::int64_t id = 0;
  static consteval auto table() { return hewn::table("things"); }
};

struct noted {
  std::int64_t id = 0;
  std::optional<std::string> note;
  static consteval auto table() { return hewn::table("things"); }
};

struct needy {
  std::int64_t id = 0;
  std::string note;
  static consteval auto table() { return hewn::table("things"); }
};

// A default that breaks its own CHECK.
struct contrary {
  std::int64_t id = 0;
  std::string kind = "cash";
  std::int64_t paid = 7;
  static consteval auto table() {
    return hewn::table("things")
        .one_of<&contrary::kind>("cash", "card")
        .default_value<&contrary::paid>(0)
        .check("things_paid", "paid > 0");
  }
};

struct unpaid {
  std::int64_t id = 0;
  std::string kind = "cash";
  static consteval auto table() {
    return hewn::table("things").one_of<&unpaid::kind>("cash", "card");
  }
};

// One value for all rows that have to have different ones.
struct numbered {
  std::int64_t id = 0;
  std::int64_t number = 0;
  static consteval auto table() {
    return hewn::table("things").default_value<&numbered::number>(0).unique<&numbered::number>();
  }
};

bool contains(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("a plan is written as a migration with its way back") {
  const std::string added = there_and_back(set<team>(), set<unique_team, player>());
  CHECK(contains(added, "-- destructive: drop table players\n"));
  CHECK_FALSE(contains(added, "irreversible"));
  there_and_back(set<>(), set<team, player>());
  there_and_back(set<unique_team, player>(), set<team, free_player>());
  const std::string gone = there_and_back(set<noted>(), set<plain>());
  CHECK(contains(gone, "-- destructive: drop column things.note\n"));
  CHECK(contains(gone, "-- note: brings back the schema, not the values: drop column things.note"));
  CHECK(contains(there_and_back(set<needy>(), set<plain>()),
                 "-- irreversible: no row has a value for things.note any more\n"));
  CHECK(contains(there_and_back(set<plain>(), set<needy>()),
                 "-- note: fails where the table has rows, which would have no value: add column "
                 "things.note\n"));
}

TEST_CASE("a way back that rows would stop is not written on either database", "[p:B5]") {
  CHECK(contains(there_and_back(set<contrary>(), set<unpaid>(),
                                "INSERT INTO things (id, kind, paid) VALUES (1, 'cash', 5)"),
                 "things.paid again: rows that are there then violate it"));
  CHECK(contains(there_and_back(set<numbered>(), set<plain>(),
                                "INSERT INTO things (id, number) VALUES (1, 1), (2, 2)"),
                 "again: rows have the same value then"));
  const hewn::sync_options meant{
      .intents = {{.kind = hewn::intent_kind::drop_table, .table = "teams"}}};
  CHECK(contains(there_and_back(set<team, player>(), set<free_player>(),
                                "INSERT INTO teams (id, name) VALUES (1, 'a'); INSERT INTO players "
                                "(id, team_id) VALUES (1, 1)",
                                meant),
                 "again: what rows refer to is gone then"));
}

TEST_CASE("trying the way back leaves the database as it is") {
  const temporary_folder folder("tried");
  auto db = open_new();
  hewn::sync<contrary>(db);
  db.insert(contrary{.paid = 3});
  hewn::write_migration(db, folder.path, hewn::plan_sync<unpaid>(db), "x");
  check_reached<contrary>(db);
  CHECK(number(db, "SELECT count(*) FROM things") == 1);
  CHECK(db.insert(contrary{.paid = 4}).id == 2);
  // Also in a transaction of the program's.
  db.transaction(
      [&](auto&) { hewn::write_migration(db, folder.path, hewn::plan_sync<unpaid>(db), "y"); });
  CHECK(folder.files() == std::vector<std::string>{"0001_x.sql", "0002_y.sql"});
  CHECK(number(db, "SELECT count(*) FROM things") == 2);
}

TEST_CASE("migrations that reach the structs, and migrations that do not") {
  const temporary_folder folder("reached");
  auto writing = open_new();
  hewn::write_migration<team, player>(folder.path, {.name = "all"}, writing);
  {
    auto db = open_new();
    migrator m(db, hewn::migrations_in(folder.path));
    hewn::expect_migrations_reach<team, player>(db, m);
  }
  auto db = open_new();
  migrator m(db, hewn::migrations_in(folder.path));
  const hewn::error failure =
      failure_of([&] { hewn::expect_migrations_reach<unique_team, player>(db, m); });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(says(failure, "do not make the tables that the structs declare"));
  CHECK(says(failure, "teams"));
}

TEST_CASE("an empty database on which all migrations have run is only looked at") {
  auto db = open_new();
  migrator m(db, hewn::read_migrations({{"0001_a.sql", "-- up\nCREATE TABLE a (id INTEGER);"},
                                        {"0002_b.sql",
                                         "-- up\nDROP TABLE a; CREATE TABLE b (id "
                                         "INTEGER);"}}));
  CHECK(m.newest_version() == 2);
  std::vector<std::string> tables;
  m.on_empty_database([&](hewn::schema_executor& executor) {
    for (const auto& t : executor.introspect().tables) tables.push_back(t.name);
    executor.execute("DROP TABLE b");
  });
  CHECK(tables == std::vector<std::string>{"b"});
  CHECK(m.status().front().state == hewn::migration_state::pending);
  CHECK(failure_of([&] { number(db, "SELECT count(*) FROM b"); }).code() == errc::schema_mismatch);
}
