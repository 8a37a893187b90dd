// tests/live/dynamic_queries_test.cpp - filters and orders that are chosen at run time.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>
#include <hewn/pages.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using hewn::if_given;
using support::failure_of;

namespace {

enum class status { idle, running };

struct environment {
  std::int64_t id = 0;
  std::string name;
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::int64_t environment_id = 0;
  std::optional<std::int64_t> rank;
  status state = status::idle;
  hewn::timestamp seen;
  static consteval auto table() {
    return hewn::table("agents").references<&agent::environment_id, &environment::id>();
  }
};

constexpr hewn::sort_choices<agent> sorts{{"name", col<&agent::name>},
                                          {"rank", col<&agent::rank>},
                                          {"ranked", col<&agent::rank>.asc().nulls_last()},
                                          {"state", col<&agent::state>}};

constexpr hewn::sort_choices<agent, environment> all_sorts{
    {"name", col<&agent::name>},
    {"environment", col<&environment::name>},
    {"agents", hewn::count(col<&agent::id>)}};

hewn::timestamp at(int second) { return hewn::timestamp(std::chrono::seconds(second)); }

support::database open_sample() {
  auto db = support::open_new();
  hewn::sync<environment, agent>(db);
  db.insert_many(std::vector<environment>{{1, "dev"}, {2, "prod"}, {3, "empty"}});
  db.insert_many(std::vector<agent>{{1, "ann", 1, 3, status::running, at(10)},
                                    {2, "bob", 2, std::nullopt, status::idle, at(20)},
                                    {3, "cid", 2, 1, status::idle, at(30)},
                                    {4, "ann", 2, 1, status::running, at(40)}});
  return db;
}

struct ranking {
  std::int64_t agent_id = 0;
  std::int64_t rank = 0;
};

/// What the form of a list page holds.
struct filter {
  std::optional<std::string> name;
  std::optional<std::string> pattern;
  std::optional<status> state;
  std::optional<std::int64_t> rank_from;
  std::optional<std::vector<std::int64_t>> environments;
  std::optional<hewn::timestamp> since;
};

auto matching(const filter& f) {
  return from<agent>.where(
      col<&agent::name> == if_given(f.name) && col<&agent::name>.like(if_given(f.pattern)) &&
      col<&agent::state> == if_given(f.state) && col<&agent::rank> >= if_given(f.rank_from) &&
      col<&agent::environment_id>.in(if_given(f.environments)) &&
      col<&agent::seen> >= if_given(f.since));
}

template <class Rows>
std::vector<std::int64_t> ids(const Rows& rows) {
  std::vector<std::int64_t> out;
  for (const auto& row : rows) out.push_back(row.id);
  return out;
}

using numbers = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("a filter restricts by what is given and by nothing else") {
  auto db = open_sample();
  const auto found = [&](const filter& f) {
    return ids(db.all(matching(f).order_by(col<&agent::id>)));
  };
  CHECK(found({}) == numbers{1, 2, 3, 4});
  CHECK(found({.name = "ann"}) == numbers{1, 4});
  CHECK(found({.pattern = "%i%"}) == numbers{3});
  CHECK(found({.state = status::idle}) == numbers{2, 3});
  CHECK(found({.rank_from = 1}) == numbers{1, 3, 4});
  CHECK(found({.environments = numbers{2, 3}}) == numbers{2, 3, 4});
  CHECK(found({.environments = numbers{}}) == numbers{});
  CHECK(found({.since = at(30)}) == numbers{3, 4});
  CHECK(found({.name = "ann", .state = status::running, .rank_from = 2}) == numbers{1});
  CHECK(db.count(matching({.rank_from = 2})) == 1);
  CHECK(db.exists(matching({.name = "bob", .environments = numbers{1}})) == false);
}

TEST_CASE("a condition keeps its text, whatever the filter does meanwhile") {
  auto db = open_sample();
  std::optional<std::string> name = "a name that is too long for the string object itself";
  auto query = from<agent>.where(col<&agent::name> != if_given(name))
                   .where_if(name, [](auto n) { return col<&agent::name> != n; })
                   .where_if(name, [](std::string_view n) {
                     return col<&agent::name> != std::string(n) + " and longer";
                   });
  name = std::nullopt;
  CHECK(db.count(query) == 4);
  CHECK(ids(db.all(query.where_if(name, [](auto n) { return col<&agent::name> == n; })
                       .where_if(true, col<&agent::rank> > 1))) == numbers{1});
}

TEST_CASE("what would change every row because nothing was given is refused") {
  auto db = open_sample();
  const std::optional<std::string> none;
  CHECK(failure_of([&] {
          db.remove(from<agent>.where(col<&agent::name> == if_given(none)));
        }).code() == errc::usage);
  CHECK(failure_of([&] {
          db.update(from<agent>.where_if(false, col<&agent::id> == 1), col<& agent::name> = "x");
        }).code() == errc::usage);
  CHECK(db.count<agent>() == 4);
  CHECK(db.update(from<agent>.where_if(true, col<&agent::id> == 1), col<& agent::name> = "x") == 1);
}

TEST_CASE("joined queries leave conditions out too") {
  auto db = open_sample();
  const auto found = [&](const std::optional<std::string>& environment_name,
                         std::optional<std::int64_t> rank) {
    return db.all(from<agent>.join<environment>()
                      .where(col<&environment::name> == if_given(environment_name) &&
                             col<&agent::rank> == if_given(rank))
                      .where_if(rank, [](auto r) { return col<&agent::rank> <= r; })
                      .order_by(col<&agent::id>)
                      .select<std::int64_t>(col<&agent::id>));
  };
  CHECK(found({}, {}) == numbers{1, 2, 3, 4});
  CHECK(found("prod", {}) == numbers{2, 3, 4});
  CHECK(found({}, 1) == numbers{3, 4});
  CHECK(found("dev", 1) == numbers{});
}

TEST_CASE("rows come in the chosen order, and in the same one each time") {
  auto db = open_sample();
  const auto sorted = [&](const char* order) {
    return ids(db.all(from<agent>.order_by(sorts.parse(order))));
  };
  CHECK(sorted("") == numbers{1, 2, 3, 4});
  CHECK(sorted("name") == numbers{1, 4, 2, 3});
  CHECK(sorted("-name") == numbers{3, 2, 4, 1});
  CHECK(sorted("rank") == numbers{2, 3, 4, 1});
  CHECK(sorted("-rank") == numbers{1, 4, 3, 2});
  CHECK(sorted("ranked,-name") == numbers{3, 4, 1, 2});
  CHECK(sorted("-ranked") == numbers{1, 4, 3, 2});
  CHECK(sorted("-state,rank") == numbers{4, 1, 2, 3});
  CHECK(db.first(from<agent>.order_by(sorts.parse("-rank")).limit(1))->id == 1);
}

TEST_CASE("joined queries and groups are sorted as chosen") {
  auto db = open_sample();
  CHECK(
      db.all(
          from<agent>.join<environment>().order_by(all_sorts.parse("-environment,name")).select<std::int64_t>(col<&agent::id>)) ==
      numbers{4, 2, 3, 1});
  CHECK(db.all(from<environment>.left_join<agent>()
                   .group_by(col<&environment::name>)
                   .order_by(all_sorts.parse("-agents"))
                   .select<std::string>(col<&environment::name>)) ==
        std::vector<std::string>{"prod", "dev", "empty"});
  CHECK(failure_of([] {
          from<environment>.left_join<agent>()
              .group_by(col<&environment::name>)
              .order_by(all_sorts.parse("name"))
              .select<std::string>(col<&environment::name>);
        }).code() == errc::usage);
}

TEST_CASE("joins are chosen at run time") {
  auto db = open_sample();
  // The columns of a page are chosen by its user, and the joins go with them.
  const auto page = [&](bool with_environment, std::optional<std::string> only) {
    return from<agent>.left_join_if<environment>(with_environment,
                                                 col<&environment::id> == col<&agent::environment_id> &&
                                                     col<&environment::name> != "dev")
        .where(col<&agent::id> <= 3)
        .where_if(only, [](auto name) { return col<&environment::name> == name; });
  };
  const auto read = [&](bool with_environment, std::optional<std::string> only = {}) {
    return db.all(page(with_environment, only)
                      .order_by(col<&environment::name>, col<&agent::id>)
                      .limit(2)
                      .select(col<&agent::name>, col<&environment::name>));
  };
  using name = std::optional<std::string>;
  using rows = std::vector<std::tuple<std::string, name>>;
  CHECK(read(true) == rows{{"ann", std::nullopt}, {"bob", "prod"}});
  CHECK(read(true, "prod") == rows{{"bob", "prod"}, {"cid", "prod"}});
  CHECK(read(false) == rows{{"ann", std::nullopt}, {"bob", std::nullopt}});
  // What is NULL equals nothing: the condition that names the table is to be left out beside it.
  CHECK(read(false, "prod").empty());

  for (const bool joined : {true, false}) {
    CAPTURE(joined);
    const auto whole = db.all(page(joined, {}).order_by(col<&agent::id>));
    REQUIRE(whole.size() == 3);
    CHECK(std::get<0>(whole[1]).name == "bob");
    CHECK(std::get<1>(whole[0]).has_value() == false);
    CHECK(std::get<1>(whole[1]).has_value() == joined);
    const auto query = page(joined, {}).select(col<&agent::id>, col<&environment::id>);
    CHECK(db.count(query) == 3);
    CHECK(db.exists(query));
    const auto grouped = db.all(page(joined, {})
                                    .group_by(col<&environment::name>)
                                    .select(col<&environment::name>, hewn::count()));
    CHECK(grouped.size() == (joined ? 2u : 1u));
  }
}

TEST_CASE("an inner join that is left out narrows nothing, and others may go by it") {
  auto db = open_sample();
  using other = hewn::alias<agent, "other">;
  const auto query = [](bool joined) {
    return from<agent>.join_if<environment>(joined)
        .left_join_if<other>(joined, other::col<&agent::environment_id> == col<&environment::id> &&
                                         other::col<&agent::id> != col<&agent::id>)
        .where_if(joined, col<&environment::name> == "prod");
  };
  const auto read = [&](bool joined) {
    std::vector<std::int64_t> found;
    for (const auto& row : db.each(query(joined)
                                       .order_by(col<&agent::id>, other::col<&agent::id>)
                                       .select(col<&agent::id>)))
      found.push_back(row);
    return found;
  };
  CHECK(read(true) == numbers{2, 2, 3, 3, 4, 4});
  CHECK(read(false) == numbers{1, 2, 3, 4});
  for (const bool joined : {true, false, true})
    CHECK(db.count(query(joined).distinct().select(col<&agent::id>)) == (joined ? 3 : 4));
  // What a query inside reads itself is there all the same.
  const auto inside = [](bool joined) {
    return from<agent>.join_if<environment>(joined)
        .where(hewn::exists(from<environment>.where(col<&environment::name> == "dev")) &&
               col<&agent::rank>.in(numbers{1, 3}))
        .where_if(joined, hewn::exists(from<other>.correlate<environment>().where(
                              other::col<&agent::id> != 1)))
        .order_by(col<&agent::id>)
        .select(col<&agent::id>, hewn::coalesce(col<&environment::name>, "none"));
  };
  using named = std::vector<std::tuple<std::int64_t, std::string>>;
  CHECK(db.all(inside(false)) == named{{1, "none"}, {3, "none"}, {4, "none"}});
  CHECK(db.all(inside(true)) == named{{3, "prod"}, {4, "prod"}});
}

TEST_CASE("a query that stands for a table is joined or left out") {
  auto db = open_sample();
  const auto ranked =
      from<agent>.where(col<&agent::rank> > 0)
          .select<ranking>(col<&agent::id>, hewn::coalesce(col<&agent::rank>, 0));
  using rank = std::optional<std::int64_t>;
  using rows = std::vector<std::tuple<std::int64_t, rank>>;
  const auto all_of = [](bool joined, bool left) {
    rows found = {{1, 3}, {2, std::nullopt}, {3, 1}, {4, 1}};
    if (joined && !left) found.erase(found.begin() + 1);
    if (!joined)
      for (auto& row : found) std::get<1>(row).reset();
    return found;
  };
  const auto read = [&](const auto& query) {
    return db.all(query.where(col<&agent::id> < 5).order_by(col<&agent::id>).select(
        col<&agent::id>, col<&ranking::rank>));
  };
  const auto same = col<&ranking::agent_id> == col<&agent::id>;
  for (const bool joined : {true, false, true}) {
    CAPTURE(joined);
    CHECK(read(from<agent>.join_if(joined, ranked, same)) == all_of(joined, false));
    CHECK(read(from<agent>.left_join_if(joined, ranked, same)) == all_of(joined, true));
    // Beside a table that is chosen, before and behind it.
    CHECK(read(from<agent>.left_join_if<environment>(!joined).join_if(joined, ranked, same)) ==
          all_of(joined, false));
    CHECK(read(from<agent>.left_join_if(joined, ranked, same && col<&ranking::rank> < 9)
                   .left_join_if<environment>(!joined)) == all_of(joined, true));
    CHECK(db.count(from<agent>.join_if(joined, ranked, same).select(col<&agent::id>)) ==
          (joined ? 3 : 4));
  }
}

TEST_CASE("pages and groups go by a table that is left out as by one without rows") {
  auto db = open_sample();
  for (const bool joined : {true, false}) {
    CAPTURE(joined);
    const auto list =
        from<agent>.left_join_if<environment>(joined).order_by(all_sorts.parse("-environment,name")).select(col<&agent::id>, col<&environment::name>);
    numbers found;
    for (const auto& rows : hewn::batches(db, list, 1))
      for (const auto& row : rows) found.push_back(std::get<0>(row));
    CHECK(found == (joined ? numbers{4, 2, 3, 1} : numbers{1, 4, 2, 3}));

    const auto ranked =
        from<agent>.where(col<&agent::rank> > 0).select<ranking>(col<&agent::id>, hewn::coalesce(col<&agent::rank>, 0));
    const auto grouped =
        db.all(from<agent>.join(ranked, col<&ranking::agent_id> == col<&agent::id>)
                   .left_join_if<environment>(joined)
                   .group_by(col<&environment::id>)
                   .select(col<&environment::name>, hewn::sum(col<&ranking::rank>)));
    CHECK(grouped.size() == (joined ? 2u : 1u));
  }
}

TEST_CASE("lists of any length are one statement") {
  auto db = open_sample();
  std::vector<std::string> texts;
  db.observe([&](const hewn::statement_event& e) { texts.emplace_back(e.sql); });
  for (const std::size_t length : {0u, 1u, 2u, 3u, 1000u, 40'000u}) {
    numbers wanted;
    for (std::size_t i = 0; i != length; ++i) wanted.push_back(static_cast<std::int64_t>(i + 1));
    const auto expected = static_cast<std::int64_t>(length < 4 ? length : 4);
    CHECK(db.count(from<agent>.where(col<&agent::id>.in(wanted))) == expected);
  }
  REQUIRE(texts.size() == 6);
  for (const std::string& text : texts) CHECK(text == texts.front());
}
