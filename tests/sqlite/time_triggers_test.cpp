// tests/sqlite/time_triggers_test.cpp - the trigger of updated<> among what SQLite alone has.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/listen.hpp>

#include <support/failure.hpp>
#include <support/statement_log.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::change_kind;
using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;

namespace {

constexpr hewn::timestamp long_ago{std::chrono::seconds(1'000'000)};

struct room {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("rooms"); }
};

struct shelf {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::int64_t> room_id;
  std::string rowid;  // hides SQLite's
  hewn::timestamp at{};
  static consteval auto table() {
    return hewn::table("shelves")
        .references<&shelf::room_id, &room::id>(hewn::on_delete::set_null)
        .unique<&shelf::name>()
        .updated<&shelf::at>(hewn::in_database);
  }
};

// The same with a CHECK, for which the table is made anew.
struct checked_shelf {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::int64_t> room_id;
  std::string rowid;
  hewn::timestamp at{};
  static consteval auto table() {
    return hewn::table("shelves")
        .references<&checked_shelf::room_id, &room::id>(hewn::on_delete::set_null)
        .unique<&checked_shelf::name>()
        .length<&checked_shelf::name>(1, 40)
        .updated<&checked_shelf::at>(hewn::in_database);
  }
};

struct library {
  hewn::sqlite::database db = hewn::sqlite::open(":memory:");

  library() {
    hewn::sync<room, shelf>(db);
    db.connection().native().set_clock([] { return long_ago; });
    db.insert(room{.name = "hall"});
    for (const char* const name : {"a", "b", "c"})
      db.insert(shelf{.name = name, .room_id = 1, .rowid = "same"});
  }

  /// The shelves with another time than that of their insert.
  std::string dated() const {
    std::string out;
    for (const shelf& s : db.all(from<shelf>.order_by(col<&shelf::id>)))
      if (s.at != long_ago) out += s.name;
    return out;
  }
};

}  // namespace

TEST_CASE("a rebuild keeps the trigger and dates no row") {
  const library l;
  const hewn::plan p = hewn::plan_sync<room, checked_shelf>(l.db);
  REQUIRE(p.changes().size() == 1);
  CHECK(p.changes()[0].kind == change_kind::add_check);
  CHECK(p.moves_rows());
  hewn::apply_plan(l.db, p);
  CHECK(hewn::plan_sync<room, checked_shelf>(l.db).empty());
  CHECK(l.dated().empty());
  l.db.execute(hewn::sql<"UPDATE shelves SET name = 'B' WHERE name = 'b'">);
  CHECK(l.dated() == "B");
}

TEST_CASE("a rebuild that changes the trigger as well") {
  const library l;
  l.db.script(
      "DROP TRIGGER hewn_updated_shelves_at; CREATE TRIGGER hewn_updated_shelves_at AFTER UPDATE "
      "ON "
      "shelves BEGIN SELECT 1; END;"
      "CREATE TRIGGER of_program AFTER UPDATE ON shelves BEGIN SELECT 2; END");
  const hewn::plan p = hewn::plan_sync<room, checked_shelf>(l.db);
  CHECK(p.changes().size() == 2);
  hewn::apply_plan(l.db, p);
  CHECK(hewn::plan_sync<room, checked_shelf>(l.db).empty());
  l.db.execute(hewn::sql<"UPDATE shelves SET name = 'B' WHERE name = 'b'">);
  CHECK(l.dated() == "B");
  CHECK(l.db.one<std::int64_t>(
            hewn::sql<"SELECT count(*) FROM sqlite_master WHERE type = 'trigger'">) == 2);
}

TEST_CASE("recursive triggers do not set each other off") {
  const library l;
  l.db.execute(hewn::sql<"PRAGMA recursive_triggers = ON">);
  for (int i = 0; i != 50; ++i) l.db.execute(hewn::sql<"UPDATE shelves SET rowid = 'other'">);
  CHECK(l.dated() == "abc");
  l.db.execute(hewn::sql<"UPDATE shelves SET at = '2001-01-01 00:00:00'">);
  CHECK(l.db.count(from<shelf>.where(col<&shelf::at> < hewn::timestamp(std::chrono::sys_days(
                                                           std::chrono::year(2001) / 1 / 2)))) ==
        3);
}

TEST_CASE("what a foreign key does to a row is an update") {
  const library l;
  l.db.remove<room>(1);
  CHECK(l.dated() == "abc");
}

TEST_CASE("an UPDATE that fails leaves the time") {
  const library l;
  CHECK(failure_of([&] {
          l.db.execute(hewn::sql<"UPDATE shelves SET name = 'c' WHERE name < 'c'">);
        }).code() == errc::conflict);
  CHECK(l.dated().empty());
  l.db.execute(hewn::sql<"UPDATE OR IGNORE shelves SET name = 'c' WHERE name < 'c'">);
  CHECK(l.dated().empty());
}

TEST_CASE("writes of hewn take no more statements than without the trigger") {
  library l;
  const support::statement_log seen;
  l.db.observe(seen);
  l.db.upsert(shelf{.id = 1, .name = "A", .rowid = "x"});
  l.db.insert(shelf{.name = "D", .rowid = "x"});
  for (auto& e : seen.entries()) UNSCOPED_INFO(e.sql);
  CHECK(seen.entries().size() == 2);
}

TEST_CASE("a table that may replace rows is told from one whose default calls replace()") {
  auto db = hewn::sqlite::open(":memory:");
  db.script(
      "CREATE TABLE rooms (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT (replace('a', 'b', "
      "'c')) UNIQUE ON CONFLICT REPLACE)");
  const support::statement_log seen;
  db.observe(seen);
  db.insert(room{.name = "hall"});
  db.insert(room{.name = "hall"});
  CHECK(db.count(from<room>) == 1);
  CHECK(seen.entries().size() > 3);  // whether each row is still there has been asked
}

TEST_CASE("errors name their constraint as without the trigger") {
  const library l;
  CHECK(failure_of([&] {
          l.db.execute(hewn::sql<"UPDATE shelves SET room_id = 7 WHERE name = 'a'">);
        }).constraint() == "shelves_room_id_fkey");
  CHECK(failure_of([&] {
          l.db.insert(shelf{.name = "E", .room_id = 9, .rowid = "x"});
        }).is<&shelf::room_id>());
}

TEST_CASE("a listener hears of a raw update once") {
  library l;
  hewn::listener changes = hewn::listen(l.db);
  std::vector<std::int64_t> heard;
  changes.on<shelf>([&](const hewn::row_change& c) { heard.push_back(c.key.value_or(0)); });
  l.db.execute(hewn::sql<"UPDATE shelves SET name = 'B' WHERE name = 'b'">);
  changes.poll();
  CHECK(heard == std::vector<std::int64_t>{2});
}
