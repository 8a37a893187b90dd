// hewn/schema/table_info.hpp - the table of a struct as constant plain data.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/clause.hpp>
#include <hewn/schema/column_info.hpp>

#include <atomic>
#include <cstdint>
#include <span>
#include <string_view>

namespace hewn {

/// The table of a struct. All views live for ever.
struct table_info {
  std::string_view name;
  std::string_view record;               ///< the struct's name, for messages
  std::span<const column_info> columns;  ///< in the order of the fields
  std::span<const std::uint8_t> key;     ///< indices of the key columns in key order
  bool assigned_key = false;             ///< the database chooses the key when it is 0
  bool has_generated = false;
  bool has_limits = false;      ///< some column has a length, a range or another limit
  bool has_timestamps = false;  ///< some column is created<> or updated<>
  /// The column that says when a row was removed; -1: what is removed is gone.
  std::int16_t soft_delete = -1;
  /// The column that says whose row it is; -1: the table has no tenants.
  std::int16_t tenant = -1;
  bool has_version = false;  ///< some column is version<>
  bool strict = false;
  bool without_rowid = false;
  std::span<const detail::clause> clauses;
  std::string_view expressions;  ///< what the text ranges of the clauses refer to
  /// For the library: the number under which connections keep the table's own statements.
  std::atomic<unsigned>* slot = nullptr;

  /// Whether rows that are removed stay in the table.
  constexpr bool keeps_removed() const { return soft_delete >= 0; }

  /// Whether a statement is about the rows of one tenant.
  constexpr bool has_tenant() const { return tenant >= 0; }

  /// Whether a statement that says nothing of it is not about every row.
  constexpr bool is_narrowed() const { return keeps_removed() || has_tenant(); }
};

}  // namespace hewn
