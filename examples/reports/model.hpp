// examples/reports/model.hpp - what the reports are about: who buys tools for agents, and what the
// agents do. SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/any.hpp>
#include <hewn/functions.hpp>
#include <hewn/hewn.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace reports {

using hewn::col;
using hewn::from;

using hewn::any::session;

/// Teams stand in teams: the one at the top has no parent.
struct team {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::int64_t> parent_id;

  static consteval auto table() {
    return hewn::table("teams").references<&team::parent_id, &team::id>();
  }
};

struct account {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string email;
  hewn::date signed_up_on;

  static consteval auto table() {
    return hewn::table("accounts").references<&account::team_id, &team::id>();
  }
};

struct tool {
  std::int64_t id = 0;
  std::string name;
  std::string category;
  std::int64_t price_cents = 0;

  static consteval auto table() { return hewn::table("tools"); }
};

struct purchase {
  std::int64_t id = 0;
  std::int64_t account_id = 0;
  hewn::timestamp bought_at;

  static consteval auto table() {
    return hewn::table("purchases")
        .references<&purchase::account_id, &account::id>()
        .index<&purchase::account_id>();
  }
};

struct purchase_line {
  std::int64_t purchase_id = 0;
  std::int64_t tool_id = 0;
  std::int64_t cents = 0;  // for all pieces

  static consteval auto table() {
    return hewn::table("purchase_lines")
        .primary_key<&purchase_line::purchase_id, &purchase_line::tool_id>()
        .references<&purchase_line::purchase_id, &purchase::id>()
        .references<&purchase_line::tool_id, &tool::id>()
        .index<&purchase_line::tool_id>();
  }
};

struct agent {
  std::int64_t id = 0;
  std::int64_t account_id = 0;
  std::string name;

  static consteval auto table() {
    return hewn::table("agents").references<&agent::account_id, &account::id>();
  }
};

enum class agent_state { idle, running, paused, broken };

/// Agents change their state; nothing is overwritten.
struct state_change {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  agent_state state = agent_state::idle;
  hewn::timestamp changed_at;

  static consteval auto table() {
    return hewn::table("state_changes")
        .references<&state_change::agent_id, &agent::id>()
        .index<&state_change::agent_id, &state_change::changed_at>();
  }
};

struct run {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  bool failed = false;
  std::int64_t duration_ms = 0;
  hewn::timestamp started_at;

  static consteval auto table() {
    return hewn::table("runs")
        .references<&run::agent_id, &agent::id>()
        .index<&run::agent_id, &run::started_at>();
  }
};

/// The first day of the month in which a time is.
template <class E>
constexpr auto month_of(E time) {
  return hewn::date_of(hewn::truncate_to<hewn::unit::month>(time));
}

}  // namespace reports
