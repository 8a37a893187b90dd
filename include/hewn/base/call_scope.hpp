// hewn/base/call_scope.hpp - the call of the user that is under way, for what happens far below it.
// SPDX-License-Identifier: BSL-1.0
//
// Verbs hand their call site down as an argument, because every instruction counts there. What
// opens a database or changes a schema passes a hundred functions before something fails; it keeps
// its call site where the error finds it.
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>

#include <cstdint>

namespace hewn::detail {

class call_scope;

/// The innermost such call of this thread; nullptr: there is none.
HEWN_RARE HEWN_API call_scope*& current_call() noexcept;

/// A number that no call has yet.
HEWN_RARE HEWN_API std::uint64_t next_call_number() noexcept;

/// Where the innermost call of this thread was made; of line 0: there is none.
HEWN_RARE HEWN_API call_site running_call() noexcept;

/// For functions that a program calls and the library as well: the call of the program.
HEWN_RARE HEWN_API call_site outer_call(const call_site& site) noexcept;

/// The number of the call of this thread that was made there, whatever runs inside it; 0: none was.
HEWN_RARE HEWN_API std::uint64_t call_number(const call_site& site) noexcept;

/// While it lives, an error without a call site gets this one.
class call_scope {
 public:
  /// Of line 0: the call around it goes on.
  explicit call_scope(const call_site& site) noexcept
      : site_(site.line != 0 ? site : running_call()), outer_(current_call()) {
    current_call() = this;
  }
  call_scope(const call_scope&) = delete;
  call_scope& operator=(const call_scope&) = delete;
  ~call_scope() { current_call() = outer_; }

  const call_site& site() const noexcept { return site_; }

 private:
  friend std::uint64_t call_number(const call_site& site) noexcept;

  call_site site_;
  call_scope* outer_;
  std::uint64_t number_ = 0;  // 0: nobody has asked for it
};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <atomic>

namespace hewn::detail {

HEWN_API call_scope*& current_call() noexcept {
  static thread_local call_scope* innermost = nullptr;
  return innermost;
}

HEWN_API std::uint64_t next_call_number() noexcept {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

HEWN_API call_site running_call() noexcept {
  const call_scope* const now = current_call();
  return now != nullptr ? now->site() : call_site{};
}

HEWN_API call_site outer_call(const call_site& site) noexcept {
  const call_scope* const now = current_call();
  return now != nullptr ? now->site() : site;
}

HEWN_API std::uint64_t call_number(const call_site& site) noexcept {
  call_scope* outermost = nullptr;
  for (call_scope* c = current_call(); c != nullptr; c = c->outer_)
    if (same_call(c->site_, site)) outermost = c;
  if (outermost == nullptr) return 0;
  if (outermost->number_ == 0) outermost->number_ = next_call_number();
  return outermost->number_;
}

}  // namespace hewn::detail

#endif
