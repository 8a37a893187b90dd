// hewn/base/call_site.hpp - the line of user code that called the library.
// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace hewn {

/// File, function and line of a call. The pointers are string literals and live for ever.
struct call_site {
  const char* file = "";
  const char* function = "";
  unsigned line = 0;

  // The builtins rather than std::source_location: clang 14 does not have that header's support.
  static constexpr call_site current(const char* file = __builtin_FILE(),
                                     const char* function = __builtin_FUNCTION(),
                                     unsigned line = __builtin_LINE()) {
    return {file, function, line};
  }
};

namespace detail {

/// Whether both are the same line. A header has other literals in each file that includes it.
inline bool same_call(const call_site& a, const call_site& b) noexcept {
  return a.line == b.line && (a.file == b.file || __builtin_strcmp(a.file, b.file) == 0);
}

}  // namespace detail
}  // namespace hewn
