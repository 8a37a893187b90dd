// tests/live/joined_queries_test.cpp - queries over several tables: which rows, in which types.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/uuid.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using hewn::alias;
using hewn::avg;
using hewn::col;
using hewn::count;
using hewn::count_distinct;
using hewn::desc;
using hewn::errc;
using hewn::from;
using hewn::row_of;
using hewn::sum;
using support::failure_of;

namespace {

enum class status { idle, running, failed_for_a_reason_with_a_long_name };

struct environment {
  std::int64_t id = 0;
  std::string name;
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::int64_t environment_id = 0;
  std::optional<std::int64_t> boss_id;
  status state = status::idle;
  std::optional<std::int64_t> rank;
  boost::uuids::uuid token{};
  static consteval auto table() {
    return hewn::table("agents")
        .references<&agent::environment_id, &environment::id>()
        .references<&agent::boss_id, &agent::id>();
  }
};

struct run {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  double cost = 0;
  std::int64_t tokens = 0;
  hewn::timestamp started;
  static consteval auto table() {
    return hewn::table("runs").references<&run::agent_id, &agent::id>(hewn::on_delete::cascade);
  }
};

using boss = alias<agent, "boss">;

boost::uuids::uuid token_of(unsigned char last) {
  boost::uuids::uuid token{};
  *(token.begin() + 15) = last;
  *token.begin() = 1;
  return token;
}

hewn::timestamp at(int seconds) {
  return hewn::timestamp(std::chrono::seconds(1'700'000'000 + seconds));
}

/// Two environments, one of them empty; three agents, one without runs; three runs.
support::database open_sample() {
  auto db = support::open_new();
  hewn::sync<environment, agent, run>(db);
  db.insert_many(std::vector<environment>{{1, "dev"}, {2, "prod"}, {3, "empty"}});
  db.insert_many(std::vector<agent>{
      {1, "ann", 1, std::nullopt, status::running, 3, token_of(1)},
      {2, "bob", 2, 1, status::failed_for_a_reason_with_a_long_name, std::nullopt, token_of(2)},
      {3, "cid", 2, 1, status::idle, 1, token_of(3)}});
  db.insert_many(
      std::vector<run>{{1, 1, 2.5, 100, at(1)}, {2, 1, 3.5, 200, at(2)}, {3, 2, 1.0, 50, at(3)}});
  return db;
}

struct place_of_agent {
  std::string agent;
  std::string environment;

  bool operator==(const place_of_agent&) const = default;
};

struct statistics {
  std::int64_t id = 0;
  std::string name;
  std::int64_t runs = 0;
  std::optional<double> mean;
  std::optional<std::int64_t> tokens;

  bool operator==(const statistics&) const = default;
};

struct agent_and_boss {
  agent self;
  std::optional<agent> boss;
  std::optional<std::string> name;
};

template <class Rows>
auto names_of(Rows&& rows) {
  std::vector<std::string> names;
  for (const auto& row : rows) names.push_back(row);
  return names;
}

}  // namespace

TEST_CASE("a table is joined along its reference or by a condition") {
  auto db = open_sample();
  const std::vector<place_of_agent> all = {{"ann", "dev"}, {"bob", "prod"}, {"cid", "prod"}};
  CHECK(
      db.all(
          from<agent>.join<environment>().order_by(col<&agent::name>).select<place_of_agent>(col<&agent::name>, col<&environment::name>)) ==
      all);
  // The other way round, where the table that is added refers to the one that is there.
  CHECK(
      db.all(
          from<environment>.join<agent>().order_by(col<&agent::name>).select<place_of_agent>(col<&agent::name>, col<&environment::name>)) ==
      all);
  CHECK(db.all(from<agent>
                   .join<environment>(col<&environment::id> == col<&agent::environment_id> &&
                                      col<&environment::name> == "prod")
                   .where(col<&agent::name> > "b")
                   .order_by(desc<&agent::id>)
                   .select<place_of_agent>(col<&agent::name>, col<&environment::name>)) ==
        std::vector<place_of_agent>{{"cid", "prod"}, {"bob", "prod"}});
  CHECK(db.one(from<agent>.cross_join<environment>().select<std::int64_t>(count())) == 9);
}

TEST_CASE("the far side of an outer join is empty where there is no row") {
  auto db = open_sample();
  const auto pairs = db.all(from<agent>
                                .left_join<boss>(col<&agent::boss_id> == boss::col<&agent::id>)
                                .order_by(col<&agent::id>)
                                .select<agent_and_boss>(row_of<agent>, row_of<boss>,
                                                        boss::col<&agent::name>));
  REQUIRE(pairs.size() == 3);
  CHECK(pairs[0].self.name == "ann");
  CHECK(pairs[0].self.token == token_of(1));
  CHECK(!pairs[0].boss);
  CHECK(!pairs[0].name);
  CHECK(pairs[1].self.state == status::failed_for_a_reason_with_a_long_name);
  REQUIRE(pairs[1].boss);
  CHECK(pairs[1].boss->name == "ann");
  CHECK(pairs[1].boss->rank == 3);
  CHECK(pairs[2].name == "ann");

  const auto right = db.all(
      from<agent>.right_join<environment>().order_by(col<&environment::id>, col<&agent::id>).select<std::tuple<std::optional<std::string>, std::string>>(col<&agent::name>, col<&environment::name>));
  REQUIRE(right.size() == 4);
  CHECK(right[3] == std::tuple(std::optional<std::string>(), std::string("empty")));
  const auto full = db.all(
      from<run>.full_join<agent>().where(col<&run::id>.is_null()).select<std::tuple<std::optional<run>, std::optional<std::string>>>(row_of<run>, col<&agent::name>));
  REQUIRE(full.size() == 1);
  CHECK(!std::get<0>(full[0]));
  CHECK(std::get<1>(full[0]) == "cid");
}

TEST_CASE("rows are counted and summed in groups") {
  auto db = open_sample();
  const auto query = from<agent>.left_join<run>()
                         .group_by(col<&agent::id>)
                         .order_by(count(col<&run::id>).desc(), col<&agent::id>)
                         .select<statistics>(col<&agent::id>, col<&agent::name>,
                                             count(col<&run::id>), avg(col<&run::cost>),
                                             sum(col<&run::tokens>));
  const std::vector<statistics> all = {
      {1, "ann", 2, 3.0, 300}, {2, "bob", 1, 1.0, 50}, {3, "cid", 0, std::nullopt, std::nullopt}};
  CHECK(db.all(query) == all);
  CHECK(db.all(query) == all);  // it is kept and run again
  CHECK(db.all(from<agent>.left_join<run>()
                   .where(col<&run::cost> > 0.5)
                   .group_by(col<&agent::id>, col<&agent::name>)
                   .having(count() > 1)
                   .select<statistics>(col<&agent::id>, col<&agent::name>, count(col<&run::id>),
                                       avg(col<&run::cost>), sum(col<&run::tokens>))) ==
        std::vector<statistics>{all[0]});

  // One row where nothing is grouped, even of no rows at all.
  using totals = std::tuple<std::int64_t, std::int64_t, std::optional<std::int64_t>,
                            std::optional<double>, std::optional<double>>;
  const auto total =
      from<run>.where(col<&run::tokens> > 1000).select<totals>(count(), count_distinct(col<&run::agent_id>), sum(col<&run::tokens>), sum(col<&run::cost>), hewn::max(col<&run::cost>));
  CHECK(db.one(total) == totals(0, 0, std::nullopt, std::nullopt, std::nullopt));
  CHECK(db.one(from<run>.select<totals>(
            count(), count_distinct(col<&run::agent_id>), sum(col<&run::tokens>),
            sum(col<&run::cost>), hewn::max(col<&run::cost>))) == totals(3, 2, 350, 7.0, 3.5));
  CHECK(db.one(from<run>.select<std::optional<hewn::timestamp>>(hewn::min(col<&run::started>))) ==
        at(1));
}

TEST_CASE("a sum of integers that has no room is an error") {
  auto db = open_sample();
  db.insert(run{4, 3, 0, INT64_MAX, at(4)});
  const auto total = from<run>.select<std::optional<std::int64_t>>(sum(col<&run::tokens>));
  CHECK(failure_of([&] { db.one(total); }).code() == errc::invalid_data);
}

TEST_CASE("values of every kind keep their places, whatever was written first") {
  auto db = open_sample();
  // A value in where() before the one of a later join.
  const std::vector<std::int64_t> ids = {1, 2, 3};
  const auto query = [&] {
    std::string name = "a name that no short string has room for, so that it is kept: bob";
    const std::string prefix = "prod";
    return from<agent>.where(col<&agent::name> != std::move(name))
        .limit(5)
        .join<environment>(col<&environment::id> == col<&agent::environment_id> &&
                           col<&environment::name> == std::string(prefix))
        .where(col<&agent::id>.in(ids) &&
               col<&agent::state> == status::failed_for_a_reason_with_a_long_name &&
               col<&agent::token> == token_of(2) && col<&agent::rank> == std::nullopt)
        .join<run>(col<&run::agent_id> == col<&agent::id> && col<&run::started> >= at(3) &&
                   col<&run::cost> <= 1.0)
        .select<std::string>(col<&agent::name>);
  }();
  CHECK(names_of(db.all(query)) == std::vector<std::string>{"bob"});
  CHECK(names_of(db.each(query)) == std::vector<std::string>{"bob"});
}

TEST_CASE("conditions that are put together at run time join the others") {
  auto db = open_sample();
  hewn::condition<agent, environment> filter;
  const auto query = [&] {
    return from<agent>.join<environment>()
        .where(col<&agent::id> > 0)
        .where(filter)
        .order_by(col<&agent::id>)
        .select<std::string>(col<&agent::name>);
  };
  CHECK(names_of(db.all(query())) == std::vector<std::string>{"ann", "bob", "cid"});
  filter = filter && col<&environment::name> == "prod";
  CHECK(names_of(db.all(query())) == std::vector<std::string>{"bob", "cid"});
  filter = filter && col<&agent::rank> == 1;
  CHECK(names_of(db.all(query())) == std::vector<std::string>{"cid"});
}

TEST_CASE("NULLs come before all values, and last in descending order") {
  auto db = open_sample();
  const auto agents = from<agent>.join<environment>();
  const auto sorted = [&](auto key) {
    return names_of(db.all(agents.order_by(key).template select<std::string>(col<&agent::name>)));
  };
  using names = std::vector<std::string>;
  CHECK(sorted(col<&agent::rank>) == names{"bob", "cid", "ann"});
  CHECK(sorted(desc<&agent::rank>) == names{"ann", "cid", "bob"});
  CHECK(sorted(col<&agent::rank>.asc().nulls_last()) == names{"cid", "ann", "bob"});
  CHECK(sorted(col<&agent::rank>.desc().nulls_first()) == names{"bob", "ann", "cid"});
}

TEST_CASE("a query of several tables is limited, distinct, and read one by one") {
  auto db = open_sample();
  const auto places = from<agent>.join<environment>().distinct().order_by(col<&environment::name>);
  CHECK(names_of(db.all(places.select<std::string>(col<&environment::name>))) ==
        std::vector<std::string>{"dev", "prod"});
  CHECK(names_of(db.all(places.limit(1).offset(1).select<std::string>(col<&environment::name>))) ==
        std::vector<std::string>{"prod"});
  CHECK(names_of(db.all(places.offset(1).select<std::string>(col<&environment::name>))) ==
        std::vector<std::string>{"prod"});
  CHECK(db.first(places.select<std::string>(col<&environment::name>)) == "dev");

  const auto none =
      from<agent>.join<environment>().where(col<&agent::id> > 99).select<std::string>(col<&agent::name>);
  CHECK(!db.first(none));
  CHECK(failure_of([&] { db.one(none); }).code() == errc::not_found);
  const auto many = from<agent>.join<environment>().select<std::string>(col<&agent::name>);
  CHECK(failure_of([&] { db.one(many); }).code() == errc::usage);
  CHECK(failure_of([&] {
          db.all(places.limit(-1).select<std::string>(col<&environment::name>));
        }).code() == errc::usage);
  for (const std::string& name : db.each(many)) {
    CHECK(!name.empty());
    break;  // which ends the query
  }
  CHECK(db.all(many).size() == 3);
}

TEST_CASE("an error of a column that does not fit its field names the column") {
  auto db = open_sample();
  db.execute(hewn::dynamic_sql("DROP TABLE runs"));
  db.execute(
      hewn::dynamic_sql("CREATE TABLE runs (id BIGINT PRIMARY KEY, agent_id BIGINT, cost "
                        "TEXT, tokens BIGINT, started TEXT)"));
  const auto failure = failure_of([&] {
    db.all(from<agent>.join<run>().select<std::tuple<std::string, double>>(col<&agent::name>,
                                                                           col<&run::cost>));
  });
  CHECK(failure.code() == errc::schema_mismatch);
  CHECK(failure.what() == "hewn: the result of a query does not fit its struct: column cost is " +
                              support::either("TEXT", "text") +
                              " but the field is a real number; correct the field, or change the "
                              "column by a migration");
}
