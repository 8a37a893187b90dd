// tests/live/design_program_test.cpp - the program that shows the library, with its results.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/json.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

struct settings {
  std::string model;
  double temperature = 0.7;
};

enum class status { idle, running, failed };

struct environment {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("environments").unique<&environment::name>(); }
};

struct agent {
  std::int64_t id = 0;
  std::int64_t environment_id = 0;
  std::string name;
  status state = status::idle;
  std::optional<std::string> cron_schedule;
  hewn::json<settings> configuration;
  hewn::timestamp created_at = {}, updated_at = {};

  static consteval auto table() {
    return hewn::table("agents")
        .references<&agent::environment_id, &environment::id>(hewn::on_delete::cascade)
        .index<&agent::environment_id, &agent::state>()
        .length<&agent::name>(1, 255)
        .created<&agent::created_at>()
        .updated<&agent::updated_at>();
  }
};

struct agent_run {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  std::int64_t duration_ms = 0;

  static consteval auto table() {
    return hewn::table("agent_runs")
        .references<&agent_run::agent_id, &agent::id>(hewn::on_delete::cascade);
  }
};

struct stats {
  std::int64_t id;
  std::string name;
  std::int64_t total_runs;
  std::optional<double> avg_ms;
};

TEST_CASE("the program of the design runs and means what it says") {
  auto db = support::open_new();
  hewn::sync<environment, agent, agent_run>(db);
  CHECK(hewn::sync<environment, agent, agent_run>(db).empty());

  environment env;
  db.transaction([&](auto& tx) {
    env = tx.insert(environment{.name = "prod"});
    tx.insert(agent{.environment_id = env.id, .name = "supervisor"});
  });
  CHECK(env.id == 1);

  const auto supervisor = db.get<agent>(1);
  CHECK(supervisor.name == "supervisor");
  CHECK(supervisor.state == status::idle);
  CHECK_FALSE(supervisor.cron_schedule);
  CHECK(supervisor.configuration->temperature == 0.7);
  CHECK(supervisor.created_at != hewn::timestamp{});
  CHECK(supervisor.created_at == supervisor.updated_at);

  using hewn::col;
  const auto busy_query = hewn::from<agent>
                              .where(col<&agent::state> == status::running &&
                                     col<&agent::environment_id> == env.id)
                              .order_by(hewn::desc<&agent::created_at>)
                              .limit(50);
  CHECK(db.all(busy_query).empty());
  db.insert(agent{.environment_id = env.id,
                  .name = "writer",
                  .state = status::running,
                  .cron_schedule = "0 * * * *",
                  .configuration = settings{.model = "large"}});
  const auto busy = db.all(busy_query);
  REQUIRE(busy.size() == 1);
  CHECK(busy[0].name == "writer");
  CHECK(busy[0].cron_schedule == "0 * * * *");
  CHECK(busy[0].configuration->model == "large");

  std::vector<std::string> names;
  for (const agent& a : db.each(hewn::from<agent>)) names.push_back(a.name);
  CHECK(names == std::vector<std::string>{"supervisor", "writer"});

  for (const std::int64_t ms : {100, 300}) db.insert(agent_run{.agent_id = 1, .duration_ms = ms});
  const auto rows = db.all<stats>(
      hewn::sql<"SELECT a.id, a.name, COUNT(r.id) AS total_runs, AVG(r.duration_ms) AS avg_ms "
                "FROM agents a LEFT JOIN agent_runs r ON r.agent_id = a.id "
                "WHERE a.environment_id = ? GROUP BY a.id, a.name">,
      env.id);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].total_runs == 2);
  CHECK(rows[0].avg_ms == 200.0);
  CHECK(rows[1].total_runs == 0);
  CHECK_FALSE(rows[1].avg_ms);
}

TEST_CASE("what the declarations of the design promise is enforced") {
  auto db = support::open_new();
  hewn::sync<environment, agent, agent_run>(db);
  const auto env = db.insert(environment{.name = "prod"});

  const auto twice = hewn::as_result([&] { db.insert(environment{.name = "prod"}); });
  REQUIRE_FALSE(twice);
  CHECK(twice.error().code() == hewn::errc::conflict);
  CHECK(twice.error().is<&environment::name>());

  const auto unnamed = hewn::as_result([&] { db.insert(agent{.environment_id = env.id}); });
  REQUIRE_FALSE(unnamed);
  CHECK(unnamed.error().code() == hewn::errc::check);
  CHECK(unnamed.error().is<&agent::name>());

  const auto orphan = hewn::as_result([&] { db.insert(agent{.environment_id = 99, .name = "x"}); });
  REQUIRE_FALSE(orphan);
  CHECK(orphan.error().code() == hewn::errc::foreign_key);

  CHECK_THROWS_AS(db.transaction([&](auto& tx) {
    tx.insert(agent{.environment_id = env.id, .name = "lost"});
    throw std::runtime_error("roll back");
  }),
                  std::runtime_error);
  CHECK(db.count<agent>() == 0);

  db.transaction([&](auto& tx) {
    tx.insert(agent{.environment_id = env.id, .name = "kept"});
    const auto inner = tx.try_transaction([&](auto& savepoint) {
      savepoint.insert(agent{.environment_id = env.id, .name = "undone"});
      savepoint.insert(agent{.environment_id = env.id, .name = ""});
    });
    CHECK_FALSE(inner);
  });
  CHECK(db.count<agent>() == 1);

  db.remove(env);
  CHECK(db.count<agent>() == 0);
}
