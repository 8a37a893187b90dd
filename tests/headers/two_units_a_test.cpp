// tests/headers/two_units_a_test.cpp - writes what the other translation unit reads.
// SPDX-License-Identifier: BSL-1.0
#include "tests/headers/two_units.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <string>

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
