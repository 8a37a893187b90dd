// hewn/db/connection/trace.hpp - what an observer of statements is told.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/error.hpp>

#include <chrono>
#include <cstdint>
#include <string_view>
#include <utility>

namespace hewn {

/// One executed statement. Lifetime: everything in it, until the observer returns.
struct statement_event {
  std::string_view sql;  ///< text with placeholders; never a bound value
  /// From taking the statement to giving it back; of one that ran already, from when somebody
  /// began to observe.
  std::chrono::nanoseconds duration{};
  std::int64_t rows = 0;           ///< rows returned
  call_site site;                  ///< the user's call
  const error* failure = nullptr;  ///< the error that ended it, or nullptr
};

namespace detail {

// An interface of one function rather than std::function: its header costs every user of the
// library compile time, and a statement without an observer pays one test of a pointer either way.
struct observer {
  observer() = default;
  observer(const observer&) = delete;
  observer& operator=(const observer&) = delete;
  virtual ~observer() = default;
  virtual void on_statement(const statement_event& event) = 0;
};

template <class Callback>
struct observer_of final : observer {
  explicit observer_of(Callback c) : callback(std::move(c)) {}
  void on_statement(const statement_event& event) override { callback(event); }
  Callback callback;
};

}  // namespace detail
}  // namespace hewn
