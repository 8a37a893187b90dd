// examples/agent_store/tasks.hpp - tasks by state, and what becomes of them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "model.hpp"
#include "session.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace platform {

/// The tasks in one of these states, the urgent ones first; of one agent where it is given.
inline std::vector<task> tasks_in(const session& db, const std::vector<task_state>& states,
                                  std::optional<std::int64_t> agent_id = std::nullopt) {
  hewn::condition<task> wanted = col<&task::state>.in(states);
  if (agent_id) wanted = wanted && col<&task::agent_id> == *agent_id;
  return db.all(
      hewn::from<task>.where(wanted).order_by(hewn::desc<&task::priority>, hewn::asc<&task::id>));
}

/// The most urgent waiting task of the agent, which is running from here on, or nothing.
inline std::optional<task> take_task(const session& db, std::int64_t agent_id) {
  return db.transaction([&](auto& tx) {
    auto next = tx.first(hewn::from<task>
                             .where(col<&task::state> == task_state::waiting &&
                                    col<&task::agent_id> == agent_id)
                             .order_by(hewn::desc<&task::priority>, hewn::asc<&task::id>)
                             .limit(1));
    if (next) {
      next->state = task_state::running;
      tx.update(*next);
    }
    return next;
  });
}

/// Replaces the output; the state stays. Throws: not_found.
inline void set_output(const session& db, std::int64_t id, std::string_view output) {
  db.update<task>(id, col<& task::output> = output);
}

/// Ends a task that is running; false when it was not, for example because somebody cancelled it.
inline bool finish_task(const session& db, std::int64_t id, task_state outcome,
                        std::string_view output) {
  return db.update(hewn::from<task>.where(col<&task::id> == id &&
                                          col<&task::state> == task_state::running),
                   col<&task::state> = outcome, col<&task::output> = output) == 1;
}

}  // namespace platform
