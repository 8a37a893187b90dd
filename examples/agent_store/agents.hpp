// examples/agent_store/agents.hpp - agents, their tools, their runs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "model.hpp"
#include "session.hpp"

#include <hewn/shapes.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace platform {

struct equipped_agent {
  platform::agent agent;
  std::vector<agent_tool> tools;
};

/// Stores an agent with the tools that it may use, or nothing at all.
inline agent create_agent(const session& db, agent created,
                          const std::vector<std::int64_t>& tools) {
  equipped_agent equipped{std::move(created), {}};
  for (const std::int64_t tool : tools) equipped.tools.push_back({.tool_id = tool});
  return hewn::insert(db, std::move(equipped)).agent;
}

/// The tools that the agent may use, by name.
inline std::vector<mcp_tool> tools_of(const session& db, std::int64_t agent_id) {
  return db.all(
      hewn::from<agent_tool>.join<mcp_tool>()
          .where(col<&agent_tool::agent_id> == agent_id && col<&agent_tool::enabled>)
          .order_by(col<&mcp_tool::name>)
          .select<mcp_tool>(hewn::row_of<mcp_tool>));
}

/// One page of the agents of an environment, newest first. Pages count from 0.
inline std::vector<agent> agents_of(const session& db, std::int64_t environment_id,
                                    std::int64_t page, std::int64_t size) {
  return db.all(hewn::from<agent>
                    .where(col<&agent::environment_id> == environment_id)
                    .order_by(hewn::desc<&agent::created_at>, hewn::desc<&agent::id>)
                    .limit(size)
                    .offset(page * size));
}

/// Records a run that has ended.
inline agent_run record_run(const session& db, std::int64_t agent_id,
                            std::chrono::milliseconds duration,
                            std::optional<std::string> failure = std::nullopt) {
  return db.insert(agent_run{.agent_id = agent_id,
                             .state = failure ? run_state::failed : run_state::succeeded,
                             .duration_ms = duration.count(),
                             .failure = std::move(failure)});
}

/// How an agent has been doing. AVG and MAX of no run are NULL, hence optional.
struct run_statistics {
  std::int64_t id;
  std::string name;
  std::int64_t total_runs;
  std::int64_t failed_runs;
  std::optional<double> avg_ms;
  std::optional<std::int64_t> slowest_ms;
  std::optional<hewn::timestamp> last_run_at;
};

/// One row for each agent of the environment, also for one that has never run; the busiest first.
inline std::vector<run_statistics> statistics_of(const session& db, std::int64_t environment_id) {
  const auto failed = hewn::when(col<&agent_run::state> == run_state::failed, 1).end();
  return db.all(hewn::from<agent>.left_join<agent_run>()
                    .where(col<&agent::environment_id> == environment_id)
                    .group_by(col<&agent::id>)
                    .order_by(hewn::count(col<&agent_run::id>).desc(), col<&agent::name>)
                    .select<run_statistics>(
                        col<&agent::id>, col<&agent::name>, hewn::count(col<&agent_run::id>),
                        hewn::count(failed), hewn::avg(col<&agent_run::duration_ms>),
                        hewn::max(col<&agent_run::duration_ms>),
                        hewn::max(col<&agent_run::started_at>)));
}

}  // namespace platform
