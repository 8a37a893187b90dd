// hewn/dialect/write/row_presence.hpp - the condition by which removed rows are left out.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
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

/// `<before>"removed_at" IS NULL`; nothing where the statement has nothing to say. Nothing is
/// joined to it by OR, because every condition that has one stands in parentheses.
HEWN_RARE HEWN_API void append_presence(std::string& out, const table_info& table,
                                        std::string_view before = " AND ",
                                        row_presence rows = row_presence::present);

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

HEWN_API void append_presence(std::string& out, const table_info& table, std::string_view before,
                              row_presence rows) {
  if (!tells_presence(table, rows)) return;
  out += before;
  append_identifier(out, table.columns[static_cast<std::size_t>(table.soft_delete)].name);
  out += rows == row_presence::present ? " IS NULL" : " IS NOT NULL";
}

HEWN_API std::string covered_rows(const table_info& table, const clause& c, dialect d) {
  const bool unique = c.kind == clause_kind::unique || c.unique;
  std::string rows = resolve(table, c.where, d);
  if (!unique || !table.keeps_removed()) return rows;
  if (!rows.empty()) rows = '(' + rows + ')';
  append_presence(rows, table, rows.empty() ? "" : " AND ");
  return rows;
}

}  // namespace hewn::detail

#endif
