// hewn/base/concat.hpp - a text made of several.
// SPDX-License-Identifier: BSL-1.0
//
// Every `a + b` of strings is compiled into the function that says it: a construction, a growth, a
// destruction and the way out of each. A list of views is a few stores and one call.
#pragma once

#include <hewn/base/config.hpp>

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// Appends `parts`, none of which is of `out`.
HEWN_API void append(std::string& out, std::initializer_list<std::string_view> parts);

/// The parts as one text.
HEWN_API std::string concat(std::initializer_list<std::string_view> parts);

/// Appends the parts as one text to a list of texts.
HEWN_API void append_line(std::vector<std::string>& out,
                          std::initializer_list<std::string_view> parts);

/// Appends `separator` unless `out` is empty, then the parts.
HEWN_API void append_separated(std::string& out, std::string_view separator,
                               std::initializer_list<std::string_view> parts);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API void append(std::string& out, std::initializer_list<std::string_view> parts) {
  for (const std::string_view part : parts) out.append(part.data(), part.size());
}

HEWN_API std::string concat(std::initializer_list<std::string_view> parts) {
  std::string out;
  append(out, parts);
  return out;
}

HEWN_API void append_line(std::vector<std::string>& out,
                          std::initializer_list<std::string_view> parts) {
  out.push_back(concat(parts));
}

HEWN_API void append_separated(std::string& out, std::string_view separator,
                               std::initializer_list<std::string_view> parts) {
  if (!out.empty()) out.append(separator.data(), separator.size());
  append(out, parts);
}

}  // namespace hewn::detail

#endif
