// examples/agent_store/model.hpp - the entities of a platform on which agents work.
// SPDX-License-Identifier: BSL-1.0
//
// A ref<T> is a foreign key by itself; references<>() says what happens when the other row goes.
#pragma once

#include <hewn/hewn.hpp>
#include <hewn/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace platform {

using hewn::col;
using hewn::on_delete;
using hewn::ref;

/// Members of any name that a user attaches to a row.
using metadata = hewn::json<std::map<std::string, std::string>>;

/// Of any form: each kind of task and each tool has its own.
using document = hewn::json<nlohmann::json>;

// Stored as text, with a CHECK of the labels.
enum class agent_state { idle, running, paused, failed };
enum class run_state { running, succeeded, failed };
enum class task_state { waiting, running, done, failed, cancelled };
enum class sender { user, agent, system };
enum class team_role { lead, worker, reviewer };
enum class webhook_event { task_done, task_failed, run_failed };

struct user {
  std::int64_t id = 0;
  std::string email, name, password_digest;
  std::optional<hewn::timestamp> last_login_at;
  hewn::timestamp created_at = {};

  static consteval auto table() {
    return hewn::table("users")
        .unique<&user::email>()
        .collate<&user::email>("NOCASE")  // Ada@ and ada@ are one address
        .email<&user::email>()
        .created<&user::created_at>();
  }
};

struct environment {
  std::int64_t id = 0;
  ref<user> owner_id;  // without an action: who owns an environment stays
  std::string name;
  platform::metadata metadata;

  static consteval auto table() {
    return hewn::table("environments")
        .unique<&environment::name>()
        .index<&environment::owner_id>()
        .length<&environment::name>(1, 100);
  }
};

struct project {
  std::int64_t id = 0;
  ref<environment> environment_id;
  std::string name;

  static consteval auto table() {
    return hewn::table("projects")
        .references<&project::environment_id>(on_delete::cascade)
        .unique<&project::environment_id, &project::name>();  // unique within its environment
  }
};

struct file_config {
  std::int64_t id = 0;
  ref<project> project_id;
  std::string path, content;

  static consteval auto table() {
    return hewn::table("file_configs")
        .references<&file_config::project_id>(on_delete::cascade)
        .unique<&file_config::project_id, &file_config::path>();
  }
};

struct mcp_config {
  std::int64_t id = 0;
  ref<environment> environment_id;
  std::string name, endpoint;

  static consteval auto table() {
    return hewn::table("mcp_configs")
        .references<&mcp_config::environment_id>(on_delete::cascade)
        .unique<&mcp_config::environment_id, &mcp_config::name>();
  }
};

struct mcp_tool {
  std::int64_t id = 0;
  ref<mcp_config> config_id;
  std::string name, description;
  document parameters;  // a JSON schema, as the tool's server sent it

  static consteval auto table() {
    return hewn::table("mcp_tools")
        .references<&mcp_tool::config_id>(on_delete::cascade)
        .unique<&mcp_tool::config_id, &mcp_tool::name>();
  }
};

/// What an agent may do: stored as one JSON column, used as a struct.
struct capabilities {
  std::vector<std::string> languages;
  bool may_write_files = false;
  std::optional<double> budget;
};

struct agent {
  std::int64_t id = 0;
  ref<environment> environment_id;
  std::optional<ref<project>> project_id;
  std::string name, model;
  agent_state state = agent_state::idle;
  hewn::json<capabilities> can;
  std::optional<std::string> cron_schedule;  // nothing: runs only when told to
  hewn::timestamp created_at = {}, updated_at = {};

  static consteval auto table() {
    return hewn::table("agents")
        .references<&agent::environment_id>(on_delete::cascade)
        .references<&agent::project_id>(on_delete::set_null)
        .unique<&agent::environment_id, &agent::name>()
        // Serves the list of an environment, newest first, without sorting.
        .index<&agent::environment_id, hewn::desc<&agent::created_at>, hewn::desc<&agent::id>>()
        // What a scheduler looks for.
        .index<&agent::cron_schedule>(hewn::where(col<&agent::cron_schedule>.is_not_null()))
        .length<&agent::name>(1, 255)
        .created<&agent::created_at>()
        .updated<&agent::updated_at>();
  }
};

/// Which agent may use which tool.
struct agent_tool {
  ref<agent> agent_id;
  ref<mcp_tool> tool_id;

  static consteval auto table() {
    return hewn::table("agent_tools")
        .primary_key<&agent_tool::agent_id, &agent_tool::tool_id>()
        .references<&agent_tool::agent_id>(on_delete::cascade)
        .references<&agent_tool::tool_id>(on_delete::cascade)
        .index<&agent_tool::tool_id>()
        .without_rowid();  // the key is the row
  }
};

struct agent_run {
  std::int64_t id = 0;
  ref<agent> agent_id;
  run_state state = run_state::running;
  std::optional<std::int64_t> duration_ms;  // nothing while it runs
  std::optional<std::string> failure;
  hewn::timestamp started_at = {};

  static consteval auto table() {
    return hewn::table("agent_runs")
        .references<&agent_run::agent_id>(on_delete::cascade)
        .index<&agent_run::agent_id, &agent_run::started_at>()
        .range<&agent_run::duration_ms>(0, INT64_MAX)
        .created<&agent_run::started_at>();
  }
};

struct tool_execution {
  std::int64_t id = 0;
  ref<agent_run> run_id;
  std::optional<ref<mcp_tool>> tool_id;
  document arguments;
  bool failed = false;
  std::int64_t duration_ms = 0;

  static consteval auto table() {
    return hewn::table("tool_executions")
        .references<&tool_execution::run_id>(on_delete::cascade)
        .references<&tool_execution::tool_id>(on_delete::set_null)
        .index<&tool_execution::run_id>()
        .index<&tool_execution::tool_id>();
  }
};

struct task {
  std::int64_t id = 0;
  ref<agent> agent_id;
  std::string title;
  task_state state = task_state::waiting;
  std::int32_t priority = 0;
  document input;
  std::optional<std::string> output;
  std::int64_t version = 0;  // of two workers who end one task, the second is told
  hewn::timestamp created_at = {}, updated_at = {};

  static consteval auto table() {
    return hewn::table("tasks")
        .references<&task::agent_id>(on_delete::cascade)
        .index<&task::agent_id, &task::state, hewn::desc<&task::priority>, &task::id>()
        .range<&task::priority>(0, 9)
        .length<&task::title>(1, 200)
        .version<&task::version>()
        .created<&task::created_at>()
        .updated<&task::updated_at>();
  }
};

struct conversation {
  std::int64_t id = 0;
  ref<environment> environment_id;
  std::string title;

  static consteval auto table() {
    return hewn::table("conversations")
        .references<&conversation::environment_id>(on_delete::cascade)
        .index<&conversation::environment_id>();
  }
};

struct message {
  std::int64_t id = 0;
  ref<conversation> conversation_id;
  sender from = sender::agent;
  std::optional<ref<agent>> agent_id;  // stays as a message when its agent is removed
  std::string content;
  std::optional<hewn::timestamp> read_at;
  hewn::timestamp created_at = {};

  static consteval auto table() {
    return hewn::table("messages")
        .references<&message::conversation_id>(on_delete::cascade)
        .references<&message::agent_id>(on_delete::set_null)
        .index<&message::conversation_id, &message::id>()
        .index<&message::agent_id>()
        // Small, because most messages have been read.
        .index<&message::conversation_id>(hewn::where(col<&message::read_at>.is_null()))
        .created<&message::created_at>();
  }
};

struct team {
  std::int64_t id = 0;
  ref<environment> environment_id;
  std::string name;

  static consteval auto table() {
    return hewn::table("teams")
        .references<&team::environment_id>(on_delete::cascade)
        .unique<&team::environment_id, &team::name>();
  }
};

struct team_member {
  ref<team> team_id;
  ref<agent> agent_id;
  team_role role = team_role::worker;

  static consteval auto table() {
    return hewn::table("team_members")
        .primary_key<&team_member::team_id, &team_member::agent_id>()
        .references<&team_member::team_id>(on_delete::cascade)
        .references<&team_member::agent_id>(on_delete::cascade)
        .index<&team_member::agent_id>()
        .without_rowid();
  }
};

struct webhook {
  std::int64_t id = 0;
  ref<environment> environment_id;
  std::string url;
  webhook_event event = webhook_event::run_failed;
  std::optional<hewn::timestamp> removed_at;  // its deliveries remain to be looked at

  static consteval auto table() {
    return hewn::table("webhooks")
        .references<&webhook::environment_id>(on_delete::cascade)
        .unique<&webhook::environment_id, &webhook::event, &webhook::url>()
        .url<&webhook::url>()
        .soft_delete<&webhook::removed_at>();
  }
};

struct webhook_delivery {
  std::int64_t id = 0;
  ref<webhook> webhook_id;
  document payload;
  std::int32_t attempts = 0;
  std::optional<hewn::timestamp> delivered_at;

  static consteval auto table() {
    return hewn::table("webhook_deliveries")
        .references<&webhook_delivery::webhook_id>(on_delete::cascade)
        .index<&webhook_delivery::webhook_id>()
        // The queue of what is still to be sent.
        .index<&webhook_delivery::id>(hewn::where(col<&webhook_delivery::delivered_at>.is_null()));
  }
};

}  // namespace platform
