// examples/design_program/design_program.cpp - the library at a glance: tables, verbs, queries.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/json.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

struct settings {
  std::string model;
  double temperature = 0.7;
};
enum class status { idle, running, failed };

struct environment {
  std::int64_t id = 0;  // a field called id is the primary key unless told otherwise
  std::string name;
  static consteval auto table() { return hewn::table("environments").unique<&environment::name>(); }
};

struct agent {
  std::int64_t id = 0;
  std::int64_t environment_id = 0;
  std::string name;
  status state = status::idle;                   // stored as text, with a CHECK
  std::optional<std::string> cron_schedule = {};  // optional <=> NULL
  hewn::json<settings> configuration = {};        // JSON column holding a plain struct
  hewn::timestamp created_at = {}, updated_at = {};       // std::chrono::sys_time<microseconds>

  static consteval auto table() {
    return hewn::table("agents")
        .references<&agent::environment_id, &environment::id>(hewn::on_delete::cascade)
        .index<&agent::environment_id, &agent::state>()
        .length<&agent::name>(1, 255)  // CHECK in the database, checked before the round trip
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
        .references<&agent_run::agent_id, &agent::id>(hewn::on_delete::cascade)
        .index<&agent_run::agent_id>();
  }
};

struct stats {
  std::int64_t id;
  std::string name;
  std::int64_t total_runs;
  std::optional<double> avg_ms;
};

int main() try {
  auto db = hewn::sqlite::open(":memory:");       // or a path: safe defaults either way
  hewn::sync<environment, agent, agent_run>(db);  // additive changes; others throw, with the plan

  environment env{.name = "prod"};
  db.transaction([&](auto& tx) {  // commit on return, roll back on throw; nested = savepoint
    tx.insert(env);               // completes the row: env.id is its key now
    auto supervisor = tx.insert(agent{.environment_id = env.id, .name = "supervisor"});
    tx.insert(agent{.environment_id = env.id, .name = "writer", .state = status::running});
    tx.insert(agent_run{.agent_id = supervisor.id, .duration_ms = 120});
    tx.insert(agent_run{.agent_id = supervisor.id, .duration_ms = 80});
  });

  using hewn::col;
  auto busy = db.all(hewn::from<agent>
                         .where(col<&agent::state> == status::running &&
                                col<&agent::environment_id> == env.id)
                         .order_by(hewn::desc<&agent::created_at>)
                         .limit(50));
  for (const agent& a : busy) std::printf("busy: %s\n", a.name.c_str());

  for (const agent& a : db.each(hewn::from<agent>))  // streams, one row in memory
    std::printf("agent: %s\n", a.name.c_str());

  auto rows = db.all(hewn::from<agent>
                         .left_join<agent_run>()  // along the reference that table() declares
                         .where(col<&agent::environment_id> == env.id)
                         .group_by(col<&agent::id>, col<&agent::name>)
                         .order_by(col<&agent::id>)
                         .select<stats>(col<&agent::id>, col<&agent::name>,
                                        hewn::count(col<&agent_run::id>),
                                        hewn::avg(col<&agent_run::duration_ms>)));
  for (const stats& s : rows)
    std::printf("%s: %lld runs, %.1f ms on average\n", s.name.c_str(),
                static_cast<long long>(s.total_runs), s.avg_ms.value_or(0));
} catch (const hewn::error& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
