// hewn/db/connection/turn.hpp - the connection of a session, and whether the session may use it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/transaction_state.hpp>

#include <cstdint>

namespace hewn::detail {

/// A database has no scope; a transaction has its own.
template <class Driver>
struct turn {
  connection<Driver>* held;
  std::uint64_t scope = no_scope;

  /// The connection, for a verb. Throws: usage for a transaction that is over, or in which another
  /// is open, and where a session has no connection any more.
  HEWN_INLINE connection<Driver>& take(const call_site& site) const {
    if (scope != held->state().speaker()) [[unlikely]]
      held->check_turn(scope, site);
    return *held;
  }
};

}  // namespace hewn::detail
