// hewn/dialect/write/row_presence.hpp - the standing condition of a table: which rows it shows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/write/tenant_mark.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace hewn::detail {

/// Which rows a statement is about, of a table that keeps those that are removed.
enum class row_presence : std::uint8_t { present, removed, any };

/// Whether a statement has to say so.
constexpr bool tells_presence(const table_info& table, row_presence rows) {
  return table.keeps_removed() && rows != row_presence::any;
}

/// Whether append_presence() writes anything.
constexpr bool has_standing_condition(const table_info& table, row_presence rows) {
  return table.has_tenant() || tells_presence(table, rows);
}

/// `<before>"removed_at" IS NULL AND "organisation_id" = <tenant>`; nothing where the statement has
/// nothing to say. `qualifier`: what stands before the columns, with its point. Nothing is joined
/// to it by OR, because every condition that has one stands in parentheses.
HEWN_RARE HEWN_API void append_presence(std::string& out, const table_info& table,
                                        std::string_view before = " AND ",
                                        row_presence rows = row_presence::present,
                                        std::string_view qualifier = {});

/// The condition of the rows that a unique() or index() clause covers; empty: they are all.
HEWN_RARE HEWN_API std::string covered_rows(const table_info& table, const clause& c, dialect d);

/// How many values the removal of a row sets, and so needs behind its key.
constexpr int removal_values(const table_info& table) {
  int count = 0;
  if (table.keeps_removed())
    for (const column_info& c : table.columns) count += c.removed || c.updated ? 1 : 0;
  return count;
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/text/quote.hpp>
#  include <hewn/dialect/write/declared_text.hpp>

#  include <cstddef>

namespace hewn::detail {

inline void append_removed(std::string& out, const table_info& table, row_presence rows,
                           std::string_view qualifier = {}) {
  out += qualifier;
  append_identifier(out, table.columns[static_cast<std::size_t>(table.soft_delete)].name);
  out += rows == row_presence::present ? " IS NULL" : " IS NOT NULL";
}

HEWN_API void append_presence(std::string& out, const table_info& table, std::string_view before,
                              row_presence rows, std::string_view qualifier) {
  if (tells_presence(table, rows)) {
    append_removed(out += before, table, rows, qualifier);
    before = " AND ";
  }
  append_tenant(out, table, before, qualifier);
}

HEWN_API std::string covered_rows(const table_info& table, const clause& c, dialect d) {
  const bool unique = c.kind == clause_kind::unique || c.unique;
  std::string rows = resolve(table, c.where, d);
  if (!unique || !table.keeps_removed()) return rows;
  if (!rows.empty()) rows = '(' + rows + ") AND ";
  append_removed(rows, table, row_presence::present);
  return rows;
}

}  // namespace hewn::detail

#endif
