// examples/agent_store/store.hpp - what the platform asks of its tables, and does with them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "model.hpp"

#include <hewn/any.hpp>
#include <hewn/base/digest.hpp>
#include <hewn/functions.hpp>
#include <hewn/pages.hpp>
#include <hewn/repository.hpp>
#include <hewn/shapes.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace platform {

using hewn::from;
using hewn::any::session;  // a database or a transaction, so that flows can be put together in one

/// Opens the store and brings its tables up to date.
inline hewn::any::database open_store(const std::string& url) {
  auto db = hewn::open(url);
  // SQLite has a collation of this name; PostgreSQL is taught it.
  if (db.connection().spoken() == hewn::dialect::postgres)
    db.script(
        "CREATE COLLATION IF NOT EXISTS \"NOCASE\" "
        "(provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
  hewn::sync<user, environment, project, file_config, mcp_config, mcp_tool, agent, agent_tool,
             agent_run, tool_execution, task, conversation, message, team, team_member, webhook,
             webhook_delivery>(db);
  return db;
}

/// Stands in for Argon2id or bcrypt of a cryptography library: a plain digest can be guessed fast.
inline std::string digest_of(const std::string& salt, std::string_view password) {
  return hewn::sha256_hex(salt + '\0' + std::string(password));
}

class users : public hewn::repository<user> {
 public:
  using repository::repository;

  /// Throws: conflict with `e.is<&user::email>()` when the address is taken.
  // No look-up first: only the unique key decides without a race.
  user sign_up(const std::string& email, const std::string& name, std::string_view password) {
    return create({.email = email, .name = name, .password_digest = digest_of(name, password)});
  }

  /// The user, or nothing when address or password are wrong; the caller is not told which.
  std::optional<user> log_in(std::string_view email, std::string_view password) {
    const auto found = find_by<&user::email>(email);
    if (!found || found->password_digest != digest_of(found->name, password)) return {};
    patch(found->id, col<& user::last_login_at> = hewn::now());
    return get(found->id);
  }
};

/// An agent with the tools that it may use, and how its runs went: without runs no average.
struct agent_page {
  agent self;
  std::vector<mcp_tool> tools = {};
  std::int64_t runs = 0, failed_runs = 0;
  std::optional<double> average_ms = {};
};

/// The newest first.
inline constexpr auto agent_pages =
    hewn::shape<agent_page>
        .order_by(hewn::desc<&agent::created_at>, hewn::desc<&agent::id>)
        .with<&agent_page::tools>(hewn::through<agent_tool>)
        .with<&agent_page::runs>(from<agent_run>, hewn::count())
        .with<&agent_page::failed_runs>(
            from<agent_run>.where(col<&agent_run::state> == run_state::failed), hewn::count())
        .with<&agent_page::average_ms>(from<agent_run>, hewn::avg(col<&agent_run::duration_ms>));

/// Stores an agent with the tools that it may use, or nothing at all.
inline agent create_agent(const session& db, agent made, std::vector<mcp_tool> tools) {
  return hewn::insert(db, agent_page{std::move(made), std::move(tools)}, agent_pages).self;
}

struct membership {
  team_member self;
  platform::agent agent;
};

struct team_page {
  team self;
  std::vector<membership> members;
};

inline constexpr auto team_pages = hewn::shape<team_page>.with<&team_page::members>(
    hewn::shape<membership>.order_by(col<&team_member::agent_id>));

// One condition for counting and for marking, so that the two cannot drift apart.
inline constexpr auto unread_messages = from<message>.where(col<&message::read_at>.is_null());

/// A conversation with its last messages, newest first.
struct conversation_page {
  conversation self;
  std::vector<message> messages;
  std::int64_t unread = 0;
};

inline constexpr auto conversation_pages =
    hewn::shape<conversation_page>
        .with<&conversation_page::messages>(
            from<message>.order_by(hewn::desc<&message::id>).limit(100))
        .with<&conversation_page::unread>(unread_messages, hewn::count());

/// Marks what was seen, and not what has come in since. Returns how many it were.
inline std::int64_t mark_read(const session& db, const message& last_seen) {
  return db.update(
      unread_messages.where(col<&message::conversation_id> == last_seen.conversation_id &&
                            col<&message::id> <= last_seen.id),
      col<&message::read_at> = hewn::now());
}

/// The most urgent waiting tasks of the agent, running from here on: no other worker gets them.
inline std::vector<task> take_tasks(const session& db, ref<agent> worker, std::int64_t most) {
  return db.claim(
      from<task>.where(col<&task::agent_id> == worker && col<&task::state> == task_state::waiting)
          .order_by(hewn::desc<&task::priority>, col<&task::id>)
          .limit(most),
      col<&task::state> = task_state::running);
}

}  // namespace platform
