// tests/headers/two_units_a_test.cpp - writes what the other translation unit reads.
// SPDX-License-Identifier: BSL-1.0
#include "tests/headers/two_units.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace {

// The other translation unit has a struct of the same name.
struct hidden {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("hidden_a"); }
};

// The same with other types of columns, which casts follow from.
struct counted {
  std::int64_t number = 0;
};

}  // namespace

TEST_CASE("two translation units that include everything link together") {
  const char* folder = std::getenv("TEST_TMPDIR");
  const std::string path = std::string(folder ? folder : "/tmp") + "/two_units.db";

  auto db = hewn::sqlite::open(path);
  hewn::sync<two_units::shirt>(db);
  db.insert(two_units::shirt{.size = "XL", .dyes = two_units::colours{"blue", "grey"}});

  const auto shirts = two_units::all_shirts(path.c_str());
  REQUIRE(shirts.size() == 1);
  CHECK(shirts[0].size == "XL");
}

TEST_CASE("structs of one name in unnamed namespaces share no statement") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<hidden>(db);
  db.insert(hidden{.name = "of a"});
  const auto query = hewn::from<hidden>.distinct().select<std::string>(hewn::col<&hidden::name>);
  using names = std::vector<std::string>;
  CHECK(db.all(query) == names{"of a"});
  CHECK(two_units::names_of_other_hidden(db) == names{"of b"});
  CHECK(db.all(query) == names{"of a"});

  // The query around them has no table of its own.
  const auto twice = query.union_all(query);
  CHECK(db.all(twice) == names{"of a", "of a"});
  CHECK(two_units::names_of_other_hidden_twice(db) == names{"of b", "of b"});
}

TEST_CASE("structs of one name whose columns have other types share no statement") {
  const auto query = hewn::from<counted>.distinct().select(hewn::col<&counted::number>);
  CHECK(static_cast<const void*>(query.slot()) != two_units::slot_of_other_counted());
}
