// hewn/query/shapes/relation_path.hpp - the declared references from a table to its related rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/clause.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hewn::detail {

inline constexpr std::size_t any_reference = static_cast<std::size_t>(-1);

/// How related rows are found: the value of `near`, a field of the rows that are there, is that of
/// `far` in the related ones, or of `link_near` in the table between, whose `link_far` is that of
/// `far`. All are numbers of fields.
struct relation_path {
  std::size_t found = 0;      // how many references fit; the rest is of the first
  std::size_t far_found = 0;  // the same between link and related table
  bool several_columns = false;
  std::size_t near = 0;
  std::size_t far = 0;
  std::size_t link_near = 0;
  std::size_t link_far = 0;
};

/// Whether no two rows of the table have one value in this field.
constexpr bool is_unique_field(const table_info& table, std::size_t field) {
  if (table.key.size() == 1 && table.key[0] == field) return true;
  for (const clause& c : table.clauses) {
    const bool unique =
        c.kind == clause_kind::unique ||
        (c.kind == clause_kind::index && c.unique && c.where.size == 0 && c.expression.size == 0);
    if (unique && c.column_count == 1 && c.columns[0] == field) return true;
  }
  return false;
}

/// Whether a clause is a reference to the struct with this signature, by this field unless it is
/// any.
constexpr bool refers(const clause& c, std::string_view target, std::size_t field) {
  return c.kind == clause_kind::reference && c.target_type == target &&
         (field == any_reference || c.columns[0] == field);
}

/// The row to which a row of `from` refers.
constexpr relation_path path_to_one(const table_info& from, std::string_view to,
                                    std::size_t along) {
  relation_path path;
  for (const clause& c : from.clauses) {
    if (!refers(c, to, along) || path.found++ != 0) continue;
    path.several_columns = c.column_count != 1;
    path.near = c.columns[0];
    path.far = c.target_columns[0];
  }
  return path;
}

/// The rows of `of` that refer to a row of the struct with this signature; `only`: those of which
/// there is one at most.
constexpr relation_path path_to_many(std::string_view from, const table_info& of, std::size_t along,
                                     bool only) {
  relation_path path;
  for (const clause& c : of.clauses) {
    if (!refers(c, from, along) || (only && !is_unique_field(of, c.columns[0]))) continue;
    if (path.found++ != 0) continue;
    path.several_columns = c.column_count != 1;
    path.near = c.target_columns[0];
    path.far = c.columns[0];
  }
  return path;
}

/// The rows of `to` that a table between links to a row of `from`. `along`: the field of the table
/// between that refers to `from`.
constexpr relation_path path_through(std::string_view from, const table_info& link,
                                     std::string_view to, std::size_t along) {
  relation_path path = path_to_many(from, link, along, false);
  path.link_near = path.far;
  const relation_path rest = [&] {
    relation_path other;
    for (const clause& c : link.clauses) {
      if (!refers(c, to, any_reference)) continue;
      // Of a table that is linked to itself, the other end.
      if (from == to && along != any_reference && c.columns[0] == path.link_near) continue;
      if (other.found++ != 0) continue;
      other.several_columns = c.column_count != 1;
      other.near = c.columns[0];
      other.far = c.target_columns[0];
    }
    return other;
  }();
  path.far_found = rest.found;
  path.several_columns |= rest.several_columns;
  path.link_far = rest.near;
  path.far = rest.far;
  return path;
}

}  // namespace hewn::detail
