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
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
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

namespace {

/// A value that its column stores as it is, and one of which it would make another.
template <class F>
struct narrow_case {
  const char* declared;
  F kept;
  F changed;
  const char* name = declared;  // of the type in messages
};

/// Every verb that stores values takes the one and refuses the other.
template <class F>
void check_narrow(const narrow_case<F>& c) {
  CAPTURE(c.declared);
  using row = holder<F>;
  const auto value = hewn::col<&row::value>;
  column<F> columns("text");
  const auto& db = columns.db;
  db.script(
      "CREATE DOMAIN code AS varchar(4); CREATE DOMAIN short_code AS code; CREATE DOMAIN cents AS "
      "numeric(10,2); DROP TABLE holder; CREATE TABLE holder (id bigint PRIMARY KEY GENERATED BY "
      "DEFAULT AS IDENTITY, value " +
      std::string(c.declared) + ")");
  const auto write = [&](const F& v) {
    const auto many = [&](std::size_t size) {
      std::vector<row> rows(size, row{.value = c.kept});
      rows.back().value = v;
      return rows;
    };
    return std::vector<std::function<void()>>{
        [&] { db.insert(row{.value = v}); },
        [&] { db.insert(row{.id = 7000, .value = v}); },
        [&] { db.upsert(row{.id = 1, .value = v}); },
        [&, many] {
          const auto rows = many(2);
          db.insert_many(rows);
        },
        [&, many] {
          auto rows = many(9);
          db.insert_many(rows);
        },
        [&, many] {
          auto rows = many(150);
          for (row& r : rows) r.id = 8000 + (&r - rows.data());
          db.insert_many(std::as_const(rows));
        },
        [&] { db.batch([&](auto& batch) { batch.insert(row{.value = v}); }); },
        [&] { db.update(row{.id = 1, .value = v}); },
        [&] { db.template update<row>(1, value = v); },
        [&] { db.update(hewn::from<row>.where(hewn::col<&row::id> == 1), value = v); },
        [&] { db.update_many(std::vector<row>{{.id = 1, .value = v}}); }};
  };
  db.insert(row{.id = 1, .value = c.kept});
  db.script("ALTER SEQUENCE holder_id_seq RESTART 1000");
  for (int again = 0; again != 2; ++again) {
    int verb = 0;
    for (const auto& refused : write(c.changed)) {
      CAPTURE(++verb);
      const hewn::error failure = failure_of(refused);
      CHECK(column<F>::names_column(failure));
      CHECK(says(failure, " is declared " + std::string(c.name) + ", which would store another"));
      CHECK(db.template count<row>() == 1);
      CHECK(db.template get<row>(1).value == c.kept);
    }
  }
  CHECK(idle(db));
  for (const auto& taken : write(c.kept)) taken();
  for (const row& stored : db.template all<row>()) CHECK(stored.value == c.kept);
  CHECK(db.template count<row>() == 1 + 2 + 2 + 9 + 150 + 1);
}

}  // namespace

TEST_CASE("a value is stored as it is or refused, whatever the column would make of it",
          "[p:A7][p:A12]") {
  using std::chrono::microseconds;
  const hewn::timestamp day = at(2026, 1, 2);
  const auto zone = [](int places) {
    return "timestamp(" + std::to_string(places) + ") with time zone";
  };
  SECTION("numbers") {
    check_narrow<double>({"real", 0.5, 0.1});
    check_narrow<double>({"numeric(10,2)", 19.99, 19.999});
    check_narrow<double>({"cents", -0.25, 0.125, "numeric(10,2)"});
  }
  SECTION("text") {
    check_narrow<std::string>({"varchar(4)", "a\u00e4 ", "abcd ", "character varying(4)"});
    check_narrow<std::string>({"char(4)", "\u00e4bc ", "abc", "character(4)"});
    check_narrow<std::string>({"short_code", "ab", "abcd  ", "character varying(4)"});
    check_narrow<std::string>({"numeric(10,2)", "12.50", "12.505"});
    check_narrow<std::string>({"numeric", "7.0", "007"});
  }
  SECTION("times") {
    const std::string millis = zone(3), seconds = zone(0);
    check_narrow<hewn::timestamp>(
        {"timestamptz(3)", day + microseconds(7000), day + microseconds(7), millis.c_str()});
    check_narrow<hewn::timestamp>(
        {"timestamptz(0)", day, day - microseconds(100'000), seconds.c_str()});
    check_narrow<hewn::timestamp>({"timestamp(1)", day, day + microseconds(1000)});
  }
  SECTION("lists") {
    check_narrow<std::vector<std::string>>(
        {"varchar(4)[]", {"abcd", "a "}, {"a", "abcd "}, "character varying(4)[]"});
  }
}

TEST_CASE("what a type of limited precision holds is no reason to refuse", "[p:A7][p:A12]") {
  const auto whole = std::chrono::time_point_cast<std::chrono::seconds>(at(2026, 1, 2));
  CHECK(column<std::chrono::sys_seconds>("timestamptz(0)").stored(whole) == whole);
  CHECK(column<hewn::timestamp>("timestamptz(6)").stored(at(2026, 1, 2)) == at(2026, 1, 2));
  CHECK(column<float>("real").stored(0.1f) == 0.1f);
  CHECK(std::isnan(column<double>("real").stored(std::nan(""))));
  CHECK(std::isnan(column<double>("numeric(4,2)").stored(std::nan(""))));
  CHECK(column<double>("numeric").stored(1.0 / 3) == 1.0 / 3);
  CHECK(column<std::int64_t>("numeric(4,-2)").stored(120'000) == 120'000);
  CHECK(column<std::int64_t>("numeric(4,-2)").refuses(1234));
  CHECK(column<std::int64_t>("numeric(9,3)").stored(-1234) == -1234);
  CHECK(column<std::string>("numeric(6,3)").stored("12.5") == "12.500");  // the same number
  CHECK(column<color>("varchar(5)").stored(color::green) == color::green);
  CHECK(column<color>("char(5)").stored(color::green) == color::green);
  CHECK(column<color>("char(5)").refuses(color::red));
  CHECK(column<std::string>("bpchar").stored("ab ") == "ab ");
  CHECK(column<std::optional<double>>("real").stored(std::nullopt) == std::nullopt);
  // What is too long without blanks is refused by the server.
  const auto longer = failure_of([] { column<std::string>("varchar(3)").stored("abcd"); });
  CHECK(longer.code() == hewn::errc::invalid_data);

  using row = holder<double>;
  const column<double> c("numeric(10,2)");
  const auto value = hewn::col<&row::value>;
  c.db.insert(row{.value = 2.5});
  // A comparison stores nothing, and of a sum only the server knows what it is.
  CHECK(c.db.remove(hewn::from<row>.where(value == 2.505)) == 0);
  CHECK(c.db.update(hewn::from<row>.where(value > 2.499), value = value * 1.125) == 1);
  CHECK(c.db.get<row>(1).value == 2.81);
  // The column of a statement that is prepared gets narrower.
  c.db.script("ALTER TABLE holder ALTER value TYPE numeric(9,1)");
  CHECK(says(failure_of([&] { c.db.insert(row{.value = 2.25}); }), "is declared numeric(9,1)"));
  c.db.insert(row{.value = 2.5});
  // It is as narrow again when the transaction that made it wider is undone.
  const auto write = [](const auto& on) { on.update(row{.id = 1, .value = 2.25}); };
  {
    auto tx = c.db.begin();
    tx.script("ALTER TABLE holder ALTER value TYPE numeric(9,4)");
    write(tx);
    tx.rollback();
  }
  CHECK(says(failure_of([&] { write(c.db); }), "is declared numeric(9,1)"));
}

TEST_CASE("times that the C++ types do not have are refused") {
  for (const char* literal : {"'infinity'", "'-infinity'", "'0002-01-01 BC'", "'10000-01-01'"}) {
    CAPTURE(literal);
    CHECK(column<hewn::timestamp>().refuses_to_read(literal));
    CHECK(column<hewn::date>().refuses_to_read(literal));
  }
  CHECK(column<hewn::date>().read("'0001-02-29 BC'") == hewn::date(std::chrono::year(0) / 2 / 29));
}
