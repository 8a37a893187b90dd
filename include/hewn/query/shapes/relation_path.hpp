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

/// The numbers of the fields at one end of a reference.
struct reference_fields {
  std::size_t size = 1;
  std::uint8_t fields[max_clause_columns]{};

  constexpr std::size_t operator[](std::size_t i) const { return fields[i]; }
  constexpr bool has(std::size_t field) const {
    for (std::size_t i = 0; i != size; ++i)
      if (fields[i] == field) return true;
    return false;
  }
  friend constexpr bool operator==(const reference_fields&, const reference_fields&) = default;
};

constexpr reference_fields own_fields_of(const clause& c) {
  reference_fields all{c.column_count, {}};
  for (std::size_t i = 0; i != all.size; ++i) all.fields[i] = c.columns[i];
  return all;
}

constexpr reference_fields target_fields_of(const clause& c) {
  reference_fields all{c.column_count, {}};
  for (std::size_t i = 0; i != all.size; ++i) all.fields[i] = c.target_columns[i];
  return all;
}

/// How related rows are found: the values of `near`, fields of the rows that are there, are those
/// of `far` in the related ones, or of `link_near` in the table between, whose `link_far` are those
/// of `far`.
struct relation_path {
  std::size_t found = 0;      // how many references fit; the rest is of the first
  std::size_t far_found = 0;  // the same between link and related table
  reference_fields near{};
  reference_fields far{};
  reference_fields link_near{};
  reference_fields link_far{};
};

/// Whether no two rows of the table have the same values in these fields.
constexpr bool are_unique_fields(const table_info& table, const reference_fields& fields) {
  std::size_t of_key = 0;
  for (const std::size_t field : table.key) of_key += fields.has(field) ? 1u : 0u;
  if (of_key != 0 && of_key == table.key.size()) return true;
  for (const clause& c : table.clauses) {
    const bool unique =
        c.kind == clause_kind::unique ||
        (c.kind == clause_kind::index && c.unique && c.where.size == 0 && c.expression.size == 0);
    std::size_t held = 0;
    for (std::size_t i = 0; i != c.column_count; ++i) held += fields.has(c.columns[i]) ? 1u : 0u;
    if (unique && held != 0 && held == c.column_count) return true;
  }
  return false;
}

/// Whether a clause is a reference to the struct with this signature, with this field in it unless
/// it is any.
constexpr bool refers(const clause& c, std::string_view target, std::size_t field) {
  return c.kind == clause_kind::reference && c.target_type == target &&
         (field == any_reference || own_fields_of(c).has(field));
}

/// The row to which a row of `from` refers.
constexpr relation_path path_to_one(const table_info& from, std::string_view to,
                                    std::size_t along) {
  relation_path path;
  for (const clause& c : from.clauses) {
    if (!refers(c, to, along) || path.found++ != 0) continue;
    path.near = own_fields_of(c);
    path.far = target_fields_of(c);
  }
  return path;
}

/// The rows of `of` that refer to a row of the struct with this signature; `only`: those of which
/// there is one at most.
constexpr relation_path path_to_many(std::string_view from, const table_info& of, std::size_t along,
                                     bool only) {
  relation_path path;
  for (const clause& c : of.clauses) {
    if (!refers(c, from, along) || (only && !are_unique_fields(of, own_fields_of(c)))) continue;
    if (path.found++ != 0) continue;
    path.near = target_fields_of(c);
    path.far = own_fields_of(c);
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
      if (from == to && along != any_reference && own_fields_of(c) == path.link_near) continue;
      if (other.found++ != 0) continue;
      other.near = own_fields_of(c);
      other.far = target_fields_of(c);
    }
    return other;
  }();
  path.far_found = rest.found;
  path.link_far = rest.near;
  path.far = rest.far;
  return path;
}

}  // namespace hewn::detail
