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

#include <hewn/any.hpp>

#include <string>

namespace platform {

/// Opens the store and brings its tables up to date.
inline hewn::any::database open_store(const std::string& url) {
  auto db = hewn::open(url);
  // SQLite has a collation of this name; PostgreSQL is taught it.
  if (db.connection().spoken() == hewn::dialect::postgres)
    db.script(
        "CREATE COLLATION IF NOT EXISTS \"NOCASE\" "
        "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
  hewn::sync<user, environment, project, agent, agent_run, task, conversation, message, team,
             team_member, mcp_config, mcp_tool, agent_tool, tool_execution, webhook,
             webhook_delivery, file_config>(db);
  return db;
}

}  // namespace platform
