// examples/agent_store/agents.hpp - agents, their tools, their runs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "model.hpp"
#include "session.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace platform {

/// Stores an agent with the tools that it may use, or nothing at all.
inline agent create_agent(const session& db, agent created,
                          const std::vector<std::int64_t>& tools) {
  return db.transaction([&](auto& tx) {
    tx.insert(created);  // an lvalue is completed in place: created.id is the key from here on
    std::vector<agent_tool> links;
    for (const std::int64_t tool : tools)
      links.push_back({.agent_id = created.id, .tool_id = tool});
    tx.insert_many(links);
    return created;
  });
}

/// The tools that the agent may use, by name.
inline std::vector<mcp_tool> tools_of(const session& db, std::int64_t agent_id) {
  return db.all<mcp_tool>(hewn::sql<"SELECT t.id, t.config_id, t.name, t.description, t.parameters "
                                    "FROM agent_tools at JOIN mcp_tools t ON t.id = at.tool_id "
                                    "WHERE at.agent_id = ? AND at.enabled ORDER BY t.name">,
                          agent_id);
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

/// One row for each agent of the environment, also for one that has never run.
inline std::vector<run_statistics> statistics_of(const session& db, std::int64_t environment_id) {
  return db.all<run_statistics>(
      hewn::sql<"SELECT a.id, a.name, COUNT(r.id) AS total_runs, "
                "COUNT(CASE WHEN r.state = 'failed' THEN 1 END) AS failed_runs, "
                "AVG(r.duration_ms) AS avg_ms, MAX(r.duration_ms) AS slowest_ms, "
                "MAX(r.started_at) AS last_run_at "
                "FROM agents a LEFT JOIN agent_runs r ON r.agent_id = a.id "
                "WHERE a.environment_id = ? GROUP BY a.id, a.name ORDER BY a.name">,
      environment_id);
}

}  // namespace platform
