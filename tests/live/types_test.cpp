// tests/live/types_test.cpp - every type of docs/types.md: there and back, and what is refused.
// SPDX-License-Identifier: BSL-1.0
//
// A place is a kind of database. The test cases are written once, over the places in `places`.
#include <hewn/json.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/uuid.hpp>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;

struct memory {
  hewn::sqlite::database open() const { return hewn::sqlite::open(":memory:"); }
};

struct file {
  std::filesystem::path path;

  file() {
    static std::atomic<int> count = 0;
    path = std::filesystem::temp_directory_path() /
           ("hewn_types_" + std::to_string(reinterpret_cast<std::uintptr_t>(this)) + "_" +
            std::to_string(++count) + ".db");
    remove();
  }
  file(const file&) = delete;
  file& operator=(const file&) = delete;
  ~file() { remove(); }

  hewn::sqlite::database open() const {
    return hewn::sqlite::open(path.string(), {.synchronous = hewn::sqlite::synchronous::off});
  }

 private:
  void remove() const {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
      std::filesystem::remove(path.string() + suffix);
  }
};

using places = std::tuple<memory, file>;

/// A table with one column of type F beside its key.
template <class F>
struct holder {
  std::int64_t id = 0;
  F value{};

  static consteval auto table() { return hewn::table("holder"); }
};

/// A database that has the table.
template <class Place, class F>
struct column {
  Place place;
  hewn::sqlite::database db = place.open();

  column() { hewn::sync<holder<F>>(db); }

  /// For values that the table of the struct would not take: as another program made it.
  explicit column(const std::string& declared) {
    db.script("CREATE TABLE holder (id INTEGER PRIMARY KEY, value " + declared + ")");
  }

  /// The value as it is read after it was written.
  F stored(const F& value) {
    const auto row = db.insert(holder<F>{.value = value});
    return db.template get<holder<F>>(row.id).value;
  }

  /// The value that the SQL literal is read as.
  F read(const std::string& literal) {
    db.script("DELETE FROM holder; INSERT INTO holder (id, value) VALUES (1, " + literal + ")");
    return db.template get<holder<F>>(1).value;
  }

  /// Whether writing the value is refused as it should be.
  bool refuses(const F& value) {
    const auto outcome = hewn::as_result([&] { db.insert(holder<F>{.value = value}); });
    return !outcome && names_column(outcome.error()) && db.template count<holder<F>>() == 0;
  }

  /// Whether reading the SQL literal is refused as it should be.
  bool refuses_to_read(const std::string& literal) {
    const auto outcome = hewn::as_result([&] { read(literal); });
    return !outcome && names_column(outcome.error());
  }

  /// What `expression` over the stored value is.
  std::string form(const F& value) {
    const auto row = db.insert(holder<F>{.value = value});
    return db.template one<std::string>(
        hewn::sql<"SELECT typeof(value) || ' ' || quote(value) FROM holder WHERE id = ?">, row.id);
  }

  static bool names_column(const hewn::error& e) {
    const std::string_view text = e.what();
    return e.code() == hewn::errc::invalid_data && e.table() == "holder" && e.column() == "value" &&
           e.template is<&holder<F>::value>() && text.starts_with("hewn: holder.value ") &&
           text.find("; ") != text.npos;
  }
};

template <class Place, class F>
bool comes_back(const F& value) {
  return column<Place, F>().stored(value) == value;
}

template <class Place, class F>
bool extremes_come_back() {
  using limits = std::numeric_limits<F>;
  return comes_back<Place>(limits::min()) && comes_back<Place>(limits::max()) &&
         comes_back<Place>(F{0}) && comes_back<Place>(F{1}) &&
         comes_back<Place, std::optional<F>>(limits::min()) &&
         comes_back<Place, std::optional<F>>(limits::max()) &&
         comes_back<Place, std::optional<F>>(F{0}) &&
         comes_back<Place, std::optional<F>>(std::nullopt);
}

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

hewn::timestamp at(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(year) / static_cast<int>(month) /
                               static_cast<int>(day));
}

enum class color { red, green, blue };
enum class edge { lowest = -128, highest = 127 };

struct settings {
  std::string model = "small";
  double temperature = 0.5;

  bool operator==(const settings&) const = default;
};

/// A type of one's own that is stored as an integer.
struct money {
  std::int64_t cents = 0;
  explicit money(std::int64_t c = 0) : cents(c) {}
  bool operator==(const money&) const = default;
};

/// One that is stored as text, and has values that cannot be stored.
struct language {
  std::string code;
  explicit language(std::string c = "en") : code(std::move(c)) {}
  bool operator==(const language&) const = default;
};

struct thing {
  boost::uuids::uuid id{};
  std::string name;

  static consteval auto table() { return hewn::table("things"); }
};

}  // namespace

template <>
struct hewn::codec<money> {
  static std::int64_t encode(const money& m) { return m.cents; }
  static money decode(std::int64_t cents) { return money(cents); }
};

template <>
struct hewn::codec<language> {
  static std::optional<std::string> encode(const language& l) {
    if (l.code.size() != 2) return std::nullopt;
    return l.code;
  }
  static std::optional<language> decode(std::string_view code) {
    if (code.size() != 2) return std::nullopt;
    return language(std::string(code));
  }
};

TEMPLATE_LIST_TEST_CASE("integers keep their extremes", "", places) {
  using P = TestType;
  CHECK(extremes_come_back<P, std::int8_t>());
  CHECK(extremes_come_back<P, std::uint8_t>());
  CHECK(extremes_come_back<P, std::int16_t>());
  CHECK(extremes_come_back<P, std::uint16_t>());
  CHECK(extremes_come_back<P, std::int32_t>());
  CHECK(extremes_come_back<P, std::uint32_t>());
  CHECK(extremes_come_back<P, std::int64_t>());
  CHECK(comes_back<P>(std::uint64_t{0}));
  CHECK(comes_back<P>(std::uint64_t{INT64_MAX}));
  CHECK(column<P, std::uint64_t>().refuses(std::uint64_t{INT64_MAX} + 1));
  CHECK(column<P, std::uint64_t>().refuses(UINT64_MAX));
  CHECK(column<P, std::optional<std::uint64_t>>().refuses(UINT64_MAX));
}

TEMPLATE_LIST_TEST_CASE("integers outside the range of the field are not read", "", places) {
  using P = TestType;
  CHECK(column<P, std::int8_t>().refuses_to_read("300"));
  CHECK(column<P, std::int8_t>().refuses_to_read("-129"));
  CHECK(column<P, std::uint8_t>().refuses_to_read("-1"));
  CHECK(column<P, std::int16_t>("INTEGER").refuses_to_read("32768"));
  CHECK(column<P, std::uint16_t>().refuses_to_read("65536"));
  CHECK(column<P, std::int32_t>("INTEGER").refuses_to_read("2147483648"));
  CHECK(column<P, std::uint32_t>().refuses_to_read("4294967296"));
  CHECK(column<P, std::uint64_t>().refuses_to_read("-1"));
  CHECK(column<P, std::optional<std::int8_t>>().refuses_to_read("300"));
}

TEMPLATE_LIST_TEST_CASE("bool", "", places) {
  using P = TestType;
  CHECK(comes_back<P>(true));
  CHECK(comes_back<P>(false));
  CHECK(comes_back<P, std::optional<bool>>(false));
  CHECK(comes_back<P, std::optional<bool>>(std::nullopt));
}

TEMPLATE_LIST_TEST_CASE("real numbers keep every bit", "", places) {
  using P = TestType;
  using limits = std::numeric_limits<double>;
  for (const double d : {0.0, 1.0, 0.1, 1.0 / 3, 1e15, 9007199254740993.0, limits::max(),
                         limits::lowest(), limits::min(), limits::denorm_min(), limits::epsilon(),
                         limits::infinity(), -limits::infinity()}) {
    CAPTURE(d);
    CHECK(comes_back<P>(d));
  }
  CHECK(comes_back<P, std::optional<double>>(std::nullopt));
  CHECK(column<P, double>().refuses(limits::quiet_NaN()));
  CHECK(column<P, std::optional<double>>().refuses(limits::quiet_NaN()));

  using narrow = std::numeric_limits<float>;
  for (const float f : {0.0f, 0.1f, narrow::max(), narrow::lowest(), narrow::min(),
                        narrow::denorm_min(), narrow::infinity(), -narrow::infinity()}) {
    CAPTURE(f);
    CHECK(comes_back<P>(f));
  }
  CHECK(column<P, float>().refuses(narrow::quiet_NaN()));
  CHECK(column<P, float>().read("0.1") == 0.1f);  // rounded, as a cast would
  CHECK(column<P, float>().refuses_to_read("1e39"));
  CHECK(column<P, float>().refuses_to_read("-1e39"));
}

TEMPLATE_LIST_TEST_CASE("text keeps every byte", "", places) {
  using P = TestType;
  for (const std::string& text :
       {std::string(), std::string("a'\"\\%_;--"), std::string("a\0b\0", 4), std::string("\0", 1),
        std::string("z\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80"), std::string("12"),
        std::string("1e5"), std::string("  "), std::string(1 << 20, 'x')})
    CHECK(comes_back<P>(text));
  CHECK(comes_back<P, std::optional<std::string>>(""));
  CHECK(comes_back<P, std::optional<std::string>>(std::nullopt));
}

TEMPLATE_LIST_TEST_CASE("bytes keep every byte", "", places) {
  using P = TestType;
  hewn::bytes all;
  for (int i = 0; i != 512; ++i) all.push_back(static_cast<std::byte>(i & 255));
  CHECK(comes_back<P>(hewn::bytes()));
  CHECK(comes_back<P>(hewn::bytes(3)));
  CHECK(comes_back<P>(all));
  CHECK(comes_back<P, std::optional<hewn::bytes>>(hewn::bytes()));
  CHECK(comes_back<P, std::optional<hewn::bytes>>(std::nullopt));
  CHECK(comes_back<P>(std::vector<unsigned char>()));
  CHECK(comes_back<P>(std::vector<unsigned char>{0, 255, 0}));
}

TEMPLATE_LIST_TEST_CASE("enumerations are their labels", "", places) {
  using P = TestType;
  for (const color c : {color::red, color::green, color::blue}) CHECK(comes_back<P>(c));
  for (const edge e : {edge::lowest, edge::highest}) CHECK(comes_back<P>(e));
  CHECK(comes_back<P, std::optional<color>>(color::red));
  CHECK(comes_back<P, std::optional<color>>(std::nullopt));
  CHECK(column<P, color>().refuses(static_cast<color>(3)));
  CHECK(column<P, color>().refuses(static_cast<color>(-1)));
  CHECK(column<P, color>("TEXT").refuses_to_read("'mauve'"));
  CHECK(column<P, color>("TEXT").refuses_to_read("'RED'"));
  CHECK(column<P, color>("TEXT").refuses_to_read("''"));
  CHECK(column<P, color>("TEXT").read("'green'") == color::green);
  // The database refuses it as well.
  const auto outcome = hewn::as_result([] { column<P, color>().read("'mauve'"); });
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code() == hewn::errc::check);
}

TEMPLATE_LIST_TEST_CASE("timestamps from the year 0000 to 9999, to the microsecond", "", places) {
  using P = TestType;
  for (const hewn::timestamp t :
       {at(0, 1, 1), at(0, 12, 31) + 1us, at(1969, 12, 31) + 23h + 59min + 59s + 999999us,
        hewn::timestamp{}, hewn::timestamp{} - 1us, at(2000, 2, 29) + 1us, at(2026, 2, 28) + 12h,
        at(9999, 12, 31) + 23h + 59min + 59s + 999999us}) {
    CHECK(comes_back<P>(t));
    CHECK(comes_back<P, std::optional<hewn::timestamp>>(t));
  }
  CHECK(comes_back<P, std::optional<hewn::timestamp>>(std::nullopt));
  CHECK(column<P, hewn::timestamp>().refuses(at(10000, 1, 1)));
  CHECK(column<P, hewn::timestamp>().refuses(at(-1, 12, 31)));
  CHECK(column<P, hewn::timestamp>().refuses(hewn::timestamp::max()));
  CHECK(column<P, hewn::timestamp>().refuses(hewn::timestamp::min()));
}

TEMPLATE_LIST_TEST_CASE("other points in time, days and durations", "", places) {
  using P = TestType;
  using namespace std::chrono;
  CHECK(comes_back<P>(sys_seconds(5s)));
  CHECK(comes_back<P>(sys_seconds(-1s)));
  CHECK(comes_back<P>(sys_time<milliseconds>(1234567890123ms)));
  CHECK(column<P, sys_seconds>().refuses_to_read("'2026-01-02 03:04:05.5'"));
  CHECK(column<P, sys_time<milliseconds>>().refuses_to_read("'2026-01-02 03:04:05.000001'"));
  CHECK(column<P, sys_seconds>().refuses(floor<seconds>(at(10000, 1, 1))));

  for (const sys_days d : {sys_days(year(0) / 1 / 1), sys_days(year(9999) / 12 / 31), sys_days{},
                           sys_days(year(1969) / 12 / 31), sys_days(year(2024) / 2 / 29)}) {
    CHECK(comes_back<P>(hewn::date(d)));
    CHECK(comes_back<P>(year_month_day(d)));
  }
  CHECK(comes_back<P, std::optional<hewn::date>>(std::nullopt));
  CHECK(column<P, hewn::date>().refuses(hewn::date(year(10000) / 1 / 1)));
  CHECK(column<P, hewn::date>().refuses(hewn::date(year(-1) / 12 / 31)));

  CHECK(comes_back<P>(milliseconds::max()));
  CHECK(comes_back<P>(milliseconds::min()));
  CHECK(comes_back<P>(nanoseconds(-1)));
  CHECK(comes_back<P>(duration<std::int16_t>(32767)));
  CHECK(column<P, duration<std::int16_t>>().refuses_to_read("32768"));
  CHECK(comes_back<P, std::optional<minutes>>(5min));
}

TEMPLATE_LIST_TEST_CASE("UUIDs", "", places) {
  using P = TestType;
  boost::uuids::uuid id{};
  std::uint8_t next = 0;
  for (auto& byte : id) byte = static_cast<std::uint8_t>(next += 17);
  CHECK(comes_back<P>(id));
  CHECK(comes_back<P>(boost::uuids::uuid{}));
  CHECK(comes_back<P, std::optional<boost::uuids::uuid>>(id));
  CHECK(comes_back<P, std::optional<boost::uuids::uuid>>(std::nullopt));
  hewn::uuid_bytes raw;
  raw.data[0] = 255;
  CHECK(comes_back<P>(raw));

  P place;
  auto db = place.open();
  hewn::sync<thing>(db);
  const auto first = db.insert(thing{.name = "first"});
  const auto second = db.insert(thing{.name = "second"});
  CHECK(first.id != boost::uuids::uuid{});
  CHECK(*(first.id.begin() + 6) >> 4 == 7);
  CHECK(first.id < second.id);
  CHECK(db.template get<thing>(first.id).name == "first");
  CHECK(db.insert(thing{.id = id, .name = "given"}).id == id);
}

TEMPLATE_LIST_TEST_CASE("JSON", "", places) {
  using P = TestType;
  CHECK(
      comes_back<P>(hewn::json<settings>(settings{.model = "z\xc3\xbc\n\"", .temperature = 0.1})));
  CHECK(comes_back<P>(hewn::json<std::vector<std::int64_t>>({INT64_MIN, INT64_MAX})));
  CHECK(comes_back<P, std::optional<hewn::json<settings>>>(std::nullopt));
  CHECK(comes_back<P>(hewn::json<nlohmann::json>(nlohmann::json{{"a", {1, 2.5, nullptr}}})));
  CHECK(column<P, hewn::json<settings>>().refuses(
      settings{.temperature = std::numeric_limits<double>::infinity()}));
  CHECK(column<P, hewn::json<settings>>().refuses(settings{.model = "\xff"}));
  CHECK(column<P, hewn::json<settings>>().refuses_to_read(R"('{"model":1}')"));
  CHECK(column<P, hewn::json<settings>>().read(R"('{"model":"x","more":1}')") ==
        settings{.model = "x"});
}

TEMPLATE_LIST_TEST_CASE("types with a codec of one's own", "", places) {
  using P = TestType;
  CHECK(comes_back<P>(money(INT64_MIN)));
  CHECK(comes_back<P>(money(-5)));
  CHECK(comes_back<P, std::optional<money>>(std::nullopt));
  CHECK(comes_back<P>(language("de")));
  CHECK(column<P, language>().refuses(language("deu")));
  CHECK(column<P, language>().refuses_to_read("'deu'"));
  CHECK(comes_back<P, std::optional<language>>(language("de")));
  CHECK(column<P, std::optional<language>>().refuses_to_read("''"));
}

TEMPLATE_LIST_TEST_CASE("NULL is read by optionals only", "", places) {
  using P = TestType;
  CHECK(column<P, bool>("INTEGER").refuses_to_read("NULL"));
  CHECK(column<P, std::int64_t>("INTEGER").refuses_to_read("NULL"));
  CHECK(column<P, double>("REAL").refuses_to_read("NULL"));
  CHECK(column<P, std::string>("TEXT").refuses_to_read("NULL"));
  CHECK(column<P, hewn::bytes>("BLOB").refuses_to_read("NULL"));
  CHECK(column<P, color>("TEXT").refuses_to_read("NULL"));
  CHECK(column<P, hewn::timestamp>("TEXT").refuses_to_read("NULL"));
  CHECK(column<P, hewn::date>("TEXT").refuses_to_read("NULL"));
  CHECK(column<P, boost::uuids::uuid>("TEXT").refuses_to_read("NULL"));
  CHECK(column<P, hewn::json<settings>>("TEXT").refuses_to_read("NULL"));
  CHECK(column<P, money>("INTEGER").refuses_to_read("NULL"));
  CHECK(column<P, std::optional<std::int64_t>>("INTEGER").read("NULL") == std::nullopt);
}

// What follows is about SQLite, whose columns hold values of any type.

TEMPLATE_LIST_TEST_CASE("SQLite: values of another type are not read", "", places) {
  using P = TestType;
  CHECK(column<P, std::int64_t>().refuses_to_read("'abc'"));
  CHECK(column<P, std::int64_t>().refuses_to_read("''"));
  CHECK(column<P, std::int64_t>().refuses_to_read("1.5"));
  CHECK(column<P, std::int64_t>().refuses_to_read("9223372036854775808"));
  CHECK(column<P, std::int64_t>().refuses_to_read("X'31'"));
  CHECK(column<P, bool>().refuses_to_read("2"));
  CHECK(column<P, bool>().refuses_to_read("-1"));
  CHECK(column<P, bool>().refuses_to_read("'true'"));
  CHECK(column<P, double>().refuses_to_read("'abc'"));
  CHECK(column<P, double>("NUMERIC").refuses_to_read("9007199254740993"));
  CHECK(column<P, std::string>("").refuses_to_read("12"));
  CHECK(column<P, std::string>("").refuses_to_read("1.5"));
  CHECK(column<P, std::string>().refuses_to_read("X'61'"));
  CHECK(column<P, hewn::bytes>().refuses_to_read("'abc'"));
  CHECK(column<P, hewn::bytes>().refuses_to_read("12"));
  CHECK(column<P, color>("").refuses_to_read("1"));
  CHECK(column<P, hewn::json<settings>>("").refuses_to_read("1"));
  // A number that is the same number is no other value.
  CHECK(column<P, double>("NUMERIC").read("2.0") == 2.0);
  CHECK(column<P, double>("NUMERIC").read("9007199254740992") == 9007199254740992.0);
}

TEMPLATE_LIST_TEST_CASE("SQLite: timestamps as other programs write them", "", places) {
  using P = TestType;
  column<P, hewn::timestamp> c("TIMESTAMP");
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
  column<P, hewn::date> days("DATE");
  CHECK(days.read("'2026-02-28'") == hewn::date(std::chrono::year(2026) / 2 / 28));
  CHECK(days.read("'2026-02-28 00:00:00'") == hewn::date(std::chrono::year(2026) / 2 / 28));
  CHECK(days.refuses_to_read("'2026-02-28 00:00:01'"));
  CHECK(days.refuses_to_read("20512"));
}

TEMPLATE_LIST_TEST_CASE("SQLite: UUIDs as other programs write them", "", places) {
  using P = TestType;
  using boost::uuids::uuid;
  uuid id{};
  for (auto& byte : id) byte = 0xab;
  CHECK(column<P, uuid>().read("'abababab-abab-abab-abab-abababababab'") == id);
  CHECK(column<P, uuid>().read("'ABABABAB-ABAB-ABAB-ABAB-ABABABABABAB'") == id);
  CHECK(column<P, uuid>("BLOB").read(hex(std::string(16, '\xab'))) == id);
  CHECK(column<P, uuid>("BLOB").refuses_to_read(hex(std::string(15, '\xab'))));
  CHECK(column<P, uuid>().refuses_to_read("'abababababababababababababababab'"));
  CHECK(column<P, uuid>().refuses_to_read("'xbababab-abab-abab-abab-abababababab'"));
  CHECK(column<P, uuid>().refuses_to_read("''"));
}

TEST_CASE("SQLite: the stored form of each type") {
  using P = memory;
  CHECK(column<P, std::int8_t>().form(-128) == "integer -128");
  CHECK(column<P, std::uint64_t>().form(INT64_MAX) == "integer 9223372036854775807");
  CHECK(column<P, bool>().form(true) == "integer 1");
  CHECK(column<P, double>().form(2) == "real 2.0");
  CHECK(column<P, float>().form(0.5f) == "real 0.5");
  CHECK(column<P, std::string>().form("12") == "text '12'");
  CHECK(column<P, hewn::bytes>().form(hewn::bytes(2)) == "blob X'0000'");
  CHECK(column<P, hewn::bytes>().form({}) == "blob X''");
  CHECK(column<P, std::optional<std::string>>().form(std::nullopt) == "null NULL");
  CHECK(column<P, std::optional<std::string>>().form("") == "text ''");
  CHECK(column<P, color>().form(color::blue) == "text 'blue'");
  CHECK(column<P, hewn::timestamp>().form(at(0, 1, 1)) == "text '0000-01-01 00:00:00'");
  CHECK(column<P, hewn::timestamp>().form(at(2026, 2, 28) + 1us) ==
        "text '2026-02-28 00:00:00.000001'");
  CHECK(column<P, std::chrono::sys_seconds>().form(std::chrono::sys_seconds(1s)) ==
        "text '1970-01-01 00:00:01'");
  CHECK(column<P, hewn::date>().form(hewn::date{}) == "text '1970-01-01'");
  CHECK(column<P, std::chrono::year_month_day>().form(std::chrono::year(9999) / 12 / 31) ==
        "text '9999-12-31'");
  CHECK(column<P, std::chrono::milliseconds>().form(1500ms) == "integer 1500");
  CHECK(column<P, boost::uuids::uuid>().form({}) == "text '00000000-0000-0000-0000-000000000000'");
  CHECK(column<P, hewn::json<settings>>().form(settings{}) ==
        R"(text '{"model":"small","temperature":0.5}')");
  CHECK(column<P, money>().form(money(5)) == "integer 5");
  CHECK(column<P, language>().form(language("de")) == "text 'de'");
}

TEST_CASE("SQLite: the declared type of each type") {
  const auto declared = []<class F>(std::type_identity<F>) {
    column<memory, F> c;
    return c.db.template one<std::string>(
        hewn::sql<"SELECT type || CASE \"notnull\" WHEN 1 THEN ' NOT NULL' ELSE '' END "
                  "FROM pragma_table_info('holder') WHERE name = 'value'">);
  };
  CHECK(declared(std::type_identity<std::int8_t>{}) == "INTEGER NOT NULL");
  CHECK(declared(std::type_identity<std::uint64_t>{}) == "INTEGER NOT NULL");
  CHECK(declared(std::type_identity<bool>{}) == "INTEGER NOT NULL");
  CHECK(declared(std::type_identity<float>{}) == "REAL NOT NULL");
  CHECK(declared(std::type_identity<double>{}) == "REAL NOT NULL");
  CHECK(declared(std::type_identity<std::string>{}) == "TEXT NOT NULL");
  CHECK(declared(std::type_identity<std::optional<std::string>>{}) == "TEXT");
  CHECK(declared(std::type_identity<hewn::bytes>{}) == "BLOB NOT NULL");
  CHECK(declared(std::type_identity<std::vector<unsigned char>>{}) == "BLOB NOT NULL");
  CHECK(declared(std::type_identity<color>{}) == "TEXT NOT NULL");
  CHECK(declared(std::type_identity<hewn::timestamp>{}) == "TEXT NOT NULL");
  CHECK(declared(std::type_identity<std::chrono::sys_seconds>{}) == "TEXT NOT NULL");
  CHECK(declared(std::type_identity<hewn::date>{}) == "TEXT NOT NULL");
  CHECK(declared(std::type_identity<std::chrono::year_month_day>{}) == "TEXT NOT NULL");
  CHECK(declared(std::type_identity<std::chrono::milliseconds>{}) == "INTEGER NOT NULL");
  CHECK(declared(std::type_identity<boost::uuids::uuid>{}) == "TEXT NOT NULL");
  CHECK(declared(std::type_identity<hewn::json<settings>>{}) == "TEXT NOT NULL");
  CHECK(declared(std::type_identity<money>{}) == "INTEGER NOT NULL");
}

TEST_CASE("SQLite: the sign of zero is not kept") {
  CHECK(column<memory, double>().stored(-0.0) == 0.0);
  CHECK_FALSE(std::signbit(column<memory, double>().stored(-0.0)));
}
