// tests/live/soft_delete_schema_test.cpp - a table begins to keep removed rows, and ends it.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;

namespace {

/// Removed rows are gone.
struct plain {
  std::int64_t id = 0;
  std::string name;
  std::string place;
  static consteval auto table() {
    return hewn::table("shops")
        .unique<&plain::name>()
        .unique<&plain::place, &plain::name>(hewn::name("shop_place"))
        .unique_index<&plain::place>(hewn::where(col<&plain::place> != ""));
  }
};

struct keeping {
  std::int64_t id = 0;
  std::string name;
  std::string place;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() {
    return hewn::table("shops")
        .unique<&keeping::name>()
        .unique<&keeping::place, &keeping::name>(hewn::name("shop_place"))
        .unique_index<&keeping::place>(hewn::where(col<&keeping::place> != ""))
        .soft_delete<&keeping::removed_at>();
  }
};

/// The column stays, and means nothing more.
struct ended {
  std::int64_t id = 0;
  std::string name;
  std::string place;
  std::optional<hewn::timestamp> removed_at;
  static consteval auto table() {
    return hewn::table("shops")
        .unique<&ended::name>()
        .unique<&ended::place, &ended::name>(hewn::name("shop_place"))
        .unique_index<&ended::place>(hewn::where(col<&ended::place> != ""));
  }
};

struct visit {
  std::int64_t id = 0;
  std::string shop;
  static consteval auto table() {
    return hewn::table("visits").references<&visit::shop, &keeping::name>();
  }
};

}  // namespace

TEST_CASE(
    "a table begins to keep removed rows without losing any, and ends it when names allow it") {
  auto db = support::open_new();
  hewn::sync<plain>(db);
  db.insert_many({plain{0, "one", "a"}, plain{0, "two", ""}, plain{0, "three", ""}});

  hewn::sync<keeping>(db);
  CHECK(hewn::make_plan(db, hewn::schema_of<keeping>(db.connection().spoken())).changes().empty());
  CHECK(db.count<keeping>() == 3);
  db.remove<keeping>(1);
  db.insert(keeping{0, "one", "a", {}});
  CHECK(failure_of([&] { db.insert(keeping{0, "one", "", {}}); }).is<&keeping::name>());
  CHECK(failure_of([&] { db.insert(keeping{0, "four", "a", {}}); }).is<&keeping::place>());

  // Two rows of one name, of which one is removed, are two rows of one name.
  CHECK(failure_of([&] { hewn::sync<ended>(db); }).code() == errc::approval_required);
  CHECK(db.count<keeping>() == 3);
  // On PostgreSQL a migration adds unique constraints to tables that exist.
  if (support::on_postgres) return;
  CHECK(db.purge(from<keeping>.where(col<&keeping::name> == "one")) == 1);
  hewn::sync<ended>(db);
  CHECK(hewn::make_plan(db, hewn::schema_of<ended>(db.connection().spoken())).changes().empty());
  CHECK(db.count<ended>() == 3);
  CHECK(failure_of([&] { db.insert(ended{0, "one", "", {}}); }).code() == errc::conflict);
}

TEST_CASE("a foreign key to what is unique among some rows is refused by name") {
  auto db = support::open_new();
  const auto refused = failure_of([&] { hewn::sync<keeping, visit>(db); });
  CHECK(refused.code() == errc::usage);
  CHECK(std::string(refused.what()) ==
        "hewn: visits refers to shops.name, which is unique among the rows that are not removed "
        "alone; let it refer to the primary key, or remove soft_delete<>");
}
