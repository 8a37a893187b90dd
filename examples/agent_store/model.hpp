// examples/agent_store/model.hpp - the entities of a platform on which agents work.
// SPDX-License-Identifier: BSL-1.0
//
// A referenced struct stands before the ones that refer to it, as in any C++ header.
#pragma once

#include <hewn/functions.hpp>
#include <hewn/hewn.hpp>
#include <hewn/json.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace platform {

using hewn::col;

/// Members of any name that a user attaches to a row.
using metadata = hewn::json<std::map<std::string, std::string>>;

enum class user_role { member, admin };

struct user {
  std::int64_t id = 0;
  std::string email;
  std::string name;
  std::string password_digest;
  user_role role = user_role::member;
  std::optional<hewn::timestamp> last_login_at;
  hewn::timestamp created_at = {}, updated_at = {};

  static consteval auto table() {
    return hewn::table("users")
        .unique<&user::email>()
        .collate<&user::email>("NOCASE")  // Ada@ and ada@ are one address
        .length<&user::email>(3, 254)
        .created<&user::created_at>()
        .updated<&user::updated_at>();
  }
};

struct environment {
  std::int64_t id = 0;
  std::int64_t owner_id = 0;
  std::string name;
  std::optional<std::string> description;
  platform::metadata metadata;
  hewn::timestamp created_at = {};

  static consteval auto table() {
    return hewn::table("environments")
        .references<&environment::owner_id, &user::id>(hewn::on_delete::restrict)
        .unique<&environment::name>()
        .index<&environment::owner_id>()
        .length<&environment::name>(1, 100)
        .created<&environment::created_at>();
  }
};

struct project {
  std::int64_t id = 0;
  std::int64_t environment_id = 0;
  std::string name;
  bool archived = false;
  platform::metadata metadata;
  hewn::timestamp created_at = {};

  static consteval auto table() {
    return hewn::table("projects")
        .references<&project::environment_id, &environment::id>(hewn::on_delete::cascade)
        .unique<&project::environment_id, &project::name>()  // unique within its environment
        .length<&project::name>(1, 100)
        .created<&project::created_at>();
  }
};

enum class agent_state { idle, running, paused, failed };

/// What an agent may do: stored as one JSON column, used as a struct.
struct capabilities {
  std::vector<std::string> languages;
  std::int64_t context_tokens = 8192;
  bool may_write_files = false;
  std::optional<double> budget;
};

struct agent {
  std::int64_t id = 0;
  std::int64_t environment_id = 0;
  std::optional<std::int64_t> project_id;
  std::string name;
  agent_state state = agent_state::idle;
  std::string model;
  hewn::json<capabilities> can;
  platform::metadata metadata;
  std::optional<std::string> cron_schedule;  // nothing: runs only when told to
  hewn::timestamp created_at = {}, updated_at = {};

  static consteval auto table() {
    return hewn::table("agents")
        .references<&agent::environment_id, &environment::id>(hewn::on_delete::cascade)
        .references<&agent::project_id, &project::id>(hewn::on_delete::set_null)
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

enum class run_state { running, succeeded, failed };

struct agent_run {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  run_state state = run_state::running;
  std::optional<std::int64_t> duration_ms;  // nothing while it runs
  std::optional<std::string> failure;
  hewn::timestamp started_at = {};

  static consteval auto table() {
    return hewn::table("agent_runs")
        .references<&agent_run::agent_id, &agent::id>(hewn::on_delete::cascade)
        .index<&agent_run::agent_id, &agent_run::started_at>()
        .range<&agent_run::duration_ms>(0, INT64_MAX)
        .created<&agent_run::started_at>();
  }
};

enum class task_state { waiting, running, done, failed, cancelled };

struct task {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  std::string title;
  task_state state = task_state::waiting;
  std::int32_t priority = 0;
  hewn::json<nlohmann::json> input;  // of any form: each kind of task has its own
  std::optional<std::string> output;
  hewn::timestamp created_at = {}, updated_at = {};

  static consteval auto table() {
    return hewn::table("tasks")
        .references<&task::agent_id, &agent::id>(hewn::on_delete::cascade)
        .index<&task::agent_id>()
        .index<&task::state, hewn::desc<&task::priority>, &task::id>()
        .range<&task::priority>(0, 9)
        .length<&task::title>(1, 200)
        .created<&task::created_at>()
        .updated<&task::updated_at>();
  }
};

struct conversation {
  std::int64_t id = 0;
  std::int64_t environment_id = 0;
  std::string title;
  hewn::timestamp created_at = {};

  static consteval auto table() {
    return hewn::table("conversations")
        .references<&conversation::environment_id, &environment::id>(hewn::on_delete::cascade)
        .index<&conversation::environment_id>()
        .created<&conversation::created_at>();
  }
};

enum class sender { user, agent, system };

struct message {
  std::int64_t id = 0;
  std::int64_t conversation_id = 0;
  sender from = sender::user;
  std::optional<std::int64_t> agent_id;  // stays as a message when its agent is removed
  std::string content;
  std::optional<hewn::timestamp> read_at;
  hewn::timestamp created_at = {};

  static consteval auto table() {
    return hewn::table("messages")
        .references<&message::conversation_id, &conversation::id>(hewn::on_delete::cascade)
        .references<&message::agent_id, &agent::id>(hewn::on_delete::set_null)
        .index<&message::conversation_id, &message::id>()
        .index<&message::agent_id>()
        // Small, because most messages have been read.
        .index<&message::conversation_id>(hewn::where(col<&message::read_at>.is_null()),
                                          hewn::name("messages_unread_idx"))
        .created<&message::created_at>();
  }
};

struct team {
  std::int64_t id = 0;
  std::int64_t environment_id = 0;
  std::string name;

  static consteval auto table() {
    return hewn::table("teams")
        .references<&team::environment_id, &environment::id>(hewn::on_delete::cascade)
        .unique<&team::environment_id, &team::name>()
        .length<&team::name>(1, 100);
  }
};

enum class team_role { lead, worker, reviewer };

struct team_member {
  std::int64_t team_id = 0;
  std::int64_t agent_id = 0;
  team_role role = team_role::worker;

  static consteval auto table() {
    return hewn::table("team_members")
        .primary_key<&team_member::team_id, &team_member::agent_id>()
        .references<&team_member::team_id, &team::id>(hewn::on_delete::cascade)
        .references<&team_member::agent_id, &agent::id>(hewn::on_delete::cascade)
        .index<&team_member::agent_id>()
        .without_rowid();  // the key is the row
  }
};

enum class mcp_transport { stdio, http };

struct mcp_config {
  std::int64_t id = 0;
  std::int64_t environment_id = 0;
  std::string name;
  mcp_transport transport = mcp_transport::stdio;
  std::string endpoint;
  platform::metadata options;

  static consteval auto table() {
    return hewn::table("mcp_configs")
        .references<&mcp_config::environment_id, &environment::id>(hewn::on_delete::cascade)
        .unique<&mcp_config::environment_id, &mcp_config::name>();
  }
};

struct mcp_tool {
  std::int64_t id = 0;
  std::int64_t config_id = 0;
  std::string name;
  std::string description;
  hewn::json<nlohmann::json> parameters;  // a JSON schema, as the tool's server sent it

  static consteval auto table() {
    return hewn::table("mcp_tools")
        .references<&mcp_tool::config_id, &mcp_config::id>(hewn::on_delete::cascade)
        .unique<&mcp_tool::config_id, &mcp_tool::name>();
  }
};

/// Which agent may use which tool.
struct agent_tool {
  std::int64_t agent_id = 0;
  std::int64_t tool_id = 0;
  bool enabled = true;

  static consteval auto table() {
    return hewn::table("agent_tools")
        .primary_key<&agent_tool::agent_id, &agent_tool::tool_id>()
        .references<&agent_tool::agent_id, &agent::id>(hewn::on_delete::cascade)
        .references<&agent_tool::tool_id, &mcp_tool::id>(hewn::on_delete::cascade)
        .index<&agent_tool::tool_id>()
        .without_rowid();
  }
};

struct tool_execution {
  std::int64_t id = 0;
  std::int64_t run_id = 0;
  std::optional<std::int64_t> tool_id;
  hewn::json<nlohmann::json> arguments;
  std::optional<hewn::json<nlohmann::json>> result;
  bool failed = false;
  std::int64_t duration_ms = 0;
  hewn::timestamp created_at = {};

  static consteval auto table() {
    return hewn::table("tool_executions")
        .references<&tool_execution::run_id, &agent_run::id>(hewn::on_delete::cascade)
        .references<&tool_execution::tool_id, &mcp_tool::id>(hewn::on_delete::set_null)
        .index<&tool_execution::run_id>()
        .index<&tool_execution::tool_id>()
        .created<&tool_execution::created_at>();
  }
};

enum class webhook_event { task_done, task_failed, run_failed };

struct webhook {
  std::int64_t id = 0;
  std::int64_t environment_id = 0;
  std::string url;
  webhook_event event = webhook_event::task_done;
  bool active = true;

  static consteval auto table() {
    return hewn::table("webhooks")
        .references<&webhook::environment_id, &environment::id>(hewn::on_delete::cascade)
        .unique<&webhook::environment_id, &webhook::event, &webhook::url>()
        .length<&webhook::url>(1, 2000);
  }
};

struct webhook_delivery {
  std::int64_t id = 0;
  std::int64_t webhook_id = 0;
  hewn::json<nlohmann::json> payload;
  std::int32_t attempts = 0;
  std::optional<std::int32_t> http_status;
  std::optional<hewn::timestamp> delivered_at;
  hewn::timestamp created_at = {};

  static consteval auto table() {
    return hewn::table("webhook_deliveries")
        .references<&webhook_delivery::webhook_id, &webhook::id>(hewn::on_delete::cascade)
        .index<&webhook_delivery::webhook_id>()
        // The queue of what is still to be sent.
        .index<&webhook_delivery::created_at>(
            hewn::where(col<&webhook_delivery::delivered_at>.is_null()))
        .created<&webhook_delivery::created_at>();
  }
};

enum class file_format { markdown, yaml, json, text };

struct file_config {
  std::int64_t id = 0;
  std::int64_t project_id = 0;
  std::string path;
  file_format format = file_format::text;
  std::string content;
  hewn::timestamp updated_at = {};

  static consteval auto table() {
    return hewn::table("file_configs")
        .references<&file_config::project_id, &project::id>(hewn::on_delete::cascade)
        .unique<&file_config::project_id, &file_config::path>()
        .updated<&file_config::updated_at>();
  }
};

}  // namespace platform
