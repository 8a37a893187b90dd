// tests/live/types_test.cpp - every type of docs/types.md: there and back, and what is refused.
// SPDX-License-Identifier: BSL-1.0
#include <support/place.hpp>
#include <support/typed_column.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

using namespace std::chrono_literals;
using namespace support;

TEST_CASE("integers keep their extremes") {
  CHECK(extremes_come_back<std::int8_t>());
  CHECK(extremes_come_back<std::uint8_t>());
  CHECK(extremes_come_back<std::int16_t>());
  CHECK(extremes_come_back<std::uint16_t>());
  CHECK(extremes_come_back<std::int32_t>());
  CHECK(extremes_come_back<std::uint32_t>());
  CHECK(extremes_come_back<std::int64_t>());
  CHECK(comes_back(std::uint64_t{0}));
  CHECK(comes_back(std::uint64_t{INT64_MAX}));
  CHECK(column<std::uint64_t>().refuses(std::uint64_t{INT64_MAX} + 1));
  CHECK(column<std::uint64_t>().refuses(UINT64_MAX));
  CHECK(column<std::optional<std::uint64_t>>().refuses(UINT64_MAX));
}

TEST_CASE("integers outside the range of the field are not read") {
  CHECK(column<std::int8_t>().refuses_to_read("300"));
  CHECK(column<std::int8_t>().refuses_to_read("-129"));
  CHECK(column<std::uint8_t>().refuses_to_read("-1"));
  CHECK(column<std::int16_t>("integer").refuses_to_read("32768"));
  CHECK(column<std::uint16_t>().refuses_to_read("65536"));
  CHECK(column<std::int32_t>("bigint").refuses_to_read("2147483648"));
  CHECK(column<std::uint32_t>().refuses_to_read("4294967296"));
  CHECK(column<std::uint64_t>().refuses_to_read("-1"));
  CHECK(column<std::optional<std::int8_t>>().refuses_to_read("300"));
}

TEST_CASE("bool") {
  CHECK(comes_back(true));
  CHECK(comes_back(false));
  CHECK(comes_back<std::optional<bool>>(false));
  CHECK(comes_back<std::optional<bool>>(std::nullopt));
}

TEST_CASE("real numbers keep every bit") {
  using limits = std::numeric_limits<double>;
  for (const double d : {0.0, 1.0, 0.1, 1.0 / 3, 1e15, 9007199254740993.0, limits::max(),
                         limits::lowest(), limits::min(), limits::denorm_min(), limits::epsilon(),
                         limits::infinity(), -limits::infinity()}) {
    CAPTURE(d);
    CHECK(comes_back(d));
  }
  CHECK(comes_back<std::optional<double>>(std::nullopt));
  if (on_postgres) {
    CHECK(std::isnan(column<double>().stored(limits::quiet_NaN())));
    CHECK(std::signbit(column<double>().stored(-0.0)));
  } else {
    CHECK(column<double>().refuses(limits::quiet_NaN()));
    CHECK(column<std::optional<double>>().refuses(limits::quiet_NaN()));
    CHECK_FALSE(std::signbit(column<double>().stored(-0.0)));
  }

  using narrow = std::numeric_limits<float>;
  for (const float f : {0.0f, 0.1f, narrow::max(), narrow::lowest(), narrow::min(),
                        narrow::denorm_min(), narrow::infinity(), -narrow::infinity()}) {
    CAPTURE(f);
    CHECK(comes_back(f));
  }
  if (!on_postgres) CHECK(column<float>().refuses(narrow::quiet_NaN()));
  CHECK(column<float>().read("0.1") == 0.1f);  // rounded, as a cast would
  CHECK(column<float>().refuses_to_read("1e39"));
  CHECK(column<float>().refuses_to_read("-1e39"));
}

TEST_CASE("text keeps every byte") {
  for (const std::string& text :
       {std::string(), std::string("a'\"\\%_;--"),
        std::string("z\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80"), std::string("12"),
        std::string("1e5"), std::string("  "), std::string(1 << 20, 'x')})
    CHECK(comes_back(text));
  for (const std::string& text : {std::string("a\0b\0", 4), std::string("\0", 1)})
    CHECK((on_postgres ? column<std::string>().refuses(text) : comes_back(text)));
  CHECK(comes_back<std::optional<std::string>>(""));
  CHECK(comes_back<std::optional<std::string>>(std::nullopt));
}

TEST_CASE("bytes keep every byte") {
  hewn::bytes all;
  for (int i = 0; i != 512; ++i) all.push_back(static_cast<std::byte>(i & 255));
  CHECK(comes_back(hewn::bytes()));
  CHECK(comes_back(hewn::bytes(3)));
  CHECK(comes_back(all));
  CHECK(comes_back<std::optional<hewn::bytes>>(hewn::bytes()));
  CHECK(comes_back<std::optional<hewn::bytes>>(std::nullopt));
  CHECK(comes_back(std::vector<unsigned char>()));
  CHECK(comes_back(std::vector<unsigned char>{0, 255, 0}));
}

TEST_CASE("enumerations are their labels") {
  for (const color c : {color::red, color::green, color::blue}) CHECK(comes_back(c));
  for (const edge e : {edge::lowest, edge::highest}) CHECK(comes_back(e));
  CHECK(comes_back<std::optional<color>>(color::red));
  CHECK(comes_back<std::optional<color>>(std::nullopt));
  CHECK(column<color>().refuses(static_cast<color>(3)));
  CHECK(column<color>().refuses(static_cast<color>(-1)));
  CHECK(column<color>("TEXT").refuses_to_read("'mauve'"));
  CHECK(column<color>("TEXT").refuses_to_read("'RED'"));
  CHECK(column<color>("TEXT").refuses_to_read("''"));
  CHECK(column<color>("TEXT").read("'green'") == color::green);
  // The database refuses it as well.
  const auto outcome = hewn::as_result([] { column<color>().read("'mauve'"); });
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code() == hewn::errc::check);
}

TEST_CASE("timestamps from the year 0000 to 9999, to the microsecond") {
  for (const hewn::timestamp t :
       {at(0, 1, 1), at(0, 12, 31) + 1us, at(1969, 12, 31) + 23h + 59min + 59s + 999999us,
        hewn::timestamp{}, hewn::timestamp{} - 1us, at(2000, 2, 29) + 1us, at(2026, 2, 28) + 12h,
        at(9999, 12, 31) + 23h + 59min + 59s + 999999us}) {
    CHECK(comes_back(t));
    CHECK(comes_back<std::optional<hewn::timestamp>>(t));
  }
  CHECK(comes_back<std::optional<hewn::timestamp>>(std::nullopt));
  CHECK(column<hewn::timestamp>().refuses(at(10000, 1, 1)));
  CHECK(column<hewn::timestamp>().refuses(at(-1, 12, 31)));
  CHECK(column<hewn::timestamp>().refuses(hewn::timestamp::max()));
  CHECK(column<hewn::timestamp>().refuses(hewn::timestamp::min()));
}

TEST_CASE("other points in time, days and durations") {
  using namespace std::chrono;
  CHECK(comes_back(sys_seconds(5s)));
  CHECK(comes_back(sys_seconds(-1s)));
  CHECK(comes_back(sys_time<milliseconds>(1234567890123ms)));
  CHECK(column<sys_seconds>().refuses_to_read("'2026-01-02 03:04:05.5'"));
  CHECK(column<sys_time<milliseconds>>().refuses_to_read("'2026-01-02 03:04:05.000001'"));
  CHECK(column<sys_seconds>().refuses(floor<seconds>(at(10000, 1, 1))));

  for (const sys_days d : {sys_days(year(0) / 1 / 1), sys_days(year(9999) / 12 / 31), sys_days{},
                           sys_days(year(1969) / 12 / 31), sys_days(year(2024) / 2 / 29)}) {
    CHECK(comes_back(hewn::date(d)));
    CHECK(comes_back(year_month_day(d)));
  }
  CHECK(comes_back<std::optional<hewn::date>>(std::nullopt));
  CHECK(column<hewn::date>().refuses(hewn::date(year(10000) / 1 / 1)));
  CHECK(column<hewn::date>().refuses(hewn::date(year(-1) / 12 / 31)));

  CHECK(comes_back(milliseconds::max()));
  CHECK(comes_back(milliseconds::min()));
  CHECK(comes_back(nanoseconds(-1)));
  CHECK(comes_back(duration<std::int16_t>(32767)));
  CHECK(column<duration<std::int16_t>>().refuses_to_read("32768"));
  CHECK(comes_back<std::optional<minutes>>(5min));
}

TEST_CASE("UUIDs") {
  boost::uuids::uuid id{};
  std::uint8_t next = 0;
  for (auto& byte : id) byte = static_cast<std::uint8_t>(next += 17);
  CHECK(comes_back(id));
  CHECK(comes_back(boost::uuids::uuid{}));
  CHECK(comes_back<std::optional<boost::uuids::uuid>>(id));
  CHECK(comes_back<std::optional<boost::uuids::uuid>>(std::nullopt));
  hewn::uuid_bytes raw;
  raw.data[0] = 255;
  CHECK(comes_back(raw));

  auto db = open_new();
  hewn::sync<thing>(db);
  const auto first = db.insert(thing{.name = "first"});
  const auto second = db.insert(thing{.name = "second"});
  CHECK(first.id != boost::uuids::uuid{});
  CHECK(*(first.id.begin() + 6) >> 4 == 7);
  CHECK(first.id < second.id);
  CHECK(db.template get<thing>(first.id).name == "first");
  CHECK(db.insert(thing{.id = id, .name = "given"}).id == id);
}

TEST_CASE("JSON") {
  CHECK(comes_back(hewn::json<settings>(settings{.model = "z\xc3\xbc\n\"", .temperature = 0.1})));
  CHECK(comes_back(hewn::json<std::vector<std::int64_t>>({INT64_MIN, INT64_MAX})));
  CHECK(comes_back<std::optional<hewn::json<settings>>>(std::nullopt));
  CHECK(comes_back(hewn::json<nlohmann::json>(nlohmann::json{{"a", {1, 2.5, nullptr}}})));
  CHECK(column<hewn::json<settings>>().refuses(
      settings{.temperature = std::numeric_limits<double>::infinity()}));
  CHECK(column<hewn::json<settings>>().refuses(settings{.model = "\xff"}));
  CHECK(column<hewn::json<settings>>().refuses_to_read(R"('{"model":1}')"));
  CHECK(column<hewn::json<settings>>().read(R"('{"model":"x","more":1}')") ==
        settings{.model = "x"});
}

TEST_CASE("JSON with numbers that would be rounded is refused", "[p:A11]") {
  using any = hewn::json<nlohmann::json>;
  for (const char* bad :
       {"100000000000000000000000000001", "0.1234567890123456789", "1e400", "9007199254740993.0"}) {
    const std::string literal = "'{\"total\":" + std::string(bad) + "}'";
    CAPTURE(literal);
    CHECK(column<any>().refuses_to_read(literal));
    // As text it is as it is.
    CHECK(column<std::string>(either("TEXT", "jsonb")).read(literal).find("total") != literal.npos);
    if (std::string_view(bad) != "1e400")
      CHECK(column<hewn::json<settings>>().read(literal) == settings{});
  }
  CHECK(
      column<hewn::json<settings>>().refuses_to_read("'{\"temperature\":0.1234567890123456789}'"));
  for (const char* good : {"0.1", "0.10", "1e2", "1e23", "18446744073709551615"})
    CHECK(column<any>().read("'" + std::string(good) + "'")->is_number());
}

TEST_CASE("types with a codec of one's own") {
  CHECK(comes_back(money(INT64_MIN)));
  CHECK(comes_back(money(-5)));
  CHECK(comes_back<std::optional<money>>(std::nullopt));
  CHECK(comes_back(language("de")));
  CHECK(column<language>().refuses(language("deu")));
  CHECK(column<language>().refuses_to_read("'deu'"));
  CHECK(comes_back<std::optional<language>>(language("de")));
  CHECK(column<std::optional<language>>().refuses_to_read("''"));
}

TEST_CASE("the declared type of each type") {
  CHECK(declared<std::int8_t>() == either("INTEGER NOT NULL", "smallint NOT NULL"));
  CHECK(declared<std::uint8_t>() == either("INTEGER NOT NULL", "smallint NOT NULL"));
  CHECK(declared<std::int16_t>() == either("INTEGER NOT NULL", "smallint NOT NULL"));
  CHECK(declared<std::uint16_t>() == either("INTEGER NOT NULL", "integer NOT NULL"));
  CHECK(declared<std::int32_t>() == either("INTEGER NOT NULL", "integer NOT NULL"));
  CHECK(declared<std::uint32_t>() == either("INTEGER NOT NULL", "bigint NOT NULL"));
  CHECK(declared<std::int64_t>() == either("INTEGER NOT NULL", "bigint NOT NULL"));
  CHECK(declared<std::uint64_t>() == either("INTEGER NOT NULL", "bigint NOT NULL"));
  CHECK(declared<bool>() == either("INTEGER NOT NULL", "boolean NOT NULL"));
  CHECK(declared<float>() == either("REAL NOT NULL", "double precision NOT NULL"));
  CHECK(declared<double>() == either("REAL NOT NULL", "double precision NOT NULL"));
  CHECK(declared<std::string>() == either("TEXT NOT NULL", "text NOT NULL"));
  CHECK(declared<std::optional<std::string>>() == either("TEXT", "text"));
  CHECK(declared<hewn::bytes>() == either("BLOB NOT NULL", "bytea NOT NULL"));
  CHECK(declared<std::vector<unsigned char>>() == either("BLOB NOT NULL", "bytea NOT NULL"));
  CHECK(declared<color>() == either("TEXT NOT NULL", "text NOT NULL"));
  CHECK(declared<hewn::timestamp>() ==
        either("TEXT NOT NULL", "timestamp with time zone NOT NULL"));
  CHECK(declared<std::chrono::sys_seconds>() ==
        either("TEXT NOT NULL", "timestamp with time zone NOT NULL"));
  CHECK(declared<hewn::date>() == either("TEXT NOT NULL", "date NOT NULL"));
  CHECK(declared<std::chrono::year_month_day>() == either("TEXT NOT NULL", "date NOT NULL"));
  CHECK(declared<std::chrono::milliseconds>() == either("INTEGER NOT NULL", "bigint NOT NULL"));
  CHECK(declared<boost::uuids::uuid>() == either("TEXT NOT NULL", "uuid NOT NULL"));
  CHECK(declared<hewn::json<settings>>() == either("TEXT NOT NULL", "jsonb NOT NULL"));
  CHECK(declared<money>() == either("INTEGER NOT NULL", "bigint NOT NULL"));
  CHECK(declared<language>() == either("TEXT NOT NULL", "text NOT NULL"));
}

TEST_CASE("the stored form of each type") {
  CHECK(form<std::int8_t>(-128) == either("integer -128", "-128"));
  CHECK(form<std::uint64_t>(INT64_MAX) ==
        either("integer 9223372036854775807", "9223372036854775807"));
  CHECK(form<bool>(true) == either("integer 1", "true"));
  CHECK(form<double>(2) == either("real 2.0", "2"));
  CHECK(form<double>(0.1) == either("real 0.1", "0.1"));
  CHECK(form<float>(0.5f) == either("real 0.5", "0.5"));
  CHECK(form<std::string>("12") == either("text '12'", "12"));
  CHECK(form<hewn::bytes>(hewn::bytes(2)) == either("blob X'0000'", "\\x0000"));
  CHECK(form<hewn::bytes>({}) == either("blob X''", "\\x"));
  CHECK(form<std::optional<std::string>>(std::nullopt) == either("null NULL", "NULL"));
  CHECK(form<std::optional<std::string>>("") == either("text ''", ""));
  CHECK(form<color>(color::blue) == either("text 'blue'", "blue"));
  CHECK(form<hewn::timestamp>(at(0, 1, 1)) ==
        either("text '0000-01-01 00:00:00'", "0001-01-01 00:00:00+00 BC"));
  CHECK(form<hewn::timestamp>(at(2026, 2, 28) + 1us) ==
        either("text '2026-02-28 00:00:00.000001'", "2026-02-28 00:00:00.000001+00"));
  CHECK(form<std::chrono::sys_seconds>(std::chrono::sys_seconds(1s)) ==
        either("text '1970-01-01 00:00:01'", "1970-01-01 00:00:01+00"));
  CHECK(form<hewn::date>(hewn::date{}) == either("text '1970-01-01'", "1970-01-01"));
  CHECK(form<std::chrono::year_month_day>(std::chrono::year(9999) / 12 / 31) ==
        either("text '9999-12-31'", "9999-12-31"));
  CHECK(form<std::chrono::milliseconds>(1500ms) == either("integer 1500", "1500"));
  CHECK(form<boost::uuids::uuid>({}) == either("text '00000000-0000-0000-0000-000000000000'",
                                               "00000000-0000-0000-0000-000000000000"));
  CHECK(form<hewn::json<settings>>(settings{}) ==
        either(R"(text '{"model":"small","temperature":0.5}')",
               R"({"model": "small", "temperature": 0.5})"));
  CHECK(form<money>(money(5)) == either("integer 5", "5"));
  CHECK(form<language>(language("de")) == either("text 'de'", "de"));
}

TEST_CASE("NULL is read by optionals only") {
  CHECK(column<bool>(either("INTEGER", "boolean")).refuses_to_read("NULL"));
  CHECK(column<std::int64_t>("INTEGER").refuses_to_read("NULL"));
  CHECK(column<double>(either("REAL", "double precision")).refuses_to_read("NULL"));
  CHECK(column<std::string>("TEXT").refuses_to_read("NULL"));
  CHECK(column<hewn::bytes>(either("BLOB", "bytea")).refuses_to_read("NULL"));
  CHECK(column<color>("TEXT").refuses_to_read("NULL"));
  CHECK(column<hewn::timestamp>(either("TEXT", "timestamptz")).refuses_to_read("NULL"));
  CHECK(column<hewn::date>(either("TEXT", "date")).refuses_to_read("NULL"));
  CHECK(column<boost::uuids::uuid>("TEXT").refuses_to_read("NULL"));
  CHECK(column<hewn::json<settings>>(either("TEXT", "jsonb")).refuses_to_read("NULL"));
  CHECK(column<money>("INTEGER").refuses_to_read("NULL"));
  CHECK(column<std::optional<std::int64_t>>("INTEGER").read("NULL") == std::nullopt);
}
