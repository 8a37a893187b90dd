// tests/live/nested_queries_test.cpp - queries inside others: values, conditions, tables, sets.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

using hewn::col;
using hewn::count;
using hewn::exists;
using hewn::from;
using hewn::row_of;
using hewn::scalar;
using hewn::sum;

namespace {

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct member {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::int64_t> team_id;
  std::optional<std::int64_t> boss_id;
  std::int64_t score = 0;
  static consteval auto table() {
    return hewn::table("members")
        .references<&member::team_id, &team::id>()
        .references<&member::boss_id, &member::id>();
  }
};

struct team_total {
  std::int64_t team_id = 0;
  std::int64_t members = 0;
  std::int64_t points = 0;
};

struct chain_link {
  std::int64_t id = 0;
  std::int64_t depth = 0;
};

struct placed {
  member who;
  std::optional<team> where;
  std::int64_t points = 0;
  std::string mark;
};

using names = std::vector<std::string>;

/// Team 1: ann (5), bob (7, boss ann), team 2: cid (1, boss bob), team 3: nobody; dan has no team.
support::database open_sample() {
  auto db = support::open_new();
  hewn::sync<team, member>(db);
  db.insert_many(std::vector<team>{{1, "red"}, {2, "blue"}, {3, "none"}});
  db.insert(member{1, "ann", 1, {}, 5});
  db.insert(member{2, "bob", 1, 1, 7});
  db.insert(member{3, "cid", 2, 2, 1});
  db.insert(member{4, "dan", {}, {}, 0});
  return db;
}

}  // namespace

TEST_CASE("a correlated query is a condition, along the reference or by one") {
  auto db = open_sample();
  const auto used = from<team>.where(exists(from<member>.correlate<team>()));
  CHECK(db.all(used.order_by(col<&team::id>).select(col<&team::name>)) == names{"red", "blue"});
  CHECK(db.all(used.order_by(hewn::desc<&team::id>)).front().name == "blue");
  CHECK(db.count(used) == 2);
  CHECK(db.exists(from<team>.where(!exists(from<member>.correlate<team>()))));

  const auto strong = exists(
      from<member>.where(col<&member::score> > 4).correlate<team>(col<&member::team_id> == col<&team::id> && col<&member::name> != "ann"));
  CHECK(db.all(from<team>.where(strong && col<&team::id> < 9)).size() == 1);
}

TEST_CASE("update and remove read other tables") {
  auto db = open_sample();
  const auto total = scalar(from<member>.correlate<team>().select(sum(col<&member::score>)));
  db.update(from<team>.where(exists(from<member>.correlate<team>())), col<& team::name> = "used");
  CHECK(db.count(from<team>.where(col<&team::name> == "used")) == 2);
  db.update(from<member>.where(col<&member::id> == 4),
            col<& member::score> = scalar(from<team>.select(count())));
  CHECK(db.get<member>(4).score == 3);
  CHECK(db.all(from<team>.order_by(col<&team::id>).select(col<&team::id>, total)) ==
        std::vector<std::tuple<std::int64_t, std::optional<std::int64_t>>>{
            {1, 12}, {2, 1}, {3, std::nullopt}});
  CHECK(db.remove(from<team>.where(!exists(from<member>.correlate<team>()))) == 1);
  CHECK(db.count<team>() == 2);
}

TEST_CASE("a value is looked for among those of a query") {
  auto db = open_sample();
  const auto teams = from<team>.where(col<&team::name> != "none").select(col<&team::id>);
  CHECK(
      db.all(from<member>.where(col<&member::team_id>.in(teams)).select(col<&member::id>)).size() ==
      3);
  const auto bosses =
      from<member>.where(col<&member::boss_id>.is_not_null()).select<std::optional<std::int64_t>>(col<&member::boss_id>);
  CHECK(db.all(from<member>.where(col<&member::id>.not_in(bosses)).select(col<&member::name>)) ==
        names{"cid", "dan"});
  hewn::condition<member> w = col<&member::id>.in(bosses);
  w = w && col<&member::score> > 5;
  CHECK(db.all(from<member>.where(w)).size() == 1);
}

TEST_CASE("a scalar query takes the first row") {
  auto db = open_sample();
  const auto best = from<member>.order_by(hewn::desc<&member::score>).select(col<&member::name>);
  CHECK(db.one(from<team>.where(col<&team::id> == 1).select(scalar(best))) == "bob");
  CHECK(db.one(from<team>.where(col<&team::id> == 1).select(scalar(
            from<member>.order_by(hewn::desc<&member::score>).limit(3).select(
                col<&member::name>)))) == "bob");
  CHECK(db.one(from<team>.where(col<&team::id> == 1)
                   .select(scalar(from<member>.where(col<&member::id> == 99)
                                      .select(col<&member::name>)))) == std::nullopt);
}

TEST_CASE("a scalar query may be NULL where the table that it names may be missing") {
  auto db = open_sample();
  const auto teams = scalar(from<team>.correlate<member>().select(count()));
  const auto inner = from<member>.select(teams);
  const auto outer =
      from<member>.right_join<hewn::alias<team, "t">>(col<&member::id> < 0).select(teams);
  STATIC_CHECK(std::is_same_v<decltype(db.one(inner)), std::int64_t>);
  STATIC_CHECK(std::is_same_v<decltype(db.one(outer)), std::optional<std::int64_t>>);
  CHECK(db.all(outer).size() == 3);
}

TEST_CASE("a query stands for a table") {
  auto db = open_sample();
  const auto totals = from<member>.where(col<&member::team_id>.is_not_null())
                          .join<team>()
                          .group_by(col<&team::id>)
                          .select<team_total>(col<&team::id>, count(), scalar(from<team>.select(count())));
  CHECK(db.all(totals).size() == 2);
  const auto rows = db.all(from<team>.where(col<&team::id> > 0)
                               .left_join(totals, col<&team_total::team_id> == col<&team::id>)
                               .order_by(col<&team::id>)
                               .select(col<&team::name>, col<&team_total::members>));
  CHECK(rows == std::vector<std::tuple<std::string, std::optional<std::int64_t>>>{
                    {"red", 2}, {"blue", 1}, {"none", std::nullopt}});
  CHECK(db.all(hewn::with(totals)
                   .from<team_total>()
                   .where(col<&team_total::members> > 1)
                   .select(col<&team_total::team_id>)) == std::vector<std::int64_t>{1});
}

TEST_CASE("a recursive query walks, up to a number of rows") {
  auto db = open_sample();
  const auto top = from<member>.where(col<&member::boss_id>.is_null() && col<&member::id> == 1);
  const auto chain = [&](std::int64_t rows) {
    return hewn::with_recursive(
               top.select<chain_link>(col<&member::id>, col<&member::score> - col<&member::score>),
               from<chain_link>.join<member>(col<&member::boss_id> == col<&chain_link::id>).select<chain_link>(col<&member::id>, col<&chain_link::depth> + 1),
               rows)
        .from<chain_link>()
        .order_by(col<&chain_link::depth>)
        .select(col<&chain_link::id>, col<&chain_link::depth>);
  };
  using rows = std::vector<std::tuple<std::int64_t, std::int64_t>>;
  CHECK(db.all(chain(100)) == rows{{1, 0}, {2, 1}, {3, 2}});
  CHECK(db.all(chain(2)) == rows{{1, 0}, {2, 1}});

  // A cycle ends at the limit, and by itself where rows that are there already do not count.
  db.update(from<member>.where(col<&member::id> == 1), col<& member::boss_id> = 3);
  const auto cycle_start = from<member>.where(col<&member::id> == 1);
  const auto step =
      from<chain_link>.join<member>(col<&member::boss_id> == col<&chain_link::id>).select<chain_link>(col<&member::id>, col<&chain_link::depth>);
  const auto start = cycle_start.select<chain_link>(col<&member::id>, col<&member::score>);
  CHECK(db.one(hewn::with_recursive(start, step, 1000).from<chain_link>().select(count())) == 1000);
  CHECK(
      db.one(hewn::with_recursive_distinct(start, step, 1000).from<chain_link>().select(count())) ==
      3);
}

TEST_CASE("the limit of a recursive query holds wherever it is read") {
  auto db = open_sample();
  db.update(from<member>.where(col<&member::id> == 1), col<& member::boss_id> = 3);
  const auto walk = hewn::with_recursive(
      hewn::select<chain_link>(hewn::value(std::int64_t{1}), hewn::value(std::int64_t{0})),
      from<chain_link>.join<member>(col<&member::boss_id> == col<&chain_link::id>).select<chain_link>(col<&member::id>, col<&chain_link::depth> + 1),
      10);
  CHECK(db.count(walk.from<member>()
                     .where(col<&member::id>.in(from<chain_link>.select(col<&chain_link::id>)))
                     .select(col<&member::id>)) == 3);
  CHECK(
      db.all(
            walk.with(
                    from<chain_link>.where(col<&chain_link::depth> > 6).select<team_total>(col<&chain_link::id>, col<&chain_link::depth>, col<&chain_link::depth>))
                .from<team_total>()
                .where(col<&team_total::points> > 0))
          .size() == 3);
}

namespace {

struct name_link {
  std::int64_t id = 0;
  std::string name;
};

}  // namespace

TEST_CASE("the texts of a recursive query may be of upper() on one side") {
  auto db = open_sample();
  const auto below = from<name_link>.join<member>(col<&member::boss_id> == col<&name_link::id>);
  const auto walk = [&](const auto& first, const auto& next) {
    return db.all(
        hewn::with_recursive(
            from<member>.where(col<&member::id> == 1).template select<name_link>(col<&member::id>, first),
            below.template select<name_link>(col<&member::id>, next), 10)
            .template from<name_link>()
            .order_by(col<&name_link::id>)
            .select(col<&name_link::name>));
  };
  constexpr auto name = col<&member::name>;
  CHECK(walk(name, hewn::upper(name)) == names{"ann", "BOB", "CID"});
  CHECK(walk(hewn::upper(name), name) == names{"ANN", "bob", "cid"});
  CHECK(walk(name, hewn::concat(col<&name_link::name>, ">", hewn::upper(name))) ==
        names{"ann", "ann>BOB", "ann>BOB>CID"});
  CHECK(
      walk(name,
           hewn::coalesce(
               scalar(from<team>.where(col<&team::id> == 1).select(hewn::upper(col<&team::name>))),
               "none")) == names{"ann", "RED", "RED"});
}

namespace {

struct small {
  std::int64_t id = 0;
  std::int32_t number = 0;
};

}  // namespace

TEST_CASE("the columns of a query that stands for a table are as wide as the fields") {
  auto db = open_sample();
  hewn::sync<small>(db);
  db.insert(small{1, 2'000'000'000});
  const auto rows = from<small>.select<chain_link>(col<&small::id>, col<&small::number>);
  CHECK(db.one(hewn::with(rows).from<chain_link>().select(col<&chain_link::depth> +
                                                          2'000'000'000)) == 4'000'000'000);
  const auto doubled =
      from<chain_link>.where(col<&chain_link::id> < 3).select<chain_link>(col<&chain_link::id> + 1, col<&chain_link::depth> * 2);
  CHECK(db.all(hewn::with_recursive(rows, doubled, 10)
                   .from<chain_link>()
                   .order_by(col<&chain_link::id>)
                   .select(col<&chain_link::depth>)) ==
        std::vector<std::int64_t>{2'000'000'000, 4'000'000'000, 8'000'000'000});
}

TEST_CASE("a query that stands for a table has no key, whatever its struct is like") {
  auto db = open_sample();
  const auto teams = from<member>.select<team>(col<&member::score>, col<&member::name>);
  CHECK(support::failure_of([&] {
          db.all(hewn::with(teams).from<team>().group_by(col<&team::id>).select(col<&team::name>));
        }).code() == hewn::errc::usage);
}

TEST_CASE("what goes beside groups because of a key needs one wherever it stands") {
  auto db = open_sample();
  const auto teams = from<member>.select<team>(col<&member::score>, col<&member::name>);
  using other = hewn::alias<team, "other">;
  const auto refused = [&](const auto& query) {
    return support::failure_of([&] { db.all(query); }).code() == hewn::errc::usage;
  };
  const auto grouped = hewn::with(teams).from<team>().group_by(col<&team::id>);
  CHECK(refused(grouped.order_by(col<&team::name>).select(count())));
  CHECK(refused(grouped.having(col<&team::name> > "b").select(count())));
  const hewn::sort_choices<team> sorts{{"name", col<&team::name>}};
  CHECK(refused(grouped.order_by(sorts.parse("name")).select(count())));
  CHECK(refused(hewn::with(teams)
                    .from<other>()
                    .group_by(other::col<&team::id>)
                    .select(other::col<&team::name>)));
  // Inside of a query, the table is still the one that a query around it stands for.
  CHECK(refused(hewn::with(teams).from<member>().select(
      hewn::scalar(from<team>.group_by(col<&team::id>).select(hewn::length(col<&team::name>))))));

  // A row of a table around the query is given, whatever is grouped.
  const auto totals =
      from<member>.where(col<&member::team_id> != std::nullopt).group_by(col<&member::team_id>).select<team_total>(hewn::coalesce(col<&member::team_id>, 0), count(), hewn::coalesce(sum(col<&member::score>), 0));
  const auto of_team = hewn::with(totals)
                           .from<team_total>()
                           .correlate<team>(col<&team_total::team_id> == col<&team::id>)
                           .group_by(col<&team_total::members>)
                           .having(count() > 0 && col<&team::name> != "x")
                           .select(col<&team_total::members> + col<&team::id>);
  CHECK(db.all(from<team>.order_by(col<&team::id>).select(hewn::scalar(of_team))) ==
        std::vector<std::optional<std::int64_t>>{3, 3, std::nullopt});
}

TEST_CASE("queries that stand for tables have names of their own") {
  auto db = open_sample();
  const auto totals =
      from<member>.group_by(col<&member::score>).select<team_total>(col<&member::score>, count(), count());
  const auto twice = hewn::with(totals).from<member>().join(
      totals, col<&team_total::team_id> == col<&member::score>);
  CHECK(support::failure_of([&] { db.all(twice.select(col<&member::name>)); }).code() ==
        hewn::errc::usage);
  const auto own =
      from<member>.where(exists(from<team>.correlate<member>())).select<team>(col<&member::id>, col<&member::name>);
  CHECK(support::failure_of([&] { db.all(hewn::with(own).from<team>()); }).code() ==
        hewn::errc::usage);
  CHECK(db.all(hewn::with(from<member>.select<chain_link>(col<&member::id>, col<&member::score>))
                   .with(from<chain_link>.select<team_total>(
                       col<&chain_link::id>, col<&chain_link::depth>, col<&chain_link::depth>))
                   .from<team_total>())
            .size() == 4);
}

TEST_CASE("a grouped expression has other values inside of an aggregate") {
  auto db = open_sample();
  using row = std::tuple<std::int64_t, std::optional<std::int64_t>, std::int64_t>;
  const auto query = from<member>.group_by(col<&member::score> / 4)
                         .having(sum(col<&member::score> / 3) >= 0)
                         .order_by(hewn::max(col<&member::score> / 2).desc())
                         .select<row>(col<&member::score> / 4, sum(col<&member::score> / 5),
                                      count().filter(col<&member::score> / 7 == 1));
  CHECK(db.all(query) == std::vector<row>{{1, 2, 1}, {0, 0, 0}});
  CHECK(
      db.all(
          from<member>.group_by(col<&member::score> / 4).order_by(col<&member::score> / 4).select(sum(col<&member::score> / 4))) ==
      std::vector<std::int64_t>{0, 2});
}

TEST_CASE("set operations join, cross and subtract rows") {
  auto db = open_sample();
  const auto low = from<member>.where(col<&member::score> < 6).select(col<&member::name>);
  const auto late = from<member>.where(col<&member::id> > 1).select(col<&member::name>);
  const auto sorted = [&](const auto& query) {
    auto rows = db.all(query);
    std::sort(rows.begin(), rows.end());
    return rows;
  };
  CHECK(sorted(low.union_all(late)) == names{"ann", "bob", "cid", "cid", "dan", "dan"});
  CHECK(sorted(low.union_distinct(late)) == names{"ann", "bob", "cid", "dan"});
  CHECK(sorted(low.intersect(late)) == names{"cid", "dan"});
  CHECK(sorted(low.except(late)) == names{"ann"});
  // Left to right, whatever the precedence of the database.
  CHECK(sorted(low.union_distinct(late).intersect(late)) == names{"bob", "cid", "dan"});
  CHECK(sorted(low.union_distinct(late.intersect(low))) == names{"ann", "cid", "dan"});

  const auto one = from<member>.order_by(hewn::desc<&member::score>).limit(1);
  const auto pairs =
      one.select<chain_link>(col<&member::id>, col<&member::score>)
          .union_all(
              from<member>.where(col<&member::id> < 3).select<chain_link>(col<&member::id>, col<&member::score>))
          .order_by(hewn::desc<&chain_link::id>, col<&chain_link::depth>)
          .limit(2);
  const auto rows = db.all(pairs);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].id == 2);
  CHECK(rows[1].id == 2);
  CHECK(db.all(pairs.offset(2)).size() == 1);
  CHECK(db.all(from<member>.where(col<&member::name>.in(low.union_all(late)))).size() == 4);
}

TEST_CASE("a set operation is sorted by a field behind whole tables") {
  auto db = open_sample();
  const auto of = [](std::int64_t low, std::int64_t high) {
    return from<member>.left_join<team>(col<&team::id> == col<&member::team_id>)
        .where(col<&member::score>.between(low, high))
        .select<placed>(row_of<member>, row_of<team>, col<&member::score>, col<&member::name>);
  };
  const auto both = of(0, 5).union_all(of(6, 9));
  names found;
  for (const placed& p : db.all(both.order_by(hewn::desc<&placed::points>)))
    found.push_back(p.mark);
  CHECK(found == names{"bob", "ann", "cid", "dan"});
  found.clear();
  for (const placed& p : db.all(both.order_by(col<&placed::mark>.desc()))) found.push_back(p.mark);
  CHECK(found == names{"dan", "cid", "bob", "ann"});
}

TEST_CASE("whole rows need no select, one entity no struct around it") {
  auto db = open_sample();
  const std::vector<std::tuple<member, team>> both =
      db.all(from<member>.join<team>().order_by(col<&member::id>));
  REQUIRE(both.size() == 3);
  CHECK(std::get<1>(both[2]).name == "blue");
  const std::vector<std::tuple<team, std::optional<member>>> all =
      db.all(from<team>.left_join<member>().order_by(col<&team::id>, col<&member::id>));
  CHECK(all.size() == 4);
  CHECK(db.one(from<member>.join<team>().where(col<&team::id> == 2).select<member>(row_of<member>))
            .name == "cid");
  CHECK(db.one(from<team>.left_join<member>().where(col<&team::id> == 3).select(row_of<member>)) ==
        std::nullopt);
}

TEST_CASE("a group may be made with values of the program") {
  auto db = open_sample();
  const auto buckets = [](std::int64_t size, std::int64_t again) {
    return from<member>.group_by(col<&member::score> / size, col<&member::name> == "dan")
        .having(col<&member::score> / size >= 0)
        .order_by(col<&member::score> / size)
        .select(col<&member::score> / again, count());
  };
  using rows = std::vector<std::tuple<std::int64_t, std::int64_t>>;
  CHECK(db.all(buckets(4, 4)) == rows{{0, 1}, {0, 1}, {1, 2}});
  CHECK(support::failure_of([&] { db.all(buckets(4, 5)); }).code() == hewn::errc::usage);
  // An aggregate is taken of other values.
  CHECK(db.all(from<member>.group_by(col<&member::score> / 4)
                   .having(hewn::max(col<&member::score> / 2) < 3)
                   .order_by(col<&member::score> / 4, hewn::min(col<&member::score> / 3).desc())
                   .select(col<&member::score> / 4, hewn::sum(col<&member::score> / 5))) ==
        rows{{0, 0}});
  const std::string name = "ann";
  CHECK(
      db.all(
            from<member>.group_by(col<&member::name> == name).select<std::tuple<bool, std::int64_t>>(col<&member::name> == name, count()))
          .size() == 2);
}

TEST_CASE("rows of values are compared from the first to the last") {
  auto db = open_sample();
  using hewn::row;
  const auto after = [](std::int64_t score, const std::string& name) {
    return from<member>.where(row(col<&member::score>, col<&member::name>) > row(score, name))
        .order_by(col<&member::score>)
        .select(col<&member::name>);
  };
  CHECK(db.all(after(1, "cid")) == names{"ann", "bob"});
  CHECK(db.all(after(1, "a")) == names{"cid", "ann", "bob"});
  CHECK(db.count(from<member>.where(row(col<&member::id>, col<&member::name>) == row(2, "bob"))) ==
        1);
  const auto pairs =
      from<member>.where(col<&member::score> > 4).select(col<&member::id>, col<&member::score>);
  CHECK(db.count(from<member>.where(row(col<&member::id>, col<&member::score>).in(pairs))) == 2);
  CHECK(db.count(from<member>.where(row(col<&member::id>, col<&member::score>).not_in(pairs))) ==
        2);
}
