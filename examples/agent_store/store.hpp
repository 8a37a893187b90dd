// examples/agent_store/store.hpp - the database layer as the rest of the platform sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "accounts.hpp"
#include "agents.hpp"
#include "conversations.hpp"
#include "model.hpp"
#include "session.hpp"
#include "tasks.hpp"
#include "teams.hpp"

#include <hewn/sqlite.hpp>

#include <string>

namespace platform {

/// Opens the store and brings its tables up to date.
inline hewn::sqlite::database open_store(const std::string& path) {
  auto db = hewn::sqlite::open(path);
  hewn::sync<user, environment, project, agent, agent_run, task, conversation, message, team,
             team_member, mcp_config, mcp_tool, agent_tool, tool_execution, webhook,
             webhook_delivery, file_config>(db);
  return db;
}

}  // namespace platform
