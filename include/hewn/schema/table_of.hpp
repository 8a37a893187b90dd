// hewn/schema/table_of.hpp - the table of a struct, from its fields and its declaration.
// SPDX-License-Identifier: BSL-1.0
//
// table_of<T> is computed once per struct. Everything behind it - statements, checks, messages -
// is an ordinary function that takes a `const table_info&`.
#pragma once

#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/record.hpp>
#include <hewn/reflect/type_name.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/column_info.hpp>
#include <hewn/schema/columns_of.hpp>
#include <hewn/schema/declaration_fault.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/find_declaration.hpp>
#include <hewn/schema/ref_clauses.hpp>
#include <hewn/schema/table_info.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace hewn {
namespace detail {

// The declaration has room for every table; what is kept in the program has the size of this one.
template <class T>
consteval auto make_clauses() {
  constexpr std::size_t declared = spec_of<T>.clause_count();
  constexpr std::size_t more = [] {
    if constexpr (has_refs<T>)
      return ref_clauses_of<T>.size;
    else
      return std::size_t{0};
  }();
  std::array<clause, declared + more> clauses{};
  for (std::size_t i = 0; i != declared; ++i) {
    clauses[i] = spec_of<T>.clause_at(i);
    if constexpr (has_refs<T>)
      complete_reference(clauses[i], column_types_of<T>{},
                         std::make_index_sequence<column_count<T>>{});
  }
  if constexpr (more != 0)
    for (std::size_t i = 0; i != more; ++i) clauses[declared + i] = ref_clauses_of<T>.clauses[i];
  return clauses;
}

template <class T>
consteval auto make_expressions() {
  std::array<char, spec_of<T>.expressions().size()> text{};
  for (std::size_t i = 0; i != text.size(); ++i) text[i] = spec_of<T>.expressions()[i];
  return text;
}

template <class T>
inline constexpr auto clauses_of = make_clauses<T>();

template <class T>
inline constexpr auto expressions_of = make_expressions<T>();

template <class T>
inline constinit std::atomic<unsigned> slot_of_table{0};

// `info` holds the views; what follows from them is filled in.
constexpr table_info complete_table_info(table_info info) {
  for (const column_info& c : info.columns) {
    info.has_generated |= c.generated;
    info.has_timestamps |= c.created || c.updated;
    if (c.removed) info.soft_delete = static_cast<std::int16_t>(&c - info.columns.data());
    if (c.tenant) info.tenant = static_cast<std::int16_t>(&c - info.columns.data());
    info.has_version |= c.version;
  }
  info.assigned_key = info.key.size() == 1 && !info.without_rowid &&
                      is_integer(info.columns[info.key[0]].type) &&
                      !info.columns[info.key[0]].nullable && !info.columns[info.key[0]].tenant;
  for (const clause& c : info.clauses) {
    info.has_limits |= is_limit(c.kind);
    // A key that refers to the row of another table is the key of that row.
    const bool shared = c.kind == clause_kind::reference && c.column_count == 1 &&
                        info.key.size() == 1 && c.columns[0] == info.key[0];
    if (c.kind == clause_kind::given_key || shared) info.assigned_key = false;
  }
  return info;
}

template <class T>
consteval void explain_parts() {
  constexpr found_fault found = find_fault_of_parts(columns_of<T>, columns_that_may_lack<T>());
  if constexpr (found.kind != declaration_fault::none)
    explain_fault<T, found.kind, named_column<T, found.field>()>();
}

template <class T>
consteval bool explain_table() {
  if constexpr (!explain_record<T>()) {
    return false;
  } else {
    static_assert(field_count<T> != 0, "hewn: a table needs at least one column; add a field");
    if constexpr (!explain_declaration<T>()) {
      return false;
    } else if constexpr (!explain_columns<T>(field_types_of<T>{}, field_numbers_of<T>{})) {
      return false;
    } else if constexpr (constexpr found_ref_fault in_ref = find_ref_faults<T>();
                         in_ref.kind != ref_fault::none) {
      return explain_ref_fault<in_ref.kind, named_column<T, in_ref.field>()>();
    } else {
      constexpr bool own = spec_of<T>.names_only(&record_tag<T>, signature_of<T>());
      static_assert(own,
                    "hewn: table() of this struct names a field of another struct; name only its "
                    "own fields (references<> takes this struct's first)");
      if constexpr (own) {
        constexpr found_fault found =
            spec_of<T>.fault().kind != declaration_fault::none
                ? spec_of<T>.fault()
                : find_fault(columns_of<T>, key_of_table<T>, clauses_of<T>);
        if constexpr (found.kind != declaration_fault::none)
          explain_fault<T, found.kind, named_column<T, found.field>()>();
        else if constexpr (has_embedded<T>)
          explain_parts<T>();
      }
      return true;  // the rest holds, so that a fault costs one message
    }
  }
}

}  // namespace detail

/// The table that the struct `T` describes.
template <class T>
inline constexpr table_info table_of = [] {
  if constexpr (detail::explain_table<T>()) {
    return detail::complete_table_info(
        {.name = detail::spec_of<T>.table_name(),
         .record = detail::type_name<T>(),
         .columns = detail::columns_of<T>,
         .key = detail::key_span<T>(),
         .strict = detail::spec_of<T>.is_strict(),
         .without_rowid = detail::spec_of<T>.is_without_rowid(),
         .clauses = detail::clauses_of<T>,
         .expressions = {detail::expressions_of<T>.data(), detail::expressions_of<T>.size()},
         .slot = &detail::slot_of_table<T>});
  } else {
    return table_info{};
  }
}();

template <class T>
const table_info& detail::table_info_of() {
  return table_of<T>;
}

}  // namespace hewn
