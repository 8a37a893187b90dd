// tests/live/writes_by_subquery_test.cpp - updates and removals that read other tables.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::col;
using hewn::from;

namespace {

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::int64_t> best;
};

struct run {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  std::int64_t points = 0;
  static consteval auto table() {
    return hewn::table("runs").references<&run::agent_id, &agent::id>();
  }
};

support::database open_sample() {
  auto db = support::open_new();
  hewn::sync<agent, run>(db);
  db.insert_many({agent{1, "ann"}, agent{2, "bob"}, agent{3, "cid"}});
  db.insert_many({run{0, 1, 5}, run{0, 1, 9}, run{0, 2, 2}});
  return db;
}

std::vector<std::string> names(const support::database& db) {
  std::vector<std::string> found;
  for (const agent& a : db.all(from<agent>.order_by(col<&agent::id>))) found.push_back(a.name);
  return found;
}

/// The runs of the agent around them.
auto runs_with(std::int64_t points) {
  return from<run>.correlate<agent>().where(col<&run::agent_id> == col<&agent::id> &&
                                            col<&run::points> > points);
}

}  // namespace

TEST_CASE("rows are chosen by rows of another table, with values on both sides") {
  auto db = open_sample();
  const std::string but = "nobody";
  CHECK(db.update(from<agent>.where(col<&agent::name> != but && hewn::exists(runs_with(4)) &&
                                    col<&agent::id> < 9),
                  col<& agent::name> = "first") == 1);
  CHECK(names(db) == std::vector<std::string>{"first", "bob", "cid"});
  const auto few = from<run>.where(col<&run::points> < 3).select<std::int64_t>(col<&run::agent_id>);
  const auto changed =
      db.update_returning(from<agent>.where(col<&agent::id>.in(few) && col<&agent::name> != "x"),
                          col<& agent::name> = "few");
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].id == 2);
  CHECK(db.remove(from<agent>.where(!hewn::exists(runs_with(-1)))) == 1);
  CHECK(names(db) == std::vector<std::string>{"first", "few"});
  CHECK(
      db
          .remove_returning(from<run>.where(col<&run::agent_id>.in(
              from<agent>.where(col<&agent::name> == "few").select<std::int64_t>(col<&agent::id>))))
          .size() == 1);
}

TEST_CASE("a column is set to the value of a query about the row") {
  auto db = open_sample();
  const auto best = runs_with(3).select<std::optional<std::int64_t>>(hewn::max(col<&run::points>));
  CHECK(db.update(from<agent>.where(col<&agent::id> < 3), col<& agent::best> = hewn::scalar(best),
                  col<& agent::name> = "seen") == 2);
  CHECK(db.get<agent>(1).best == 9);
  CHECK(db.get<agent>(2).best == std::nullopt);
  CHECK(db.get<agent>(3).name == "cid");
}

TEST_CASE("jobs are claimed by what other tables say of them") {
  auto db = open_sample();
  const auto taken = db.claim(from<agent>.where(col<&agent::best> == std::nullopt &&
                                                hewn::exists(runs_with(1)))
                                  .order_by(hewn::desc<&agent::id>)
                                  .limit(1),
                              col<&agent::best> = 7);
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].id == 2);
}
