// hewn/query/inspect/watched_session.hpp - whose statements can be watched.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/verbs/reads.hpp>

namespace hewn::detail {

template <class Driver>
void take_session(const reads<Driver>&);

/// What has one connection: a database, a transaction, a connection of a pool.
template <class T>
concept watched_session = requires(const T& session) {
  take_session(session);
};

template <class T>
consteval bool explain_watched() {
  static_assert(watched_session<T>,
                "hewn: statements are watched by connection; give a database, a transaction, or "
                "what acquire() of a pool returns");
  return watched_session<T>;
}

}  // namespace hewn::detail
