// tests/json/json_test.cpp - structs as JSON: text, round trips, and what is refused.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/json.hpp>
#include <hewn/sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

enum class level { low, high };

struct limits {
  std::int64_t tokens = 1000;
  std::optional<double> budget;

  bool operator==(const limits&) const = default;
};

struct settings {
  std::string model = "small";
  double temperature = 0.7;
  bool streaming = true;
  level effort = level::low;
  limits most;
  std::vector<std::string> tools;
  std::map<std::string, int> weights;
  std::array<int, 2> range{1, 2};

  bool operator==(const settings&) const = default;
};

struct point {
  int x = 0;
  int y = 0;

  bool operator==(const point&) const = default;
};

struct money {
  std::int64_t cents = 0;

  bool operator==(const money&) const = default;
};

struct node {
  int weight = 0;
  std::vector<node> children;
};

struct profile {
  std::int64_t id = 0;
  std::string name;
  hewn::json<settings> configuration;
  std::optional<hewn::json<limits>> own_limits;
  hewn::json<nlohmann::json> metadata;

  static consteval auto table() { return hewn::table("profiles"); }
};

template <class T>
std::optional<std::string> text_of(const T& value) {
  return hewn::codec<hewn::json<T>>::encode(value);
}

template <class T>
std::optional<T> read(std::string_view text) {
  auto decoded = hewn::codec<hewn::json<T>>::decode(text);
  if (!decoded) return std::nullopt;
  return std::move(decoded->value);
}

template <class T>
std::optional<T> round_trip(const T& value) {
  const auto text = text_of(value);
  REQUIRE(text);
  return read<T>(*text);
}

std::string nested(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') +
         std::string(static_cast<std::size_t>(depth), ']');
}

}  // namespace

template <>
struct hewn::codec<money> {
  static std::int64_t encode(const money& m) { return m.cents; }
  static std::optional<money> decode(std::int64_t cents) {
    if (cents < 0) return std::nullopt;
    return money{cents};
  }
};

TEST_CASE("a struct is an object of its fields in their order") {
  CHECK(text_of(settings{}) ==
        R"({"model":"small","temperature":0.7,"streaming":true,"effort":"low",)"
        R"("most":{"tokens":1000,"budget":null},"tools":[],"weights":{},"range":[1,2]})");
  const settings full{.model = "a \"quoted\" \\ name\n",
                      .temperature = 1,
                      .streaming = false,
                      .effort = level::high,
                      .most = {.tokens = -1, .budget = 0.1},
                      .tools = {"", "search"},
                      .weights = {{"a", 1}, {"b", -2}},
                      .range = {7, 8}};
  CHECK(round_trip(full) == full);
}

TEST_CASE("a json field takes its struct, and gives it back") {
  profile p{.configuration = settings{.model = "large"}};
  CHECK(p.configuration->model == "large");
  p.configuration = {{.model = "tiny"}};
  CHECK((*p.configuration).model == "tiny");
  p.configuration.value.temperature = 0;
  CHECK(p.configuration == settings{.model = "tiny", .temperature = 0});
  CHECK(hewn::json<settings>() == settings{});
  CHECK(hewn::json<int>() == 0);
  STATIC_REQUIRE(hewn::column_type_of<hewn::json<settings>>() == hewn::column_type::json_text);
}

TEST_CASE("numbers come back exactly") {
  for (const std::int64_t i : {INT64_MIN, std::int64_t{-1}, std::int64_t{0}, INT64_MAX})
    CHECK(round_trip(i) == i);
  CHECK(round_trip(UINT64_MAX) == UINT64_MAX);
  using real = std::numeric_limits<double>;
  for (const double d : {0.1, 1.0, -1e300, 1e-300, 9007199254740993.0, 1152921504606846976.0, 1e17,
                         123456789012345678.0, real::max(), real::min(), real::denorm_min(),
                         real::epsilon(), 5e-324, 1.0 / 3}) {
    CHECK(round_trip(d) == d);
    CHECK(round_trip(-d) == -d);
  }
  CHECK(text_of(-0.0) == "-0.0");
  CHECK(std::signbit(round_trip(-0.0).value()));
  for (const float f : {0.1f, std::numeric_limits<float>::max(), 1e-40f}) CHECK(round_trip(f) == f);
}

namespace {

/// Numbers by their text, and whether a double holds them.
const std::vector<std::pair<std::string, bool>> numbers = {
    {"0.1", true},
    {"0.10", true},
    {"-0.1000000000000000000000000000000", true},
    {"0.10000000000000001", true},  // 17 digits, which is how C prints the double 0.1
    {"0.1000000000000000055511151231257827021181583404541015625", true},  // it in full
    {"0.10000000000000000555111512312578270211815834045410156251", false},
    {"0.1234567890123456789", false},
    {"0.123456789012345678901234567890", false},
    {"1e2", true},
    {"1E+02", true},
    {"1e23", true},
    {"100000000000000000000000", true},
    {"100000000000000000000000000000", true},  // one digit
    {"100000000000000000000000000001", false},
    {"-123456789012345678901234567890", false},
    {"18446744073709551615", true},  // an integer of 64 bits
    {"-9223372036854775808", true},
    {"18446744073709551616", true},  // 2^64, which is a double
    {"18446744073709551617", false},
    {"-9223372036854775809", false},
    {"9007199254740992.0", true},
    {"9007199254740993.0", false},
    {"9007199254740993", true},
    {"1.7976931348623157e308", true},
    {"1e400", false},
    {"-1e400", false},
    {"1e-400", false},
    {"0e400", true},
    {"0.000", true},
    {"5e-324", true},
    {"3e-324", false},
    {"2.2250738585072014e-308", true},
    {"12345678901234.566", true},
    {"12345678901234.567", false},
    {"123456789012345.678", false},
};

}  // namespace

TEST_CASE("a number that would be rounded is refused, wherever it stands", "[p:A11]") {
  for (const auto& [number, held] : numbers) {
    CAPTURE(number);
    for (const std::string& text :
         {number, "[1," + number + "]", R"({"a":{"b":[)" + number + "]}}"})
      CHECK(read<nlohmann::json>(text).has_value() == held);
    // Written back it is the same number, by the same rule.
    if (const auto value = read<nlohmann::json>(number)) CHECK(round_trip(*value) == *value);
    if (number.find_first_of(".eE") == number.npos) continue;
    CHECK(read<double>(number).has_value() == held);
    CHECK(read<std::vector<double>>("[" + number + "]").has_value() == held);
    CHECK(read<settings>(R"({"temperature":)" + number + "}").has_value() == held);
    CHECK_FALSE(read<std::int64_t>(number));
  }
  // What is no field's is ignored as ever.
  CHECK(read<settings>(R"({"price":0.1234567890123456789,"model":"x"})")->model == "x");
  CHECK(read<settings>(R"({"price":1,"price":2,"model":"x"})")->model == "x");
}

TEST_CASE("every double is held by the text that others print of it", "[p:A11]") {
  std::uint64_t state = 20240229;
  for (int i = 0; i != 20'000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    double d = 0;
    std::memcpy(&d, &state, sizeof d);
    if (!std::isfinite(d)) continue;
    for (const int digits : {17, 18, 25}) {
      char text[64];
      std::snprintf(text, sizeof text, "%.*e", digits - 1, d);
      CAPTURE(text);
      REQUIRE(read<double>(text) == d);
    }
    REQUIRE(round_trip(d) == d);
  }
}

TEST_CASE("a float is held to its own digits", "[p:A11]") {
  CHECK(read<float>("0.1") == 0.1f);
  CHECK(read<float>("0.10000000149011612") == 0.1f);
  CHECK(read<float>("16777216") == 16777216.0f);
  for (const char* text : {"16777217", "0.123456789", "0.30000000000000004", "1e-50"})
    CHECK_FALSE(read<float>(text));
}

TEST_CASE("a member that is there twice is refused where it is read", "[p:A11]") {
  for (const char* text : {R"({"a":1,"a":2})", R"([{"b":{"a":1,"c":2,"a":{"x":[1]}}}])",
                           R"({"a":{"b":1,"b":2},"a":3})"})
    CHECK_FALSE(read<nlohmann::json>(text));
  CHECK_FALSE(read<point>(R"({"x":1,"x":1})"));
  CHECK_FALSE((read<std::map<std::string, int>>(R"({"x":1,"x":1})")));
  CHECK(read<nlohmann::json>(R"([{"a":1},{"a":2}])"));
}

TEST_CASE("an integer is a real number where it is the same number") {
  CHECK(read<double>("3") == 3.0);
  CHECK(read<double>("9007199254740992") == 9007199254740992.0);
  CHECK(read<double>("9007199254740993") == std::nullopt);
  CHECK(read<double>("18446744073709551615") == std::nullopt);
}

TEST_CASE("text is kept, with NUL and beyond ASCII") {
  for (const std::string& text :
       {std::string(), std::string("a\0b", 3), std::string("\x01\x1f\x7f"), std::string("\"\\/"),
        std::string("z\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80 \xef\xbf\xbf \xf4\x8f\xbf\xbf")})
    CHECK(round_trip(text) == text);
  CHECK(read<std::string>(R"("\u00fc\ud83d\ude00")") == "\xc3\xbc\xf0\x9f\x98\x80");
}

TEST_CASE("lists, maps, optionals, times, identifiers and codecs") {
  using list = std::vector<std::optional<int>>;
  CHECK(round_trip(list{1, std::nullopt, 3}) == list{1, std::nullopt, 3});
  CHECK(round_trip(std::vector<bool>{true, false}) == std::vector<bool>{true, false});
  CHECK(round_trip(std::vector<point>{{1, 2}, {3, 4}}) == std::vector<point>{{1, 2}, {3, 4}});
  const std::map<std::string, std::vector<point>> map{{"", {}}, {"a\"b", {{1, 2}}}};
  CHECK(round_trip(map) == map);

  using namespace std::chrono;
  const hewn::timestamp t = sys_days(year(2026) / 2 / 28) + 1h + 5us;
  CHECK(text_of(t) == "\"2026-02-28 01:00:00.000005\"");
  CHECK(round_trip(t) == t);
  CHECK(round_trip(hewn::date(year(1969) / 12 / 31)) == hewn::date(year(1969) / 12 / 31));
  CHECK(round_trip(1500ms) == 1500ms);
  hewn::uuid_bytes id;
  id.data = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255};
  CHECK(round_trip(id) == id);

  CHECK(text_of(money{250}) == "250");
  CHECK(round_trip(money{250}) == money{250});
  CHECK(read<money>("-1") == std::nullopt);
  CHECK(read<money>("\"1\"") == std::nullopt);
  CHECK(round_trip(hewn::json<point>(point{1, 2})) == point{1, 2});
}

TEST_CASE("an absent member keeps its default, an unknown one is ignored") {
  const auto s = read<settings>(R"({"temperature":0.1,"unknown":{"a":[1]},"most":{"budget":2}})");
  REQUIRE(s);
  CHECK(*s == settings{.temperature = 0.1, .most = {.budget = 2}});
  CHECK(read<settings>("{}") == settings{});
  CHECK(read<limits>(R"({"budget":null})") == limits{});
  CHECK(read<point>(" {\"x\" : 1}\n") == point{.x = 1});
}

TEST_CASE("content of any form stays as it is") {
  const auto any = nlohmann::json::parse(
      R"({"a":[1,-2,3.5,true,null,"x"],"b":{"c":{}},"big":18446744073709551615})");
  CHECK(round_trip(any) == any);
  CHECK(text_of(nlohmann::json()) == "null");
  CHECK(text_of(nlohmann::json(0.1)) == "0.1");
}

TEST_CASE("JSON of another type is refused, not defaulted") {
  CHECK(read<settings>(R"({"model":1})") == std::nullopt);
  CHECK(read<settings>(R"({"model":null})") == std::nullopt);
  CHECK(read<settings>(R"({"temperature":"0.7"})") == std::nullopt);
  CHECK(read<settings>(R"({"streaming":1})") == std::nullopt);
  CHECK(read<settings>(R"({"streaming":"true"})") == std::nullopt);
  CHECK(read<settings>(R"({"effort":"middle"})") == std::nullopt);
  CHECK(read<settings>(R"({"effort":0})") == std::nullopt);
  CHECK(read<settings>(R"({"most":{"tokens":1.0}})") == std::nullopt);
  CHECK(read<settings>(R"({"most":[]})") == std::nullopt);
  CHECK(read<settings>(R"({"tools":{}})") == std::nullopt);
  CHECK(read<settings>(R"({"tools":["a",1]})") == std::nullopt);
  CHECK(read<settings>(R"({"weights":{"a":"1"}})") == std::nullopt);
  CHECK(read<settings>(R"({"weights":[]})") == std::nullopt);
  CHECK(read<settings>(R"({"range":[1]})") == std::nullopt);
  CHECK(read<settings>(R"({"range":[1,2,3]})") == std::nullopt);
  CHECK(read<settings>("[]") == std::nullopt);
  CHECK(read<settings>("null") == std::nullopt);
  CHECK(read<hewn::timestamp>("\"yesterday\"") == std::nullopt);
  CHECK(read<hewn::timestamp>("0") == std::nullopt);
}

TEST_CASE("numbers outside the range of the field are refused") {
  CHECK(read<std::int8_t>("127") == std::int8_t{127});
  CHECK(read<std::int8_t>("128") == std::nullopt);
  CHECK(read<std::uint8_t>("-1") == std::nullopt);
  CHECK(read<std::int64_t>("9223372036854775808") == std::nullopt);
  CHECK(read<std::uint64_t>("18446744073709551616") == std::nullopt);
  CHECK(read<double>("1e999") == std::nullopt);
  CHECK(read<float>("1e39") == std::nullopt);
}

TEST_CASE("malformed JSON is refused") {
  for (const std::string_view text :
       {"", " ", "{", R"({"x":1)", R"({"x":1,})", R"({"x":1}})", R"({"x":1} x)", R"({x:1})",
        R"({'x':1})", "{\"x\":01}", "{\"x\":NaN}", "/* c */ {}", "\"\xff\""}) {
    CAPTURE(text);
    CHECK(read<point>(text) == std::nullopt);
    CHECK(read<nlohmann::json>(text) == std::nullopt);
  }
  CHECK(read<point>(std::string_view("{\"x\":1}\0", 8)) == std::nullopt);
  const std::string whole = text_of(settings{.tools = {"a", "b"}}).value();
  for (std::size_t size = 0; size != whole.size(); ++size)
    CHECK(read<settings>(std::string_view(whole).substr(0, size)) == std::nullopt);
}

TEST_CASE("nesting has a limit in both directions") {
  CHECK(read<nlohmann::json>(nested(1000)));
  CHECK(read<nlohmann::json>(nested(1001)) == std::nullopt);
  CHECK(read<nlohmann::json>(nested(1'000'000)) == std::nullopt);
  CHECK(read<nlohmann::json>(std::string(1'000'000, '[')) == std::nullopt);
  CHECK(read<std::string>("\"" + std::string(5000, '[') + "\\\"{\""));

  nlohmann::json deep;
  for (int i = 0; i != 1000; ++i) deep = nlohmann::json::array({std::move(deep)});
  CHECK(text_of(deep));
  deep = nlohmann::json::array({std::move(deep)});
  CHECK(text_of(deep) == std::nullopt);

  node chain;
  for (int i = 0; i != 2000; ++i) {
    node parent;
    parent.children.push_back(std::move(chain));
    chain = std::move(parent);
  }
  CHECK(text_of(chain) == std::nullopt);
}

TEST_CASE("what has no JSON is refused when it is written") {
  using real = std::numeric_limits<double>;
  CHECK(text_of(real::quiet_NaN()) == std::nullopt);
  CHECK(text_of(real::infinity()) == std::nullopt);
  CHECK(text_of(-real::infinity()) == std::nullopt);
  CHECK(text_of(settings{.temperature = real::quiet_NaN()}) == std::nullopt);
  CHECK(text_of(settings{.effort = static_cast<level>(9)}) == std::nullopt);
  CHECK(text_of(nlohmann::json{{"a", real::quiet_NaN()}}) == std::nullopt);
  CHECK(text_of(nlohmann::json::binary({1, 2})) == std::nullopt);
  for (const std::string& text :
       {std::string("\xff"), std::string("\xc0\x80"), std::string("\xed\xa0\x80"),
        std::string("\xe2\x82"), std::string("\xf4\x90\x80\x80"), std::string("a\x80")}) {
    CHECK(text_of(text) == std::nullopt);
    CHECK(text_of(nlohmann::json{{text, 1}}) == std::nullopt);
  }
}

TEST_CASE("JSON columns are stored, found and read through a database") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<profile>(db);
  const auto stored = db.insert(profile{.name = "a",
                                        .configuration = settings{.model = "large"},
                                        .own_limits = limits{.tokens = 5},
                                        .metadata = nlohmann::json{{"tags", {"x", "y"}}}});
  const auto found = db.get<profile>(stored.id);
  CHECK(found.configuration == settings{.model = "large"});
  REQUIRE(found.own_limits);
  CHECK((*found.own_limits)->tokens == 5);
  CHECK(found.metadata->at("tags").size() == 2);
  CHECK(db.one<std::string>(hewn::sql<"SELECT configuration ->> '$.model' FROM profiles">) ==
        "large");

  using hewn::col;
  db.update<profile>(stored.id, col<& profile::configuration> = settings{.model = "tiny"},
                     col<& profile::own_limits> = std::nullopt);
  CHECK(db.get<profile>(stored.id).configuration->model == "tiny");
  CHECK_FALSE(db.get<profile>(stored.id).own_limits);
}

TEST_CASE("JSON that does not fit names its column and what to do") {
  auto db = hewn::sqlite::open(":memory:");
  hewn::sync<profile>(db);
  db.insert(profile{.name = "a"});
  for (const std::string_view bad :
       {R"({"model":1})", R"({"model":"x")", R"({"effort":"secret"})", "", "[1]"}) {
    db.execute(hewn::sql<"UPDATE profiles SET configuration = ?">, bad);
    const auto failed = hewn::as_result([&] { return db.get<profile>(1); });
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code() == hewn::errc::invalid_data);
    CHECK(failed.error().is<&profile::configuration>());
    CHECK(std::string(failed.error().what()) ==
          "hewn: profiles.configuration is not the JSON that the field expects, or has what the "
          "field could not write back (a number of too many digits, a member twice); correct the "
          "row, or read it as hewn::json<nlohmann::json> or std::string");
  }
  const auto refused = hewn::as_result(
      [&] { db.insert(profile{.configuration = settings{.model = "secret\xff"}}); });
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == hewn::errc::invalid_data);
  CHECK(refused.error().is<&profile::configuration>());
  CHECK(std::string(refused.error().what()).find("secret") == std::string::npos);
  CHECK(db.count<profile>() == 1);
}
