// tests/postgres/types_test.cpp - columns of the server's own types: declared, stored, read.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/vector.hpp>

#include <support/place.hpp>
#include <support/typed_column.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

using namespace std::chrono_literals;
using namespace support;

namespace {

template <class F>
std::string declared() {
  column<F> c;
  return c.db.template one<std::string>(
      hewn::sql<"SELECT format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN ' NOT NULL' "
                "ELSE '' END FROM pg_attribute WHERE attrelid = 'holder'::regclass AND attname = "
                "'value'">);
}

/// The value as the server prints it.
template <class F>
std::string form(const F& value) {
  column<F> c;
  const auto row = c.db.insert(holder<F>{.value = value});
  return c.db.template one<std::string>(
      hewn::sql<"SELECT coalesce(value::text, 'NULL') FROM holder WHERE id = ?">, row.id);
}

}  // namespace

TEST_CASE("the declared type of each type") {
  CHECK(declared<std::int8_t>() == "smallint NOT NULL");
  CHECK(declared<std::uint8_t>() == "smallint NOT NULL");
  CHECK(declared<std::int16_t>() == "smallint NOT NULL");
  CHECK(declared<std::uint16_t>() == "integer NOT NULL");
  CHECK(declared<std::int32_t>() == "integer NOT NULL");
  CHECK(declared<std::uint32_t>() == "bigint NOT NULL");
  CHECK(declared<std::int64_t>() == "bigint NOT NULL");
  CHECK(declared<std::uint64_t>() == "bigint NOT NULL");
  CHECK(declared<bool>() == "boolean NOT NULL");
  CHECK(declared<float>() == "double precision NOT NULL");
  CHECK(declared<double>() == "double precision NOT NULL");
  CHECK(declared<std::string>() == "text NOT NULL");
  CHECK(declared<std::optional<std::string>>() == "text");
  CHECK(declared<hewn::bytes>() == "bytea NOT NULL");
  CHECK(declared<std::vector<unsigned char>>() == "bytea NOT NULL");
  CHECK(declared<color>() == "text NOT NULL");
  CHECK(declared<hewn::timestamp>() == "timestamp with time zone NOT NULL");
  CHECK(declared<std::chrono::sys_seconds>() == "timestamp with time zone NOT NULL");
  CHECK(declared<hewn::date>() == "date NOT NULL");
  CHECK(declared<std::chrono::year_month_day>() == "date NOT NULL");
  CHECK(declared<std::chrono::milliseconds>() == "bigint NOT NULL");
  CHECK(declared<boost::uuids::uuid>() == "uuid NOT NULL");
  CHECK(declared<hewn::json<settings>>() == "jsonb NOT NULL");
  CHECK(declared<money>() == "bigint NOT NULL");
  CHECK(declared<language>() == "text NOT NULL");
  CHECK(declared<std::vector<std::int8_t>>() == "smallint[] NOT NULL");
  CHECK(declared<std::vector<std::uint16_t>>() == "integer[] NOT NULL");
  CHECK(declared<std::vector<std::uint64_t>>() == "bigint[] NOT NULL");
  CHECK(declared<std::vector<bool>>() == "boolean[] NOT NULL");
  CHECK(declared<std::vector<float>>() == "double precision[] NOT NULL");
  CHECK(declared<std::vector<std::string>>() == "text[] NOT NULL");
  CHECK(declared<std::vector<color>>() == "text[] NOT NULL");
  CHECK(declared<std::vector<hewn::timestamp>>() == "timestamp with time zone[] NOT NULL");
  CHECK(declared<std::vector<hewn::date>>() == "date[] NOT NULL");
  CHECK(declared<std::vector<boost::uuids::uuid>>() == "uuid[] NOT NULL");
  CHECK(declared<std::optional<std::vector<money>>>() == "bigint[]");
}

TEST_CASE("the stored form of each type") {
  CHECK(form<std::int8_t>(-128) == "-128");
  CHECK(form<std::uint64_t>(INT64_MAX) == "9223372036854775807");
  CHECK(form<bool>(true) == "true");
  CHECK(form<double>(0.1) == "0.1");
  CHECK(form<float>(0.5f) == "0.5");
  CHECK(form<std::string>("12") == "12");
  CHECK(form<hewn::bytes>(hewn::bytes(2)) == "\\x0000");
  CHECK(form<std::optional<std::string>>(std::nullopt) == "NULL");
  CHECK(form<color>(color::blue) == "blue");
  CHECK(form<hewn::timestamp>(at(2026, 2, 28) + 1us).starts_with("2026-02-28 00:00:00.000001"));
  CHECK(form<hewn::date>(hewn::date{}) == "1970-01-01");
  CHECK(form<std::chrono::milliseconds>(1500ms) == "1500");
  CHECK(form<boost::uuids::uuid>({}) == "00000000-0000-0000-0000-000000000000");
  CHECK(form<hewn::json<settings>>(settings{}) == R"({"model": "small", "temperature": 0.5})");
  CHECK(form<std::vector<std::optional<std::string>>>({"a b", std::nullopt, "", "NULL"}) ==
        R"({"a b",NULL,"","NULL"})");
  CHECK(form<std::vector<double>>({}) == "{}");
}

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
