// hewn/query/inspect/watched_session.hpp - whose statements can be watched.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/verbs/reads.hpp>

namespace hewn {

template <class Driver>
class basic_pool;

namespace detail {

template <class Driver>
void take_session(const reads<Driver>&);
template <class Driver>
void take_pool(const basic_pool<Driver>&);

/// What has one connection: a database, a transaction, a connection of a pool.
template <class T>
concept watched_session = requires(const T& session) {
  take_session(session);
};

template <class T>
concept watched_pool = requires(const T& pool) {
  take_pool(pool);
};

template <class T>
consteval bool explain_watched() {
  constexpr bool known = watched_session<T> || watched_pool<T>;
  static_assert(known,
                "hewn: this runs no statements that can be watched; give a database, a "
                "transaction, a pool or a connection of one");
  return known;
}

}  // namespace detail
}  // namespace hewn
