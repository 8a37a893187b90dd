// examples/schema_diff/command/output.hpp - a report on a terminal.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <unistd.h>

namespace schema_diff {

/// The text with colours by the marks at the beginnings of its lines. Names come from a database
/// that anybody may have made: what could steer a terminal becomes a question mark.
inline std::string painted(std::string_view text, bool colours) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = text.find('\n');
    const std::string_view line = text.substr(0, size);
    std::string_view paint;
    if (line.starts_with("table ")) paint = "\033[1m";
    if (line.starts_with("  + ")) paint = "\033[32m";
    if (line.starts_with("  ? ") || line.starts_with("  ~ ")) paint = "\033[33m";
    if (line.starts_with("  ! ") || line.starts_with("! ")) paint = "\033[31m";
    if (!colours) paint = {};
    out += paint;
    for (const char c : line) out += (c >= 0 && c < ' ') || c == '\x7f' ? '?' : c;
    if (!paint.empty()) out += "\033[0m";
    out += '\n';
    text.remove_prefix(size == text.npos ? text.size() : size + 1);
  }
  return out;
}

/// Whether people look at standard output, and have not said that they want no colours.
inline bool wants_colours() {
  const char* refused = std::getenv("NO_COLOR");
  return isatty(STDOUT_FILENO) != 0 && (refused == nullptr || *refused == '\0');
}

inline void print(std::FILE* to, std::string_view text, bool colours = false) {
  std::fputs(painted(text, colours).c_str(), to);
}

}  // namespace schema_diff
