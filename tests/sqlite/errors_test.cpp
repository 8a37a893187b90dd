// tests/sqlite/errors_test.cpp - result codes of SQLite as hewn's errors.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>

namespace {

struct parent {
  std::int64_t id = 0;
};

struct child {
  std::int64_t id = 0;
  std::int64_t parent_id = 0;
};

struct guarded_child {
  std::int64_t id = 0;
  std::int64_t parent_id = 0;

  static consteval auto table() {
    return hewn::table().references<&guarded_child::parent_id, &parent::id>(
        hewn::on_delete::restrict);
  }
};

}  // namespace

TEST_CASE("a row that is restricted from removal is a foreign key error, not a check") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<parent, guarded_child>(db);
  const auto p = db.insert(parent{});
  db.insert(guarded_child{.parent_id = p.id});
  const auto outcome = hewn::as_result([&] { db.remove(p); });
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code() == hewn::errc::foreign_key);
  CHECK(db.count<parent>() == 1);
}

TEST_CASE("a trigger that refuses a row is a check") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<parent, child>(db);
  db.script(
      "CREATE TRIGGER guard BEFORE INSERT ON child BEGIN "
      "SELECT RAISE(ABORT, 'no more children'); END");
  const auto outcome = hewn::as_result([&] { db.insert(child{}); });
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code() == hewn::errc::check);
}
