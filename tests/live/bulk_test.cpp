// tests/live/bulk_test.cpp - many writes at once: the batch, its verbs, insert_many of any size.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/uuid.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/statement_log.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::numbered;
using support::statement_log;

namespace {

enum class mood { calm, cross };

struct owner {
  std::int64_t id = 0;
  std::string name;
};

struct cat {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::int64_t> owner_id;
  mood now = mood::calm;
  std::int32_t lives = 9;
  std::string label;  // computed by the database
  hewn::timestamp created_at{}, updated_at{};
  static consteval auto table() {
    return hewn::table("cats")
        .unique<&cat::name>()
        .references<&cat::owner_id, &owner::id>()
        .check("nine_lives", "lives <= 9")
        .length<&cat::name>(1, 100)
        .generated<&cat::label>("name || ':' || now")
        .created<&cat::created_at>()
        .updated<&cat::updated_at>();
  }
};

// Nothing of it is made by the database, nor checked before.
struct stone {
  std::string code;
  std::int64_t weight = 0;
  static consteval auto table() {
    return hewn::table("stones").primary_key<&stone::code>().check("not_light", "weight > 0");
  }
};

struct pebble {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("pebbles").unique<&pebble::name>(); }
};

struct leaf {
  boost::uuids::uuid id{};
  std::string color;
};

using counts = std::vector<std::int64_t>;

support::database open_all() {
  auto db = support::open_new();
  hewn::sync<owner, cat, stone, pebble, leaf>(db);
  return db;
}

}  // namespace

TEST_CASE("a batch does what its verbs say, and counts the rows of each") {
  const auto db = open_all();
  db.insert_many(std::vector<pebble>{{.name = "a"}, {.name = "b"}, {.name = "c"}, {.name = "d"}});
  db.insert_many(std::vector<stone>{{"s", 1}, {"u", 5}, {"v", 6}, {"w", 7}});
  std::size_t updated = 0;
  const counts changed = db.batch([&](auto& batch) {
    CHECK(batch.insert(pebble{.name = "e"}) == 0);
    CHECK(batch.update(pebble{.id = 1, .name = "A"}) == 1);
    batch.template update<pebble>(2, col<&pebble::name> = "B");
    updated = batch.update(from<stone>.where(col<&stone::weight> > 4),
                           col<&stone::weight> = col<&stone::weight> * 2);
    batch.remove(pebble{.id = 3});
    batch.template remove<pebble>(99);
    batch.remove(from<pebble>.where(col<&pebble::id> == 4));
    batch.upsert(stone{.code = "s", .weight = 2});
    batch.upsert(stone{.code = "t", .weight = 3});
    batch.execute(hewn::sql<"UPDATE stones SET weight = weight + ?">, 10);
    batch.execute(hewn::sql<"SELECT code FROM stones">);
    CHECK(batch.size() == 11);
  });
  CHECK(changed == counts{1, 1, 1, 3, 1, 0, 1, 1, 1, 5, 0});
  CHECK(changed[updated] == 3);
  std::string names;
  for (const pebble& p : db.all(from<pebble>.order_by(col<&pebble::id>))) names += p.name + " ";
  CHECK(names == "A B e ");
  CHECK(db.get<stone>("s").weight == 12);
  CHECK(db.get<stone>("t").weight == 13);
}
