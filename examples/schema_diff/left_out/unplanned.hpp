// examples/schema_diff/left_out/unplanned.hpp - differences that the planner does not see.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../schemas/live_schema.hpp"

#include <hewn/dialect/text/ascii.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace schema_diff {

namespace detail {

inline bool has(const std::vector<object_text>& in, const object_text& wanted) {
  return std::any_of(in.begin(), in.end(), [&](const object_text& other) {
    return other.object.kind == wanted.object.kind &&
           hewn::detail::same_word(other.object.name, wanted.object.name) &&
           hewn::detail::same_word(other.object.table, wanted.object.table) &&
           other.text == wanted.text;
  });
}

inline void append_missing(std::vector<std::string>& out, const std::vector<object_text>& in,
                           const std::vector<object_text>& from, std::string_view where) {
  for (const object_text& o : from)
    if (!has(in, o))
      out.push_back(o.object.kind + " " + o.object.name +
                    (o.object.table.empty() ? "" : " of " + o.object.table) + ", as in " +
                    std::string(where));
}

}  // namespace detail

/// Virtual tables, functions, extensions, and clauses that hewn's model has no place for, that are
/// not the same in both.
inline std::vector<std::string> unplanned(const std::vector<object_text>& before,
                                          const std::vector<object_text>& after) {
  std::vector<std::string> out;
  detail::append_missing(out, after, before, "OLD");
  detail::append_missing(out, before, after, "NEW");
  return out;
}

}  // namespace schema_diff
