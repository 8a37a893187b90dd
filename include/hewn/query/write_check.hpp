// hewn/query/write_check.hpp - the live table against the struct, before the first write.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite converts what it is given to the affinity of the column: "007" becomes 7 in one of
// NUMERIC. A read notices, but by then it is stored. So the statements that write ask once, when
// they are prepared, what reads ask. PostgreSQL tells the types of the parameters, and each value
// is bound as one of these or refused.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/lease.hpp>
#include <hewn/dialect/dml.hpp>
#include <hewn/query/row_check.hpp>
#include <hewn/query/writer.hpp>
#include <hewn/schema/table_info.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

namespace hewn::detail {

/// Whether the key of a new row is that of the row in the table, which SQLite numbers; otherwise a
/// key that is left out becomes NULL. The rowid is called as the column that stands for it.
template <class Driver>
HEWN_COLD bool numbers_rows(typename Driver::connection& native, const table_info& table) {
  std::string sql = "SELECT _rowid_ FROM ";
  append_identifier(sql, table.name);
  typename Driver::statement rowid;
  return native.prepare(sql, rowid) == 0 &&
         same_word(rowid.column_name(0), table.columns[table.key[0]].name);
}

/// Throws: what kept it from looking. A failure may have ended the transaction that is open, and
/// then the write must not go on without it.
template <class Driver>
HEWN_COLD bool is_view(const lease<Driver>& row, const table_info& table) {
  typename Driver::connection& native = row->owner->native();
  typename Driver::statement list;
  if (native.prepare("SELECT 1 FROM pragma_table_list WHERE name = ? COLLATE NOCASE AND type = "
                     "'view'",
                     list) != 0)
    return false;
  list.bind(1, table.name, false);
  const step_result looked = list.step();
  if (looked == step_result::failed)
    row->owner->fail_with(native.describe(list.code(), {}), *row.operator->());
  return looked == step_result::row;
}

/// Compares these columns of the live table with their fields; `mentioned` nullptr: all of them.
template <class Driver>
HEWN_COLD void check_live_columns(const lease<Driver>& row, const table_info& table,
                                  const mentioned_columns* mentioned) {
  typename Driver::connection& native = row->owner->native();
  typename Driver::statement live;
  if (native.prepare(select_sql(table), live) != 0) return;  // the write says why
  mismatch_list found;
  for (std::size_t i = 0; i != table.columns.size(); ++i)
    if (mentioned == nullptr || mentioned->has(i))
      check_type<Driver>(found, live, static_cast<int>(i), table.columns[i]);
  if (!found.empty()) row->owner->fail_with(misfit(table, found), *row.operator->());
}

template <class Driver>
HEWN_COLD void check_before_writing(const lease<Driver>& row, const table_info& table) {
  check_live_columns(row, table, nullptr);
  row->uncounted = is_view<Driver>(row, table);
  row->no_new_key = table.assigned_key && !numbers_rows<Driver>(row->owner->native(), table);
  mark_checked(row, &table);
}

/// Whether the columns of a statement have to be looked at now.
template <class Driver>
HEWN_INLINE bool is_unchecked_write(const lease<Driver>& row, const table_info& table) {
  if constexpr (requires { Driver::dialect; })
    if (Driver::dialect != dialect::sqlite) return false;
  if (row->checked_as == &table && row->reprepared == row.statement().reprepared()) [[likely]]
    return false;
  return row->owner->spoken() == dialect::sqlite;
}

/// Compares the live table with the struct of which a statement writes whole rows.
template <class Driver>
HEWN_INLINE void check_written_row(const lease<Driver>& row, const table_info& table) {
  if (is_unchecked_write(row, table)) [[unlikely]]
    check_before_writing(row, table);
}

/// The same for the columns that a statement sets and compares; `write` writes its text.
template <class Driver, class Write>
HEWN_INLINE void check_written_columns(const lease<Driver>& row, const table_info& table,
                                       Write write) {
  if (!is_unchecked_write(row, table)) [[likely]]
    return;
  mentioned_columns mentioned{&table};
  write(mentioned);
  check_live_columns(row, table, &mentioned);
  mark_checked(row, &table);
}

}  // namespace hewn::detail
