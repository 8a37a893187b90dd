// tests/postgres/types_test.cpp - columns of the server's own types, and times beyond those of C++.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/vector.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/typed_column.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

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

namespace {

template <class F, class Write>
void check_unwritten(const column<F>& c, Write write) {
  const hewn::error failure = failure_of([&] { write(c.db); });
  check_grammar(failure);
  CHECK(failure.code() == hewn::errc::schema_mismatch);
  CHECK(failure.table() == "holder");
  CHECK(says(failure, "column value is "));
  CHECK(c.db.template count<holder<F>>() == 0);
}

template <class F>
void check_not_taken(const std::string& declared, const F& value) {
  CAPTURE(declared);
  const column<F> c(declared);
  check_unwritten(c, [&](const auto& db) { db.insert(holder<F>{.value = value}); });
}

}  // namespace

TEST_CASE("what a read would refuse is not written", "[p:A12]") {
  const std::string declared = GENERATE("text NOT NULL", "double precision", "varchar(9)");
  CAPTURE(declared);
  using row = holder<std::int64_t>;
  const column<std::int64_t> c(declared);
  const auto refused = [&](auto write) { check_unwritten(c, write); };
  for (int again = 0; again != 2; ++again) {
    refused([](auto& db) { db.insert(row{.value = 7}); });
    refused([](auto& db) { db.insert(row{.id = 1, .value = 7}); });
    refused([](auto& db) { db.upsert(row{.id = 1, .value = 7}); });
    for (const std::size_t size : {2u, 150u}) {
      std::vector<row> rows(size);
      refused([&](auto& db) { db.insert_many(rows); });
      refused([&](auto& db) { db.insert_many(std::as_const(rows)); });
    }
    refused([](auto& db) { db.batch([](auto& batch) { batch.insert(row{.value = 7}); }); });
    refused([](auto& db) { db.update(row{.id = 1, .value = 7}); });
    refused([](auto& db) { db.template update<row>(1, hewn::col<& row::value> = 7); });
    refused([](auto& db) { db.remove(hewn::from<row>.where(hewn::col<&row::value> < 10)); });
  }
  CHECK(idle(c.db));
  // A statement that says nothing of the column goes on.
  CHECK_FALSE(c.db.remove<row>(1));
  // So does one for which the column was corrected.
  c.db.script("ALTER TABLE holder ALTER value TYPE numeric USING 0");
  c.db.insert(row{.value = 7});
  CHECK(c.db.count<row>() == 1);
}

TEST_CASE("each field is held against the column that it is written to", "[p:A12]") {
  check_not_taken<bool>("text", true);
  check_not_taken<bool>("integer", true);
  check_not_taken<std::string>("date", "2026-01-02");
  check_not_taken<std::string>("timestamptz", "2026-01-02 00:00:00Z");
  check_not_taken<std::string>("uuid", "00000000-0000-0000-0000-000000000000");
  check_not_taken<hewn::timestamp>("text", at(2026, 1, 2));
  check_not_taken<hewn::date>("text", hewn::date());
  check_not_taken<std::vector<std::int64_t>>("text[]", {1});
  CHECK(column<std::vector<std::string>>("varchar(3)[]").stored({"a"}).size() == 1);
  CHECK(column<std::int64_t>("numeric(5)").stored(7) == 7);
  const auto stored_as = [](const std::string& type, const char* value) {
    column<std::string> c("text");
    c.db.script(
        "CREATE TYPE mood AS ENUM ('good', 'bad'); CREATE DOMAIN short AS varchar(9); ALTER TABLE "
        "holder ALTER value TYPE " +
        type + " USING value::" + type);
    return c.stored(value);
  };
  CHECK(stored_as("mood", "good") == "good");
  CHECK(stored_as("short", "any") == "any");
}

TEST_CASE("times that the C++ types do not have are refused") {
  for (const char* literal : {"'infinity'", "'-infinity'", "'0002-01-01 BC'", "'10000-01-01'"}) {
    CAPTURE(literal);
    CHECK(column<hewn::timestamp>().refuses_to_read(literal));
    CHECK(column<hewn::date>().refuses_to_read(literal));
  }
  CHECK(column<hewn::date>().read("'0001-02-29 BC'") == hewn::date(std::chrono::year(0) / 2 / 29));
}
