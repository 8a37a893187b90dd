// hewn/base/fixed_string.hpp - a string literal that can be a template argument.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string_view>

namespace hewn {

/// The text of a string literal as a structural value; `N` counts the terminating zero.
template <std::size_t N>
struct fixed_string {
  char text[N]{};

  // Not explicit: `sql<"SELECT 1">` must convert the literal.
  consteval fixed_string(const char (&literal)[N]) {
    for (std::size_t i = 0; i != N; ++i) text[i] = literal[i];
  }

  constexpr std::string_view view() const { return {text, N - 1}; }
};

}  // namespace hewn
