// tests/live/pages_test.cpp - pages by cursor and by number, batches, rows with their count.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/pages.hpp>
#include <hewn/uuid.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/statement_log.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

using hewn::col;
using hewn::cursor;
using hewn::desc;
using hewn::errc;
using hewn::from;
using support::failure_of;
using support::message_of;

namespace {

enum class status { idle, running, failed };

struct environment {
  std::int64_t id = 0;
  std::string name;
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::string> title;
  std::int64_t environment_id = 0;
  std::optional<std::int64_t> rank;
  std::optional<double> load;
  status state = status::idle;
  bool active = false;
  std::optional<hewn::timestamp> seen;
  std::optional<hewn::date> born;
  boost::uuids::uuid token{};
  std::optional<hewn::bytes> mark;
  static consteval auto table() {
    return hewn::table("agents").references<&agent::environment_id, &environment::id>();
  }
};

struct seat {
  std::int64_t row = 0;
  std::string letter;
  std::optional<std::int64_t> price;
  static consteval auto table() {
    return hewn::table("seats").primary_key<&seat::row, &seat::letter>();
  }
};

struct keyless {
  std::int64_t value = 0;
};

struct busy_environment {
  std::int64_t environment_id = 0;
  std::int64_t agents = 0;
};

struct agent_and_environment {
  std::int64_t id = 0;
  std::optional<std::string> environment;
};

constexpr hewn::sort_choices<agent> sorts{
    {"name", col<&agent::name>},   {"title", col<&agent::title>},
    {"rank", col<&agent::rank>},   {"ranked", col<&agent::rank>.asc().nulls_last()},
    {"load", col<&agent::load>},   {"loaded", col<&agent::load>.desc().nulls_first()},
    {"state", col<&agent::state>}, {"active", col<&agent::active>},
    {"seen", col<&agent::seen>},   {"born", col<&agent::born>},
    {"token", col<&agent::token>}, {"mark", col<&agent::mark>},
    {"id", col<&agent::id>},       {"titled", col<&agent::title>.asc().nulls_last()},
};
constexpr const char* sort_names[] = {"name",   "title", "rank",   "ranked", "load",
                                      "loaded", "state", "active", "seen",   "born",
                                      "token",  "mark",  "id",     "titled"};

template <class Rows>
std::vector<std::int64_t> ids(const Rows& rows) {
  std::vector<std::int64_t> out;
  for (const auto& row : rows) out.push_back(row.id);
  return out;
}

using numbers = std::vector<std::int64_t>;

template <class T>
const T& pick(std::mt19937_64& random, const std::vector<T>& values) {
  return values[random() % values.size()];
}

/// Few values of each kind, so that many rows are alike, and among them the extremes.
agent random_agent(std::mt19937_64& random) {
  using limits = std::numeric_limits<std::int64_t>;
  using real = std::numeric_limits<double>;
  static const std::vector<std::string> texts = {
      "",
      "a",
      "A",
      "ab",
      "a b",
      "\xC3\xA4",
      "\xC3\x84",
      "z",
      "\xE6\xBC\xA2",
      "'",
      "\"",
      "%",
      "B_",
      "-1",
      "\xF0\x9F\x8E\xB2",
      "a text that is too long to stand inside the string object"};
  static const std::vector<std::int64_t> integers = {limits::min(), -1, 0, 1, limits::max()};
  static const std::vector<double> reals = {
      -real::infinity(), real::lowest(), -0.1, 0.0, 0.1, real::denorm_min(), 1e300,
      real::infinity()};
  agent a;
  a.name = pick(random, texts);
  a.environment_id = static_cast<std::int64_t>(random() % 3) + 1;
  if (random() % 3 != 0) a.title = pick(random, texts);
  if (random() % 3 != 0) a.rank = pick(random, integers);
  if (random() % 3 != 0) a.load = pick(random, reals);
  a.state = static_cast<status>(random() % 3);
  a.active = random() % 2 != 0;
  if (random() % 3 != 0)
    a.seen = hewn::timestamp(
        std::chrono::microseconds(static_cast<std::int64_t>(random() % 3) * 1'000'001 - 1'000'000));
  if (random() % 3 != 0)
    a.born = hewn::date(std::chrono::days(static_cast<int>(random() % 3) * 700'000 - 700'000));
  *a.token.begin() = static_cast<unsigned char>(random() % 3 * 100);
  if (random() % 3 != 0)
    a.mark = hewn::bytes(random() % 3, static_cast<std::byte>(random() % 2 * 255));
  return a;
}

support::database open_agents(std::mt19937_64& random, std::size_t count) {
  auto db = support::open_new();
  hewn::sync<environment, agent, seat, keyless>(db);
  db.insert_many(std::vector<environment>{{1, "dev"}, {2, "prod"}, {3, "empty"}, {4, "unused"}});
  std::vector<agent> agents;
  for (std::size_t i = 0; i != count; ++i) agents.push_back(random_agent(random));
  db.insert_many(agents);
  return db;
}

support::database open_sample() {
  std::mt19937_64 random(1);
  auto db = open_agents(random, 0);
  for (int i = 1; i != 8; ++i)
    db.insert(agent{.name = std::string(1, static_cast<char>('a' + i % 3)),
                    .environment_id = i % 3 + 1,
                    .rank = i % 2 == 0 ? std::nullopt : std::optional<std::int64_t>(i)});
  return db;
}

std::uint64_t first_seed() {
  const char* const given = std::getenv("HEWN_PROPERTY_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : 20261129;
}

int property_cases() {
  const char* const given = std::getenv("HEWN_PROPERTY_CASES");
  return given != nullptr ? std::atoi(given) : 40;
}

/// The rows of all pages from the first to the last, and then back again.
template <class Query>
std::pair<numbers, numbers> walk(const support::database& db, const Query& query, std::int64_t size,
                                 std::string_view key = {}) {
  using R = typename std::remove_cvref_t<Query>::record_type;
  numbers there, back;
  hewn::page_request<R> wanted{.size = size, .key = key};
  std::optional<cursor<R>> previous;
  for (;;) {
    const hewn::page<R> page = hewn::find_page(db, query, wanted);
    CHECK(page.previous.has_value() == wanted.after.has_value());
    for (const R& row : page.rows) there.push_back(row.id);
    if (!page.next) break;
    CHECK(page.rows.size() == static_cast<std::size_t>(size));
    wanted.after = page.next;
  }
  wanted = {.size = size, .last = true, .key = key};
  for (;;) {
    const hewn::page<R> page = hewn::find_page(db, query, wanted);
    numbers rows = ids(page.rows);
    back.insert(back.begin(), rows.begin(), rows.end());
    CHECK(page.next.has_value() == wanted.before.has_value());
    if (!page.previous) break;
    wanted.before = page.previous;
    wanted.last = false;
  }
  return {there, back};
}

}  // namespace

TEST_CASE("pages of every order cover every row exactly once, in both directions") {
  const std::uint64_t start = first_seed();
  std::mt19937_64 data(start);
  auto db = open_agents(data, 60);
  for (int i = 0; i != property_cases(); ++i) {
    const std::uint64_t seed = start + static_cast<std::uint64_t>(i);
    std::mt19937_64 random(seed);
    std::vector<std::string> names(std::begin(sort_names), std::end(sort_names));
    std::shuffle(names.begin(), names.end(), random);
    names.resize(random() % 4);
    std::string text;
    for (const std::string& name : names)
      text += (text.empty() ? "" : ",") + std::string(random() % 2 ? "-" : "") + name;
    const auto size = static_cast<std::int64_t>(random() % 20) + 1;
    CAPTURE(start, seed, text, size);
    const auto query = from<agent>.order_by(sorts.parse(text));
    const numbers all = ids(db.all(query));
    REQUIRE(all.size() == 60);
    const auto [there, back] = walk(db, query, size);
    CHECK(there == all);
    CHECK(back == all);
    numbers batched;
    for (const std::vector<agent>& rows : hewn::batches(db, query, size)) {
      CHECK(rows.size() <= static_cast<std::size_t>(size));
      for (const agent& a : rows) batched.push_back(a.id);
    }
    CHECK(batched == all);
    numbers numbered;
    for (std::int64_t number = 1;; ++number) {
      const auto page = hewn::find_numbered_page(db, query, {.number = number, .size = size});
      for (const agent& a : page.rows) numbered.push_back(a.id);
      if (!page.has_next) break;
    }
    CHECK(numbered == all);
    const auto joined =
        from<agent>.left_join<environment>(col<&environment::id> == col<&agent::environment_id> &&
                                           col<&environment::id> != 2)
            .order_by(col<&environment::name>.desc().nulls_last())
            .order_by(sorts.parse(text))
            .select<agent_and_environment>(col<&agent::id>, col<&environment::name>);
    const numbers expected = ids(db.all(joined));
    const auto [forth, reversed] = walk(db, joined, size, "a key");
    CHECK(forth == expected);
    CHECK(reversed == expected);
  }
}

TEST_CASE("a page says where its neighbours are") {
  auto db = open_sample();
  const auto query = from<agent>.where(col<&agent::id> > 1).order_by(desc<&agent::name>);
  const auto first = hewn::find_page(db, query, {.size = 4});
  CHECK(ids(first.rows) == numbers{5, 2, 7, 4});
  CHECK(!first.previous);
  REQUIRE(first.next);
  const auto second = hewn::find_page(db, query, {.size = 4, .after = first.next});
  CHECK(ids(second.rows) == numbers{6, 3});
  CHECK(!second.next);
  REQUIRE(second.previous);
  const auto again = hewn::find_page(db, query, {.size = 4, .before = second.previous});
  CHECK(ids(again.rows) == numbers{5, 2, 7, 4});
  CHECK(!again.previous);
  CHECK(again.next == first.next);
  const auto whole = hewn::find_page(db, query);
  CHECK(whole.rows.size() == 6);
  CHECK(!whole.next);
  const auto none = hewn::find_page(db, from<agent>.where(col<&agent::id> < 0));
  CHECK(none.rows.empty());
  CHECK(!none.next);
  CHECK(!none.previous);
}

TEST_CASE("every row has a cursor where it is asked for") {
  auto db = open_sample();
  const auto query = from<agent>.order_by(col<&agent::rank>);
  for (const bool last : {false, true}) {
    const auto page = hewn::find_page(db, query, {.size = 3, .last = last, .every_cursor = true});
    REQUIRE(page.cursors.size() == 3);
    const auto rest = hewn::find_page(db, query, {.size = 9, .after = page.cursors[1]});
    CHECK(rest.rows.front().id == page.rows[2].id);
    const auto before = hewn::find_page(db, query, {.size = 1, .before = page.cursors[1]});
    CHECK(before.rows.front().id == page.rows[0].id);
  }
}

TEST_CASE("rows that come and go between two pages move no other") {
  auto db = open_sample();
  const auto query = from<agent>.order_by(col<&agent::name>, desc<&agent::id>);
  const auto first = hewn::find_page(db, query, {.size = 3});
  CHECK(ids(first.rows) == numbers{6, 3, 7});
  db.remove<agent>(7);  // the cursor's own row
  db.remove<agent>(6);
  db.insert(agent{.name = "a", .environment_id = 1});
  const auto second = hewn::find_page(db, query, {.size = 3, .after = first.next});
  CHECK(ids(second.rows) == numbers{4, 1, 5});
}

TEST_CASE("a cursor that was altered, or is of another query, is refused") {
  auto db = open_sample();
  const auto query = from<agent>.order_by(col<&agent::name>);
  const std::string text = hewn::find_page(db, query, {.size = 2}).next->text();
  const auto refused = [&](const auto& other, const std::string& with, std::string_view key = {}) {
    const auto failure = failure_of(
        [&] { hewn::find_page(db, other, {.size = 2, .after = cursor<agent>(with), .key = key}); });
    CHECK(failure.code() == errc::invalid_data);
    CHECK(failure.what() ==
          std::string("hewn: the cursor is not one of this query, or was altered; start again with "
                      "the first page"));
  };
  CHECK(text.find_first_not_of(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") == text.npos);
  for (std::size_t i = 0; i != text.size(); ++i) {
    std::string altered = text;
    altered[i] = altered[i] == 'A' ? 'B' : 'A';
    refused(query, altered);
    refused(query, text.substr(0, i));
    refused(query, text.substr(0, i) + "=" + text.substr(i));
  }
  refused(query, text + "A");
  refused(query, text + text);
  refused(from<agent>.order_by(desc<&agent::name>), text);
  refused(from<agent>.order_by(col<&agent::id>), text);
  refused(from<agent>.order_by(col<&agent::name>, col<&agent::rank>), text);
  refused(from<agent>, text);
  refused(query, text, "a key");
  const std::string signed_text =
      hewn::find_page(db, query, {.size = 2, .key = "a key"}).next->text();
  refused(query, signed_text);
  refused(query, signed_text, "another key");
  CHECK(hewn::find_page(db, query, {.after = cursor<agent>(signed_text), .key = "a key"})
            .rows.size() == 5);
  // Another condition is another list with the same places.
  CHECK(ids(hewn::find_page(db, query.where(col<&agent::id> == 7), {.after = cursor<agent>(text)})
                .rows) == numbers{7});
}

TEST_CASE("a key of several columns ends the order") {
  auto db = open_sample();
  for (std::int64_t row = 1; row != 5; ++row)
    for (const char* letter : {"C", "A", "B"})
      db.insert(seat{row, letter, row == 2 ? std::nullopt : std::optional<std::int64_t>(row % 2)});
  const auto query = from<seat>.order_by(desc<&seat::letter>, col<&seat::price>);
  std::vector<std::pair<std::int64_t, std::string>> seen, all;
  for (const seat& s :
       db.all(query.order_by(desc<&seat::letter>, col<&seat::price>, col<&seat::row>)))
    all.emplace_back(s.row, s.letter);
  for (const auto& rows : hewn::batches(db, query, 5))
    for (const seat& s : rows) seen.emplace_back(s.row, s.letter);
  CHECK(seen == all);
}

TEST_CASE("groups have pages by what they are grouped by") {
  auto db = open_sample();
  struct environment_count {
    std::optional<std::string> name;
    std::int64_t agents = 0;
  };
  const auto query = from<environment>.left_join<agent>()
                         .group_by(col<&environment::name>)
                         .order_by(hewn::count(col<&agent::id>).desc())
                         .select<std::tuple<std::string, std::int64_t>>(
                             col<&environment::name>, hewn::count(col<&agent::id>));
  std::vector<std::string> names;
  hewn::page_request<std::tuple<std::string, std::int64_t>> wanted{.size = 1};
  for (;;) {
    const auto page = hewn::find_page(db, query, wanted);
    for (const auto& row : page.rows) names.push_back(std::get<0>(row));
    if (!page.next) break;
    wanted.after = page.next;
  }
  CHECK(names == std::vector<std::string>{"prod", "empty", "dev", "unused"});
}

TEST_CASE("a query that stands for a table has pages by what is grouped of it") {
  auto db = open_sample();
  const auto busy =
      from<agent>.group_by(col<&agent::environment_id>).select<busy_environment>(col<&agent::environment_id>, hewn::count());
  const auto joined =
      from<environment>.join(busy, col<&busy_environment::environment_id> == col<&environment::id>);
  CHECK(message_of([&] {
          hewn::find_page(db, joined
                                  .order_by(col<&busy_environment::environment_id>,
                                            col<&busy_environment::agents>)
                                  .select(col<&environment::name>));
        }) ==
        "hewn: the rows of this query have no order in which each has its place; give all of its "
        "tables keys, group by columns, and leave distinct() out");
  const auto query = joined.group_by(col<&environment::id>, col<&busy_environment::agents>)
                         .order_by(col<&busy_environment::agents>.desc())
                         .select(col<&environment::name>, col<&busy_environment::agents>);
  const auto all = db.all(query);
  CHECK(all.size() == 3);
  std::vector<std::int64_t> counts;
  for (const auto& rows : hewn::batches(db, query, 1))
    for (const auto& row : rows) counts.push_back(std::get<1>(row));
  CHECK(counts.size() == all.size());
  CHECK(std::is_sorted(counts.rbegin(), counts.rend()));
  CHECK(
      hewn::find_numbered_page(db, joined.select(col<&environment::name>), {.count = true}).total ==
      3);
}

TEST_CASE("a query over several tables without select() has pages of all their columns") {
  auto db = open_sample();
  const auto query = from<agent>.join<environment>().order_by(col<&environment::id>);
  const auto all = db.all(query);
  REQUIRE(all.size() > 2);
  std::vector<std::int64_t> walked;
  hewn::page<std::tuple<agent, environment>> page = hewn::find_page(db, query, {.size = 2});
  for (;;) {
    for (const auto& [a, e] : page.rows) {
      CHECK(a.environment_id == e.id);
      walked.push_back(a.id);
    }
    if (!page.next) break;
    page = hewn::find_page(db, query, {.size = 2, .after = page.next});
  }
  CHECK(walked.size() == all.size());
  std::vector<std::int64_t> in_batches;
  for (const auto& rows : hewn::batches(db, query, 2))
    for (const auto& [a, e] : rows) in_batches.push_back(a.id);
  CHECK(in_batches == walked);
  CHECK(std::get<0>(hewn::find_numbered_page(db, query, {.number = 2, .size = 1}).rows.at(0)).id ==
        walked[1]);
  CHECK(hewn::find_and_count(db, query.limit(1)).count == static_cast<std::int64_t>(all.size()));
}

TEST_CASE("batches go on while rows are written") {
  auto db = open_sample();
  numbers seen;
  for (std::vector<agent>& rows : hewn::batches(db, from<agent>, 2)) {
    for (agent& a : rows) {
      seen.push_back(a.id);
      a.name = "seen";
      db.update(a);
      if (a.id == 2) db.remove<agent>(5);
      if (a.id % 2 == 0) db.remove<agent>(a.id);
    }
    if (seen.size() == 2) db.insert(agent{.id = 0, .name = "late", .environment_id = 1});
  }
  CHECK(seen == numbers{1, 2, 3, 4, 6, 7, 8});
  int batches = 0;
  for (const auto& rows : hewn::batches(db, from<agent>.where(col<&agent::name> == "x"), 2))
    batches += !rows.empty();
  CHECK(batches == 0);
}

TEST_CASE("numbered pages tell their number when asked") {
  auto db = open_sample();
  const auto query = from<agent>.order_by(col<&agent::name>);
  const auto page = hewn::find_numbered_page(db, query, {.number = 2, .size = 3, .count = true});
  CHECK(ids(page.rows) == numbers{4, 7, 2});
  CHECK(page.total == 7);
  CHECK(page.pages() == 3);
  CHECK(page.has_next);
  CHECK(page.has_previous());
  const auto last = hewn::find_numbered_page(db, query, {.number = 3, .size = 3});
  CHECK(ids(last.rows) == numbers{5});
  CHECK(!last.has_next);
  CHECK(!last.total);
  CHECK(!last.pages());
  const auto beyond = hewn::find_numbered_page(db, query, {.number = 9, .size = 3, .count = true});
  CHECK(beyond.rows.empty());
  CHECK(beyond.total == 7);
  const auto none =
      hewn::find_numbered_page(db, from<agent>.where(col<&agent::id> < 0), {.count = true});
  CHECK(none.pages() == 1);
  // Tables without a key have pages by number, in whatever order they come.
  db.insert(keyless{1});
  CHECK(hewn::find_numbered_page(db, from<keyless>, {.size = 1}).rows.size() == 1);
}

TEST_CASE("rows and their count are of one snapshot") {
  auto db = open_sample();
  const support::statement_log log;
  db.observe(log);
  const auto query = from<agent>.where(col<&agent::rank> > 0).order_by(col<&agent::id>);
  const auto found = hewn::find_and_count(db, query.limit(2).offset(1));
  CHECK(ids(found.rows) == numbers{3, 5});
  CHECK(found.count == 4);
  CHECK(log.texts().size() == 4);
  CHECK(log.texts().front().starts_with("BEGIN"));
  log.clear();
  db.transaction([&](auto& tx) {
    CHECK(hewn::find_and_count(tx, query.select<std::string>(col<&agent::name>)).count == 4);
    CHECK(hewn::find_numbered_page(tx, query, {.size = 1, .count = true}).total == 4);
    CHECK(hewn::find_page(tx, query, {.size = 1}).rows.size() == 1);
  });
  CHECK(log.texts().size() == 7);
}

TEST_CASE("queries with select are counted and asked for rows") {
  auto db = open_sample();
  const auto names = from<agent>.order_by(col<&agent::name>).select<std::string>(col<&agent::name>);
  CHECK(db.count(names) == 7);
  CHECK(db.exists(names));
  CHECK(db.count(from<agent>.distinct().select<std::string>(col<&agent::name>)) == 3);
  CHECK(
      db.count(
          from<agent>.order_by(col<&agent::id>).limit(5).offset(3).select<std::string>(col<&agent::name>)) ==
      4);
  CHECK(db.count(from<agent>.join<environment>()
                     .group_by(col<&environment::name>)
                     .having(hewn::count() > 2)
                     .select<std::string>(col<&environment::name>)) == 1);
  CHECK(!db.exists(
      from<agent>.join<environment>().where(col<&environment::name> == "unused").select<std::string>(col<&agent::name>)));
}

TEST_CASE("what has no pages says so") {
  auto db = open_sample();
  const auto refused = [](const char* sentence, const auto& action) {
    const auto failure = failure_of(action);
    CHECK(failure.code() == errc::usage);
    CHECK(failure.what() == std::string(sentence));
  };
  const auto no_size = "hewn: a page or batch has from 1 to 1000000 rows; give another size";
  refused(no_size, [&] { hewn::find_page(db, from<agent>, {.size = 0}); });
  refused(no_size, [&] { hewn::find_page(db, from<agent>, {.size = 1'000'001}); });
  refused(no_size, [&] { hewn::batches(db, from<agent>, 0); });
  refused("hewn: a page begins at one place; give one of after, before and last", [&] {
    hewn::find_page(db, from<agent>, {.after = cursor<agent>(""), .before = cursor<agent>("")});
  });
  const auto no_place =
      "hewn: the rows of this query have no order in which each has its place; give all of its "
      "tables keys, group by columns, and leave distinct() out";
  refused(no_place, [&] { hewn::find_page(db, from<keyless>); });
  refused(no_place, [&] {
    hewn::find_page(db, from<agent>.distinct().select<std::string>(col<&agent::name>));
  });
  refused(
      "hewn: the query of a page has a limit, a lock or a set operation of its own; leave it out, "
      "or name the query as a table of another",
      [&] { hewn::find_page(db, from<agent>.limit(3).select<std::string>(col<&agent::name>)); });
  refused(
      "hewn: a page cannot follow an order by a list, JSON, a condition, a query, a window "
      "function or a value of the program; sort by other columns",
      [&] {
        hewn::find_page(
            db, from<agent>.order_by(col<&agent::id> * 2).select<std::string>(col<&agent::name>));
      });
  const auto no_number =
      "hewn: pages are counted from 1 on and this is the number of none; give another number";
  refused(no_number, [&] { hewn::find_numbered_page(db, from<agent>, {.number = 0}); });
  refused(no_number, [&] {
    hewn::find_numbered_page(db, from<agent>,
                             {.number = std::numeric_limits<std::int64_t>::max(), .size = 2});
  });
}

#ifndef HEWN_TEST_POSTGRES
TEST_CASE("an index finds where a page begins") {
  auto db = open_sample();
  db.execute(hewn::sql<"CREATE INDEX by_name ON agents (name, id)">);
  const support::statement_log log;
  const auto query = from<agent>.order_by(col<&agent::name>);
  const auto first = hewn::find_page(db, query, {.size = 2});
  db.observe(log);
  hewn::find_page(db, query, {.size = 2, .after = first.next});
  struct step {
    std::int64_t id = 0;
    std::int64_t parent = 0;
    std::int64_t notused = 0;
    std::string detail;
  };
  const auto plan = db.all<step>(hewn::dynamic_sql("EXPLAIN QUERY PLAN " + log.texts().front()),
                                 "b", std::int64_t{1}, std::int64_t{3});
  REQUIRE(plan.size() == 1);
  CHECK(plan[0].detail.starts_with("SEARCH agents USING INDEX by_name ("));
}
#endif
