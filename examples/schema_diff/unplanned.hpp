// examples/schema_diff/unplanned.hpp - differences that the planner does not see.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/schema/database_model.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace schema_diff {

namespace detail {

// What an object is made by, spelling aside; of a clause there is only its name.
inline std::string content_of(const hewn::schema::other_object& o,
                              const hewn::schema::database& in) {
  for (const hewn::schema::source& s : in.sources)
    if (o.table.empty() && hewn::detail::same_word(s.name, o.name))
      return hewn::detail::canonical_expression(s.sql, hewn::dialect::sqlite);
  return {};
}

inline bool has(const hewn::schema::database& in, const hewn::schema::other_object& o,
                const hewn::schema::database& from) {
  return std::any_of(in.others.begin(), in.others.end(),
                     [&](const hewn::schema::other_object& other) {
                       return other.kind == o.kind && hewn::detail::same_word(other.name, o.name) &&
                              hewn::detail::same_word(other.table, o.table) &&
                              content_of(other, in) == content_of(o, from);
                     });
}

inline void append_missing(std::vector<std::string>& out, const hewn::schema::database& in,
                           const hewn::schema::database& from, std::string_view where) {
  for (const hewn::schema::other_object& o : from.others) {
    if (o.kind == "view" || o.kind == "trigger" || has(in, o, from)) continue;
    out.push_back(o.kind + " " + o.name + (o.table.empty() ? "" : " of " + o.table) + ", as in " +
                  std::string(where));
  }
}

}  // namespace detail

/// Virtual tables, and clauses that hewn's model has no place for, that are not the same in both.
inline std::vector<std::string> unplanned(const hewn::schema::database& before,
                                          const hewn::schema::database& after) {
  std::vector<std::string> out;
  detail::append_missing(out, after, before, "OLD");
  detail::append_missing(out, before, after, "NEW");
  return out;
}

}  // namespace schema_diff
