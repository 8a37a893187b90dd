// tests/live/statistics_query_test.cpp - how each agent has been doing, as one typed query.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/functions.hpp>

#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using hewn::col;

namespace {

enum class outcome { succeeded, failed };

struct worker {
  std::int64_t id = 0;
  std::int64_t site = 0;
  std::string name;
  static consteval auto table() { return hewn::table("workers"); }
};

struct job {
  std::int64_t id = 0;
  std::int64_t worker_id = 0;
  outcome end = outcome::succeeded;
  std::optional<std::int64_t> ms;  // none while it runs
  static consteval auto table() {
    return hewn::table("jobs").references<&job::worker_id, &worker::id>();
  }
};

struct statistics {
  std::string name;
  std::int64_t jobs = 0;
  std::int64_t failed = 0;
  std::optional<double> mean_ms;
  std::optional<std::int64_t> slowest_ms;

  bool operator==(const statistics&) const = default;
};

}  // namespace

TEST_CASE("a statistics query is one typed query and returns what the SQL by hand returns") {
  auto db = support::open_new();
  hewn::sync<worker, job>(db);
  db.insert_many(
      std::vector<worker>{{1, 7, "ann"}, {2, 7, "bob"}, {3, 7, "cid"}, {4, 8, "elsewhere"}});
  db.insert_many(std::vector<job>{{1, 2, outcome::succeeded, 30},
                                  {2, 2, outcome::failed, 60},
                                  {3, 2, outcome::succeeded, std::nullopt},
                                  {4, 3, outcome::failed, std::nullopt},
                                  {5, 4, outcome::failed, 1}});

  const auto failed = hewn::when(col<&job::end> == outcome::failed, 1).end();
  const auto query =
      hewn::from<worker>.left_join<job>()
          .where(col<&worker::site> == 7)
          .group_by(col<&worker::id>)
          .order_by(hewn::count(col<&job::id>).desc(), col<&worker::name>)
          .select<statistics>(col<&worker::name>, hewn::count(col<&job::id>), hewn::count(failed),
                              hewn::avg(col<&job::ms>), hewn::max(col<&job::ms>));
  const std::vector<statistics> expected = {{"bob", 3, 1, 45.0, 60},
                                            {"cid", 1, 1, std::nullopt, std::nullopt},
                                            {"ann", 0, 0, std::nullopt, std::nullopt}};
  CHECK(db.all(query) == expected);
  CHECK(db.all<statistics>(
            hewn::sql<"SELECT w.name, COUNT(j.id) AS jobs, "
                      "COUNT(CASE WHEN j.\"end\" = 'failed' THEN 1 END) AS failed, "
                      "CAST(AVG(j.ms) AS double precision) AS mean_ms, MAX(j.ms) AS slowest_ms "
                      "FROM workers w LEFT JOIN jobs j ON j.worker_id = w.id WHERE w.site = ? "
                      "GROUP BY w.id ORDER BY COUNT(j.id) DESC, w.name">,
            7) == expected);
}
