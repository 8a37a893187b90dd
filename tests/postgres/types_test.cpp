// tests/postgres/types_test.cpp - columns of the server's own types, and times beyond those of C++.
// SPDX-License-Identifier: BSL-1.0
#include <support/place.hpp>
#include <support/typed_column.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

using namespace support;

TEST_CASE("columns of other hands are read where no value can change by it") {
  CHECK(column<std::int8_t>("bigint").read("-128") == -128);
  CHECK(column<std::int8_t>("bigint").refuses_to_read("128"));
  CHECK(column<std::uint64_t>("numeric(20)").read("9223372036854775807") == INT64_MAX);
  CHECK(column<std::int64_t>("numeric").refuses_to_read("1.5"));
  CHECK(column<std::int64_t>("numeric").refuses_to_read("9223372036854775808"));
  CHECK(column<double>("real").read("0.25") == 0.25);
  CHECK(column<double>("bigint").read("9007199254740992") == 9007199254740992.0);
  CHECK(column<double>("bigint").refuses_to_read("9007199254740993"));
  CHECK(column<double>("numeric").read("0.1") == 0.1);
  CHECK(std::isinf(column<double>().read("'Infinity'")));
  CHECK(column<float>("real").stored(std::numeric_limits<float>::max()) ==
        std::numeric_limits<float>::max());
  CHECK(column<double>("real").refuses(1e39));
  CHECK(column<std::string>("numeric(6,3)").stored("-12.500") == "-12.500");
  CHECK(column<std::string>("numeric").refuses("twelve"));
  CHECK(column<std::string>("varchar(3)").stored("abc") == "abc");
  CHECK(column<std::string>("jsonb").read("'[1]'") == "[1]");
  CHECK(column<hewn::timestamp>("timestamp").stored(at(2026, 1, 2)) == at(2026, 1, 2));
  CHECK(column<boost::uuids::uuid>("text").stored({}) == boost::uuids::uuid{});
  CHECK(column<boost::uuids::uuid>("text").refuses_to_read("'x'"));
  CHECK(column<hewn::json<settings>>("json").stored(settings{.model = "x"}) ==
        settings{.model = "x"});
  CHECK(column<hewn::json<settings>>("text").stored(settings{}) == settings{});
}

TEST_CASE("times that the C++ types do not have are refused") {
  for (const char* literal : {"'infinity'", "'-infinity'", "'0002-01-01 BC'", "'10000-01-01'"}) {
    CAPTURE(literal);
    CHECK(column<hewn::timestamp>().refuses_to_read(literal));
    CHECK(column<hewn::date>().refuses_to_read(literal));
  }
  CHECK(column<hewn::date>().read("'0001-02-29 BC'") == hewn::date(std::chrono::year(0) / 2 / 29));
}
