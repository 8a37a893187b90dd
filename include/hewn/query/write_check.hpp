// hewn/query/write_check.hpp - the live table against the struct, before the first write.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite converts what it is given to the affinity of the column: "007" becomes 7 in one of
// NUMERIC. A read notices, but by then it is stored. So the statements that write ask once, when
// they are prepared, what reads ask. PostgreSQL tells the types of the parameters, and each value
// is bound as one of these or refused.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/kept_texts.hpp>
#include <hewn/db/lease.hpp>
#include <hewn/dialect/affinity.hpp>
#include <hewn/dialect/dml.hpp>
#include <hewn/query/row_check.hpp>
#include <hewn/query/writer.hpp>
#include <hewn/schema/table_info.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

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

/// Whether a column of this declaration takes texts of the field and makes numbers of some. Columns
/// for dates, JSON and UUIDs of other programs are declared so, and nearly all of their texts stay.
HEWN_COLD inline bool makes_numbers(std::string_view declared, const column_info& field) {
  if (field.type != column_type::text && field.type != column_type::json_text) return false;
  const affinity a = affinity_of(declared);
  return a != affinity::text && a != affinity::blob;
}

/// Tells the statement which of its texts must not look like numbers.
template <class Driver>
HEWN_COLD void keep_texts(const lease<Driver>& row, const typename Driver::statement& live,
                          const mentioned_columns& mentioned) {
  if constexpr (requires { row.statement().keep_texts(nullptr); }) {
    auto kept = std::make_unique<kept_texts>(kept_texts{mentioned.table, mentioned.parameters});
    bool any = false;
    for (int& field : kept->fields) {
      if (field == no_field) continue;
      if (makes_numbers(live.declared_type(field),
                        mentioned.table->columns[static_cast<std::size_t>(field)]))
        any = true;
      else
        field = no_field;
    }
    if (!any) kept.reset();
    row.statement().keep_texts(std::move(kept));
  }
}

/// Compares the columns of the live table that are mentioned with their fields.
template <class Driver>
HEWN_COLD void check_live_columns(const lease<Driver>& row, const mentioned_columns& mentioned) {
  const table_info& table = *mentioned.table;
  typename Driver::connection& native = row->owner->native();
  typename Driver::statement live;
  if (native.prepare(select_sql(table), live) != 0) return;  // the write says why
  mismatch_list found;
  for (std::size_t i = 0; i != table.columns.size(); ++i)
    if (mentioned.has(i)) check_type<Driver>(found, live, static_cast<int>(i), table.columns[i]);
  if (!found.empty()) row->owner->fail_with(misfit(table, found), *row.operator->());
  keep_texts(row, live, mentioned);
}

/// All columns, and those that are the parameters of a write of this kind.
HEWN_COLD inline mentioned_columns written_columns(const table_info& table, row_write kind) {
  mentioned_columns all{&table};
  for (std::size_t i = 0; i != table.columns.size(); ++i) {
    all.name(i);
    if (is_written(table.columns[i], kind)) all.add_parameter(all.last);
  }
  if (kind == row_write::update)
    for (const std::size_t k : table.key) all.add_parameter(static_cast<int>(k));
  return all;
}

template <class Driver>
HEWN_COLD void check_before_writing(const lease<Driver>& row, const table_info& table,
                                    row_write kind) {
  check_live_columns(row, written_columns(table, kind));
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
HEWN_INLINE void check_written_row(const lease<Driver>& row, const table_info& table,
                                   row_write kind) {
  if (is_unchecked_write(row, table)) [[unlikely]]
    check_before_writing(row, table, kind);
}

/// The same for the columns that a statement sets and compares, and all that it returns; `write`
/// writes its text.
template <class Driver, class Write>
HEWN_INLINE void check_written_columns(const lease<Driver>& row, const table_info& table,
                                       bool returns, Write write) {
  if (!is_unchecked_write(row, table)) [[likely]]
    return;
  mentioned_columns mentioned{&table};
  write(mentioned);
  for (std::size_t i = 0; returns && i != table.columns.size(); ++i) mentioned.name(i);
  check_live_columns(row, mentioned);
  mark_checked(row, &table);
}

}  // namespace hewn::detail
