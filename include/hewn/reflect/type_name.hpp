// hewn/reflect/type_name.hpp - what a type is called, without its namespace.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string_view>

namespace hewn::detail {

template <class T>
constexpr std::string_view type_name() {
  // "... [with T = ns::agent; ...]" (g++), "... [T = ns::agent]" (clang).
  std::string_view text = __PRETTY_FUNCTION__;
  text.remove_prefix(text.find("T = ") + 4);
  std::size_t end = 0;
  std::size_t start = 0;
  int depth = 0;
  for (; end != text.size(); ++end) {
    const char c = text[end];
    if (c == '<' || c == '(' || c == '{')
      ++depth;
    else if (c == '>' || c == ')' || c == '}')
      --depth;
    else if (depth == 0 && (c == ';' || c == ']'))
      break;
    else if (depth == 0 && c == ':')
      start = end + 1;
  }
  return text.substr(start, end - start);
}

}  // namespace hewn::detail
