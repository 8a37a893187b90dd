// hewn/base/call_scope.hpp - the call of the user that is under way, for what happens far below it.
// SPDX-License-Identifier: BSL-1.0
//
// Verbs hand their call site down as an argument, because every instruction counts there. What
// opens a database or changes a schema passes a hundred functions before something fails; it keeps
// its call site where the error finds it.
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>

namespace hewn::detail {

/// Where the innermost such call of this thread was made; nullptr: there is none.
HEWN_RARE HEWN_API const call_site*& current_call() noexcept;

/// The same; of line 0: there is none.
inline call_site running_call() noexcept {
  const call_site* const now = current_call();
  return now != nullptr ? *now : call_site{};
}

/// For functions that a program calls and the library as well: the call of the program.
inline call_site outer_call(const call_site& site) noexcept {
  const call_site* const now = current_call();
  return now != nullptr ? *now : site;
}

/// While it lives, an error without a call site gets this one.
class call_scope {
 public:
  /// Of line 0: the call around it goes on.
  explicit call_scope(const call_site& site) noexcept
      : site_(site.line != 0 ? site : running_call()), outer_(current_call()) {
    current_call() = &site_;
  }
  call_scope(const call_scope&) = delete;
  call_scope& operator=(const call_scope&) = delete;
  ~call_scope() { current_call() = outer_; }

 private:
  call_site site_;
  const call_site* outer_;
};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API const call_site*& current_call() noexcept {
  static thread_local const call_site* innermost = nullptr;
  return innermost;
}

}  // namespace hewn::detail

#endif
