// tests/sqlite/types_test.cpp - what columns hold that take values of any type.
// SPDX-License-Identifier: BSL-1.0
#include <support/place.hpp>
#include <support/typed_column.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

using namespace std::chrono_literals;
using namespace support;

namespace {

/// As SQL: X'00ff'.
std::string hex(std::string_view bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out = "X'";
  for (const char c : bytes) {
    out += digits[static_cast<unsigned char>(c) >> 4];
    out += digits[static_cast<unsigned char>(c) & 15];
  }
  return out + "'";
}

}  // namespace

TEST_CASE("values of another type are not read") {
  CHECK(column<std::int64_t>().refuses_to_read("'abc'"));
  CHECK(column<std::int64_t>().refuses_to_read("''"));
  CHECK(column<std::int64_t>().refuses_to_read("1.5"));
  CHECK(column<std::int64_t>().refuses_to_read("9223372036854775808"));
  CHECK(column<std::int64_t>().refuses_to_read("X'31'"));
  CHECK(column<bool>().refuses_to_read("2"));
  CHECK(column<bool>().refuses_to_read("-1"));
  CHECK(column<bool>().refuses_to_read("'true'"));
  CHECK(column<double>().refuses_to_read("'abc'"));
  CHECK(column<double>("NUMERIC").refuses_to_read("9007199254740993"));
  CHECK(column<std::string>("").refuses_to_read("12"));
  CHECK(column<std::string>("").refuses_to_read("1.5"));
  CHECK(column<std::string>().refuses_to_read("X'61'"));
  CHECK(column<hewn::bytes>().refuses_to_read("'abc'"));
  CHECK(column<hewn::bytes>().refuses_to_read("12"));
  CHECK(column<color>("").refuses_to_read("1"));
  CHECK(column<hewn::json<settings>>("").refuses_to_read("1"));
  // A number that is the same number is no other value.
  CHECK(column<double>("NUMERIC").read("2.0") == 2.0);
  CHECK(column<double>("NUMERIC").read("9007199254740992") == 9007199254740992.0);
}

TEST_CASE("timestamps as other programs write them") {
  column<hewn::timestamp> c("TIMESTAMP");
  const hewn::timestamp t = at(2026, 2, 28) + 13h + 14min + 15s;
  CHECK(c.read("'2026-02-28 13:14:15'") == t);
  CHECK(c.read("'2026-02-28T13:14:15Z'") == t);
  CHECK(c.read("'2026-02-28T13:14:15+00:00'") == t);
  CHECK(c.read("'2026-02-28T15:44:15+02:30'") == t);
  CHECK(c.read("'2026-02-28 05:14:15-0800'") == t);
  CHECK(c.read("'2026-02-28 13:14:15.25'") == t + 250ms);
  CHECK(c.read("'2026-02-28 13:14:15.123456000'") == t + 123456us);
  CHECK(c.read("'2026-02-28 13:14'") == t - 15s);
  CHECK(c.read("'2026-02-28'") == at(2026, 2, 28));
  CHECK(c.read("CURRENT_TIMESTAMP") > at(2026, 1, 1) - 24h * 365 * 10);
  CHECK(c.read("1772284455") == t);
  CHECK(c.read("-1") == hewn::timestamp{} - 1s);
  CHECK(c.read("-62167219200") == at(0, 1, 1));
  CHECK(c.read("253402300799") == at(9999, 12, 31) + 23h + 59min + 59s);
  for (const char* bad : {"'yesterday'", "''", "'2026-02-30'", "'2026-02-28 24:00:00'",
                          "'2026-02-28 13:14:60'", "'2026-02-28 13:14:15.1234567'", "'2026-2-28'",
                          "'10000-01-01'", "'2026-02-28 13:14:15 x'", "'2026-02-28 13:14:15+25:00'",
                          "253402300800", "-62167219201", "1772284455000", "1.5", "X'32303236'"}) {
    CAPTURE(bad);
    CHECK(c.refuses_to_read(bad));
  }
  column<hewn::date> days("DATE");
  CHECK(days.read("'2026-02-28'") == hewn::date(std::chrono::year(2026) / 2 / 28));
  CHECK(days.read("'2026-02-28 00:00:00'") == hewn::date(std::chrono::year(2026) / 2 / 28));
  CHECK(days.refuses_to_read("'2026-02-28 00:00:01'"));
  CHECK(days.refuses_to_read("20512"));
}

TEST_CASE("UUIDs as other programs write them") {
  using boost::uuids::uuid;
  uuid id{};
  for (auto& byte : id) byte = 0xab;
  CHECK(column<uuid>().read("'abababab-abab-abab-abab-abababababab'") == id);
  CHECK(column<uuid>().read("'ABABABAB-ABAB-ABAB-ABAB-ABABABABABAB'") == id);
  CHECK(column<uuid>("BLOB").read(hex(std::string(16, '\xab'))) == id);
  CHECK(column<uuid>("BLOB").refuses_to_read(hex(std::string(15, '\xab'))));
  CHECK(column<uuid>().refuses_to_read("'abababababababababababababababab'"));
  CHECK(column<uuid>().refuses_to_read("'xbababab-abab-abab-abab-abababababab'"));
  CHECK(column<uuid>().refuses_to_read("''"));
}
