// tests/live/json_functions_test.cpp - what queries find in JSON, the same on both databases.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>
#include <hewn/json.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

using hewn::col;
using hewn::from;
using hewn::json_at;
using hewn::json_bool;
using hewn::json_contains;
using hewn::json_has;
using hewn::json_integer;
using hewn::json_length;
using hewn::json_query;
using hewn::json_real;
using hewn::json_text;

namespace {

enum class level { low, high };

struct limits {
  std::int64_t tokens = 0;
  double budget = 0;
  std::optional<bool> hard;
};

struct settings {
  std::string model;
  level effort = level::low;
  limits limit;
  std::optional<limits> burst;
  std::vector<std::string> tags;
  std::vector<std::int64_t> ports;
  std::map<std::string, std::string> labels;
};

struct agent {
  std::int64_t id = 0;
  hewn::json<settings> configuration;
  std::optional<hewn::json<nlohmann::json>> notes;
};

support::database open_agents() {
  auto db = support::open_new();
  hewn::sync<agent>(db);
  db.insert_many(std::vector<agent>{
      {1,
       settings{"large",
                level::high,
                {100, 0.5, true},
                limits{7, 1, std::nullopt},
                {"a", "b\"c", "\xc3\xa4"},
                {80, 443},
                {{"team", "red"}, {"a.b", "dot"}, {"q\"uote", "quoted"}}},
       std::nullopt},
      {2, settings{"small", level::low, {-1, 2, std::nullopt}, std::nullopt, {}, {}, {}},
       std::nullopt}});
  return db;
}

/// The same table with notes of the given texts, from 1 on.
support::database open_notes(const std::vector<std::string>& texts) {
  auto db = support::open_new();
  hewn::sync<agent>(db);
  const std::string set =
      support::either("UPDATE agent SET notes = ? WHERE id = ?",
                      "UPDATE agent SET notes = CAST(CAST(? AS text) AS jsonb) WHERE id = ?");
  for (const std::string& text : texts) {
    const auto id = db.insert(agent{}).id;
    db.execute(hewn::dynamic_sql(set), text, id);
  }
  return db;
}

}  // namespace

TEST_CASE("a member of a struct is found by its pointer, with its type") {
  auto db = open_agents();
  constexpr auto c = col<&agent::configuration>;
  const auto all = from<agent>.order_by(col<&agent::id>);
  using row =
      std::tuple<std::optional<std::string>, std::optional<level>, std::optional<std::int64_t>,
                 std::optional<double>, std::optional<bool>, std::optional<std::int64_t>>;
  CHECK(db.all(all.select<row>(json_at<&settings::model>(c), json_at<&settings::effort>(c),
                               json_at<&settings::limit, &limits::tokens>(c),
                               json_at<&settings::limit, &limits::budget>(c),
                               json_at<&settings::limit, &limits::hard>(c),
                               json_at<&settings::burst, &limits::tokens>(c))) ==
        std::vector<row>{{"large", level::high, 100, 0.5, true, 7},
                         {"small", level::low, -1, 2.0, std::nullopt, std::nullopt}});
  CHECK(db.count(from<agent>.where(json_at<&settings::model>(c) == "small")) == 1);
  CHECK(db.count(from<agent>.where(json_at<&settings::effort>(c) == level::high &&
                                   json_at<&settings::limit, &limits::budget>(c) < 0.75)) == 1);
  CHECK(db.count(from<agent>.where(json_at<&settings::limit, &limits::tokens>(c).in({-1, 5}))) ==
        1);
  CHECK(db.count(from<agent>.where(json_at<&settings::burst, &limits::hard>(c).is_null())) == 2);
  CHECK(
      db.all(
          from<agent>.order_by(json_at<&settings::model>(c).desc()).select<std::int64_t>(col<&agent::id>)) ==
      std::vector<std::int64_t>{2, 1});
  using group = std::tuple<std::optional<bool>, std::int64_t, std::optional<std::int64_t>>;
  constexpr auto hard = json_at<&settings::limit, &limits::hard>(c);
  CHECK(db.all(from<agent>.group_by(hard).order_by(hard).select<group>(
            hard, hewn::count(), hewn::sum(json_at<&settings::limit, &limits::tokens>(c)))) ==
        std::vector<group>{{std::nullopt, 1, -1}, {true, 1, 100}});
}

TEST_CASE("structs, lists and maps in JSON are read and looked into") {
  auto db = open_agents();
  constexpr auto c = col<&agent::configuration>;
  const auto first = from<agent>.where(col<&agent::id> == 1);
  const auto tags = db.one(first.select<std::optional<hewn::json<std::vector<std::string>>>>(
      json_at<&settings::tags>(c)));
  CHECK(tags->value == std::vector<std::string>{"a", "b\"c", "\xc3\xa4"});
  const auto burst = db.all(
      from<agent>.order_by(col<&agent::id>).select<std::optional<hewn::json<limits>>>(json_at<&settings::burst>(c)));
  CHECK(burst[0]->value.tokens == 7);
  CHECK(!burst[1]);
  using names = std::map<std::string, std::string>;
  const auto labels =
      db.one(first.select<std::optional<hewn::json<names>>>(json_query<names>(c, "labels")));
  CHECK(labels->value.at("q\"uote") == "quoted");

  constexpr auto red = json_text(json_at<&settings::labels>(c), "team");
  CHECK(db.count(from<agent>.where(red == "red")) == 1);
  CHECK(db.one(first.select<std::optional<std::string>>(json_text(c, "labels", "a.b"))) == "dot");
  CHECK(db.one(first.select<std::optional<std::string>>(json_text(c, "labels", "q\"uote"))) ==
        "quoted");
  CHECK(
      db.all(
          from<agent>.order_by(col<&agent::id>).select<std::optional<std::int64_t>>(json_length(json_at<&settings::tags>(c)))) ==
      std::vector<std::optional<std::int64_t>>{3, 0});
  CHECK(db.count(from<agent>.where(json_length(c).is_null())) == 2);

  const std::string quoted = "b\"c";
  CHECK(db.count(from<agent>.where(json_contains(json_at<&settings::tags>(c), quoted))) == 1);
  CHECK(db.count(from<agent>.where(json_contains(json_at<&settings::tags>(c), "\xc3\xa4"))) == 1);
  CHECK(db.count(from<agent>.where(!json_contains(json_at<&settings::tags>(c), "a"))) == 1);
  CHECK(db.count(from<agent>.where(json_contains(json_at<&settings::ports>(c), 443))) == 1);
  CHECK(db.count(from<agent>.where(json_contains(json_at<&settings::ports>(c), 44))) == 0);
  CHECK(db.count(from<agent>.where(
            json_contains(json_query<std::vector<int>>(c, std::string("ports")), 80))) == 1);
}

TEST_CASE("any name of a member is only a name") {
  const std::vector<std::pair<std::string, std::string>> names = {{"plain", "plain"},
                                                                  {"a.b", "a.b"},
                                                                  {"a\\\"b", "a\"b"},
                                                                  {"\\\\", "\\"},
                                                                  {"", ""},
                                                                  {"$", "$"},
                                                                  {"[0]", "[0]"},
                                                                  {"0", "0"},
                                                                  {"'", "'"},
                                                                  {"\xc3\xa4", "\xc3\xa4"},
                                                                  {"\\u00e4x", "\xc3\xa4x"},
                                                                  {"a b", "a b"},
                                                                  {"?", "?"},
                                                                  {"$1", "$1"},
                                                                  {"*", "*"},
                                                                  {"\\n", "\n"}};
  std::string text = "{";
  for (const auto& [written, name] : names) {
    if (text.size() > 1) text += ',';
    text += "\"" + written + "\":{\"" + written + "\":\"" + std::to_string(text.size()) + "\"}";
  }
  auto db = open_notes({text + "}", R"({"1":"first"})", R"(["zero","one"])", R"("0")"});
  const auto parsed = nlohmann::json::parse(text + "}");
  constexpr auto notes = col<&agent::notes>;
  for (const auto& [written, name] : names) {
    CAPTURE(name);
    CHECK(
        db.all(
            from<agent>.order_by(col<&agent::id>).select<std::optional<std::string>>(json_text(notes, name, name))) ==
        std::vector<std::optional<std::string>>{parsed[name][name].get<std::string>(), std::nullopt,
                                                std::nullopt, std::nullopt});
    CHECK(db.count(from<agent>.where(json_has(notes, name))) == 1);
    CHECK(db.count(from<agent>.where(json_has(notes, name, name))) == 1);
    CHECK(db.count(from<agent>.where(json_has(notes, name + "-"))) == 0);
  }
  CHECK(db.all(from<agent>.order_by(col<&agent::id>)
                   .select<std::optional<std::string>>(json_text(notes, "1"))) ==
        std::vector<std::optional<std::string>>{std::nullopt, "first", std::nullopt,
                                                std::nullopt});
}

TEST_CASE("numbers mean the same however they are written") {
  struct sample {
    std::string text;
    std::optional<std::int64_t> integer;
    std::optional<double> real;
  };
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  const std::vector<sample> samples = {
      {"1", 1, 1.0},
      {"1.0", 1, 1.0},
      {"1e2", 100, 100.0},
      {"-0.0", 0, 0.0},
      {"1.5", std::nullopt, 1.5},
      {"-2", -2, -2.0},
      {"0.1", std::nullopt, 0.1},
      {"9007199254740993", 9'007'199'254'740'993, 9'007'199'254'740'992.0},
      {"9007199254740992.0", 9'007'199'254'740'992, 9'007'199'254'740'992.0},
      {"9223372036854775807", most, 9'223'372'036'854'775'808.0},
      {"-9223372036854775808", least, -9'223'372'036'854'775'808.0},
      {"9223372036854775808", std::nullopt, 9'223'372'036'854'775'808.0},
      {"-9223372036854775809", std::nullopt, -9'223'372'036'854'775'808.0},
      {"1e300", std::nullopt, 1e300},
      {"1e400", std::nullopt, std::nullopt},
      {"-1e400", std::nullopt, std::nullopt},
      {"\"1\"", std::nullopt, std::nullopt},
      {"true", std::nullopt, std::nullopt},
      {"null", std::nullopt, std::nullopt},
      {"[1]", std::nullopt, std::nullopt},
      {"{\"v\":1}", std::nullopt, std::nullopt}};
  std::vector<std::string> texts;
  for (const sample& s : samples) texts.push_back("{\"v\":" + s.text + "}");
  auto db = open_notes(texts);
  using numbers = std::tuple<std::optional<std::int64_t>, std::optional<double>>;
  const auto found =
      db.all(from<agent>.order_by(col<&agent::id>)
                 .select<numbers>(json_integer(col<&agent::notes>, "v"),
                                  json_real(col<&agent::notes>, "v")));
  REQUIRE(found.size() == samples.size());
  for (std::size_t i = 0; i != samples.size(); ++i) {
    CAPTURE(samples[i].text);
    CHECK(std::get<0>(found[i]) == samples[i].integer);
    CHECK(std::get<1>(found[i]) == samples[i].real);
  }
}

TEST_CASE("NULL, null and what is missing or of another type") {
  auto db =
      open_notes({R"({"a":null})", R"({})", R"({"a":true})", R"({"a":"true"})",
                  R"({"a":{"b":false}})", R"({"a":["x",1,null,true]})", R"(["a"])", "null", "5"});
  db.insert(agent{});
  constexpr auto notes = col<&agent::notes>;
  const auto ids_where = [&db](const auto& condition) {
    std::vector<std::int64_t> ids;
    for (const agent& a : db.all(from<agent>.where(condition).order_by(col<&agent::id>)))
      ids.push_back(a.id);
    return ids;
  };
  using ids = std::vector<std::int64_t>;
  CHECK(ids_where(json_text(notes, "a").is_not_null()) == ids{4});
  CHECK(ids_where(json_bool(notes, "a") == true) == ids{3});
  CHECK(ids_where(json_bool(notes, "a", "b") == false) == ids{5});
  CHECK(ids_where(json_has(notes, "a")) == ids{1, 3, 4, 5, 6});
  CHECK(ids_where(!json_has(notes, "a")) == ids{2, 7, 8, 9, 10});
  CHECK(ids_where(json_has(notes, "a", "b")) == ids{5});
  CHECK(ids_where(json_length(notes) == 1) == ids{7});
  CHECK(ids_where(json_contains(notes, "a")) == ids{7});
  CHECK(ids_where(!json_contains(notes, "a")) == ids{1, 2, 3, 4, 5, 6, 8, 9});
  constexpr auto list = json_query<std::vector<int>>(notes, "a");
  CHECK(ids_where(json_length(list) == 4) == ids{6});
  CHECK(ids_where(json_contains(list, "x") && json_contains(list, 1) &&
                  json_contains(list, true)) == ids{6});
  CHECK(ids_where(json_contains(list, "1") || json_contains(list, 2) ||
                  json_contains(list, false)) == ids{});
  CHECK(ids_where(json_query<std::map<std::string, bool>>(notes, "a").is_not_null()) == ids{5});
}

TEST_CASE("functions of JSON stand in conditions of writes and in ones built at run time") {
  auto db = open_agents();
  constexpr auto c = col<&agent::configuration>;
  hewn::condition<agent> any;
  any = any || json_text(c, "model") == "large";
  any = any || json_contains(json_at<&settings::tags>(c), "none");
  CHECK(db.count(from<agent>.where(any)) == 1);
  CHECK(db.count(from<agent>.where(!any)) == 1);
  CHECK(db.update(from<agent>.where(json_integer(c, "limit", "tokens") == 100),
                  col<& agent::configuration> = hewn::json(settings{.model = "new"})) == 1);
  CHECK(db.remove(from<agent>.where(json_has(c, "limit", "hard") &&
                                    json_at<&settings::model>(c) == "small")) == 1);
  CHECK(db.all(from<agent>.select<std::optional<std::string>>(json_at<&settings::model>(c))) ==
        std::vector<std::optional<std::string>>{"new"});
}

namespace {

// Under the names that SQLite's json_each has for its own columns.
struct document {
  std::int64_t id = 0;
  hewn::json<settings> value;
  std::optional<hewn::json<settings>> json;
  std::int64_t key = 0;
  std::int64_t oid = 0;
  hewn::json<settings> _rowid_;
};

}  // namespace

TEST_CASE("a column may have a name of a column of json_each") {
  auto db = support::open_new();
  hewn::sync<document>(db);
  db.insert(document{.value = settings{.model = "large", .tags = {"a"}}, .key = 1});
  constexpr auto v = col<&document::value>;
  const auto large = from<document>.where(json_at<&settings::model>(v) == "large");
  CHECK(db.count(large) == 1);
  CHECK(db.count(from<document>.where(json_has(v, "model"))) == 1);
  CHECK(db.count(from<document>.where(json_length(json_at<&settings::tags>(v)) == 1)) == 1);
  db.update(large, col<& document::key> = 2);
  CHECK(db.remove(from<document>.where(!json_has(v, "model"))) == 0);
  CHECK(db.one(from<document>.select(col<&document::key>)) == 2);

  // A list, and names of SQLite's row.
  const std::vector<std::int64_t> keys{2, 3};
  CHECK(db.count(from<document>.where(col<&document::oid>.in(keys))) == 0);
  CHECK(db.count(from<document>.where(col<&document::key>.in(keys))) == 1);
  CHECK(db.count(from<document>.where(col<&document::oid>.not_in(keys) &&
                                      json_has(col<&document::_rowid_>, "model"))) == 1);
  CHECK(db.update(from<document>.where(col<&document::key>.in(keys)),
                  col<& document::oid> = col<&document::key> + 1) == 1);
  CHECK(db.count(from<document>.where(col<&document::oid>.in(keys))) == 1);
  CHECK(db.remove(from<document>.where(!col<&document::oid>.in(keys))) == 0);
}
