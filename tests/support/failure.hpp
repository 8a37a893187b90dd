// tests/support/failure.hpp - the error that an action ends in, looked at as every error must look.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>

namespace support {

/// The text that tests put into every value they bind, so that no error may show it.
inline const std::string secret = "s3cr3t-marker";

/// The grammar of messages: `hewn: <subject> <problem>; <repair>`, and no bound value anywhere.
inline void check_grammar(const hewn::error& failure) {
  const std::string what = failure.what();
  CAPTURE(what);
  CHECK(what.starts_with("hewn: "));
  const std::size_t repair = what.rfind("; ");
  CHECK(repair != what.npos);
  CHECK(repair + 8 < what.size());
  CHECK(what.find(secret) == what.npos);
  CHECK(failure.sql().find(secret) == std::string::npos);
  CHECK(failure.table().find(secret) == std::string::npos);
  CHECK(failure.column().find(secret) == std::string::npos);
  CHECK(failure.constraint().find(secret) == std::string::npos);
}

/// Runs an action that must fail with hewn::error.
template <class Action>
hewn::error failure_of(Action&& action) {
  try {
    std::forward<Action>(action)();
  } catch (const hewn::error& failure) {
    check_grammar(failure);
    return failure;
  }
  FAIL("the action did not throw");
  throw 0;  // not reached
}

/// The whole message of the error in which an action ends.
template <class Action>
std::string message_of(Action&& action) {
  return failure_of(std::forward<Action>(action)).what();
}

inline bool says(const hewn::error& failure, const std::string& text) {
  return std::string(failure.what()).find(text) != std::string::npos;
}

/// Whether the action is refused in a child of fork(). Without assertions: only the parent reports.
template <class Action>
bool is_refused_as_forked(const Action& action) {
  try {
    action();
  } catch (const hewn::error& failure) {
    return failure.code() == hewn::errc::usage && says(failure, "forked");
  }
  return false;
}

}  // namespace support
