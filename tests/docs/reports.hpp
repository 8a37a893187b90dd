// tests/docs/reports.hpp - reports of plans as the documentation shows them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string>

namespace docs {

/// A plan's digest depends on the version of SQLite, so the pages show another one.
inline std::string without_plan_ids(std::string text) {
  constexpr const char* digits = "0123456789abcdef";
  for (std::size_t at = text.find("plan "); at != text.npos; at = text.find("plan ", at + 5)) {
    std::size_t end = text.find_first_not_of(digits, at + 5);
    if (end == text.npos) end = text.size();
    if (end - at - 5 < 16) continue;
    for (std::size_t i = at + 5; i != end; ++i) text[i] = digits[(i - at - 5) % 16];
  }
  return text;
}

}  // namespace docs
