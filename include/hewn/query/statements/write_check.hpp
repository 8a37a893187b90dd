// hewn/query/statements/write_check.hpp - the live table against the struct, before the first
// write.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite converts what it is given to the affinity of the column: "007" becomes 7 in one of
// NUMERIC. A read notices, but by then it is stored. So the statements that write ask once, when
// they are prepared, what reads ask, and again when SQLite would prepare them anew: then the step
// is refused (sqlite/client/write_guard.hpp). For PostgreSQL see parameter_check.hpp.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/base/owner.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/db/values/kept_texts.hpp>
#include <hewn/dialect/text/affinity.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/dialect/write/insert_effects.hpp>
#include <hewn/dialect/write/rowid_name.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/rows/row_check.hpp>
#include <hewn/query/statements/parameter_check.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// How the result column of a query of the rowid is called; nothing: the table has none. It is
/// called as the column that stands for it.
template <class Driver>
HEWN_COLD std::string name_of_rowid(typename Driver::connection& native, const table_info& table) {
  std::string sql = "SELECT ";
  sql += rowid_name_of(table);
  sql += " FROM ";
  append_identifier(sql, table.name);
  typename Driver::statement rowid;
  return native.prepare(sql, rowid) == 0 ? std::string(rowid.column_name(0)) : std::string();
}

/// Throws: what kept it from looking. See is_view.
template <class Driver>
HEWN_COLD bool may_lose_rows(prepared<Driver>& e, const table_info& table, row_write kind) {
  typename Driver::connection& native = e.owner->native();
  const auto more = [&](typename Driver::statement& list) {
    const step_result looked = list.step();
    if (looked == step_result::failed) e.owner->fail_with(native.describe(list.code(), {}), e);
    return looked == step_result::row;
  };
  typename Driver::statement schemas;
  if (native.prepare("SELECT name FROM pragma_database_list", schemas) != 0) return false;
  while (more(schemas)) {
    std::string schema;
    typename Driver::statement effects;
    if (!schemas.read(0, schema) ||
        native.prepare(insert_effects_sql(schema, kind == row_write::upsert ||
                                                      kind == row_write::upsert_keyed_by_database),
                       effects) != 0)
      continue;
    effects.bind(1, table.name, false);
    if (more(effects)) return true;
  }
  return false;
}

/// Throws: what kept it from looking. A failure may have ended the transaction that is open, and
/// then the write must not go on without it.
template <class Driver>
HEWN_COLD bool is_view(prepared<Driver>& e, const table_info& table) {
  typename Driver::connection& native = e.owner->native();
  typename Driver::statement list;
  if (native.prepare("SELECT 1 FROM pragma_table_list WHERE name = ? COLLATE NOCASE AND type = "
                     "'view'",
                     list) != 0)
    return false;
  list.bind(1, table.name, false);
  const step_result looked = list.step();
  if (looked == step_result::failed) e.owner->fail_with(native.describe(list.code(), {}), e);
  return looked == step_result::row;
}

/// Whether a column of this declaration takes texts of the field and makes numbers of some. Columns
/// for dates, JSON and UUIDs of other programs are declared so, and nearly all of their texts stay.
HEWN_RARE HEWN_API bool makes_numbers(std::string_view declared, const column_info& field);

/// Tells the statement which of its texts must not look like numbers.
template <class Driver>
HEWN_COLD void keep_texts(prepared<Driver>& e, const typename Driver::statement& live,
                          const mentioned_columns& mentioned) {
  if constexpr (requires { e.statement.keep_texts(nullptr); }) {
    owner<kept_texts> kept(new kept_texts{mentioned.table, mentioned.parameters});
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
    e.statement.keep_texts(owner<const kept_texts>(kept.release()));
  }
}

/// Compares the columns of the live table that are mentioned with their fields.
template <class Driver>
HEWN_COLD void check_live_columns(prepared<Driver>& e, const mentioned_columns& mentioned) {
  const table_info& table = *mentioned.table;
  typename Driver::connection& native = e.owner->native();
  // To prepare a statement SQLite takes the schema that it knows, and only to run one does it
  // compare that with the file's.
  typename Driver::statement live;
  if (native.prepare("SELECT 1 FROM sqlite_schema LIMIT 0", live) == 0) live.step();
  if (native.prepare(select_sql(table), live) != 0) return;  // the write says why
  mismatch_list found;
  for (std::size_t i = 0; i != table.columns.size(); ++i)
    if (mentioned.has(i)) check_type<Driver>(found, live, static_cast<int>(i), table.columns[i]);
  if (!found.empty()) e.owner->fail_with(misfit(table, found), e);
  keep_texts(e, live, mentioned);
}

/// The error of a write whose table was made anew in such a way that it has to begin once more.
HEWN_RARE HEWN_API error_details table_changed(const table_info& table);

/// All columns, and those that are the parameters of a write of this kind.
HEWN_RARE HEWN_API mentioned_columns written_columns(const table_info& table, row_write kind);

/// The same of a statement that removes the row of a key.
HEWN_RARE HEWN_API mentioned_columns removed_columns(const table_info& table);

template <class Driver>
HEWN_COLD void mark_written(const lease<Driver>& row, const table_info& table) {
  mark_checked(row, &table);
  if constexpr (requires { row->owner->native().definitions(); })
    row->looked_at = row->owner->native().definitions();
}

/// Notes what may become of the rows that a statement writes.
template <class Driver>
HEWN_COLD void find_effects(prepared<Driver>& e, const table_info& table, row_write kind) {
  e.uncounted = is_view<Driver>(e, table);
  const std::string rowid = name_of_rowid<Driver>(e.owner->native(), table);
  // Otherwise a key that is left out becomes NULL.
  e.no_new_key = table.assigned_key && !same_word(rowid, table.columns[table.key[0]].name);
  e.guard = row_guard::none;
  if (kind == row_write::update || e.uncounted || !may_lose_rows(e, table, kind)) return;
  const bool inserts = kind == row_write::insert || kind == row_write::insert_keyed_by_database;
  if (inserts && !rowid.empty())
    e.guard = row_guard::by_rowid;
  else if (!table.key.empty())
    e.guard = row_guard::by_key;
}

/// `rows`: of a statement that writes whole rows, how.
template <class Driver>
struct look_before_write final : table_look<Driver> {
  look_before_write(mentioned_columns of, std::optional<row_write> kind)
      : table_look<Driver>(*of.table), mentioned(std::move(of)), rows(kind) {}

  /// Throws also where the values would have to be bound, or the row looked for, in another way.
  HEWN_COLD void again(prepared<Driver>& e) const override {
    const auto guard = std::exchange(e.guard, row_guard::none);
    const bool uncounted = e.uncounted;
    const bool no_new_key = e.no_new_key;
    const std::vector<int> kept = kept_fields(e);
    if (rows) find_effects(e, this->table, *rows);
    check_live_columns(e, mentioned);
    if (e.guard != guard || e.uncounted != uncounted || e.no_new_key != no_new_key ||
        kept_fields(e) != kept)
      e.owner->fail_with(table_changed(this->table), e);
  }

  mentioned_columns mentioned;
  std::optional<row_write> rows;

 private:
  static std::vector<int> kept_fields(const prepared<Driver>& e) {
    if constexpr (requires { e.statement.kept_texts(); })
      if (e.statement.kept_texts() != nullptr) return e.statement.kept_texts()->fields;
    return {};
  }
};

/// Lets the statement look once more when the database tells that the schema has changed.
template <class Driver>
HEWN_COLD void keep_look(prepared<Driver>& e, mentioned_columns mentioned,
                         std::optional<row_write> rows = {}) {
  if constexpr (requires { e.owner->native().take_refusal(); })
    if (!e.look) e.look.reset(new look_before_write<Driver>(std::move(mentioned), rows));
}

template <class Driver>
HEWN_COLD void check_before_writing(const lease<Driver>& row, row_write kind,
                                    mentioned_columns written) {
  prepared<Driver>& e = *row.operator->();
  const table_info& table = *written.table;
  check_live_columns(e, written);
  find_effects(e, table, kind);
  keep_look(e, std::move(written), kind);
  mark_written(row, table);
}

/// Whether the columns of a statement have to be looked at now.
template <class Driver>
HEWN_INLINE bool is_unchecked_write(const lease<Driver>& row, const table_info& table) {
  if constexpr (requires { Driver::dialect; })
    if (Driver::dialect != dialect::sqlite) return false;
  if constexpr (requires { row->owner->native().definitions(); }) {
    if (row->checked_as == &table && row->reprepared == row.statement().reprepared() &&
        row->looked_at == row->owner->native().definitions()) [[likely]]
      return false;
  }
  return row->owner->spoken() == dialect::sqlite;
}

/// PostgreSQL: what check_before_writing does.
template <class Driver>
HEWN_COLD void look_before_writing(const lease<Driver>& row, row_write kind,
                                   const mentioned_columns& written) {
  const table_info& table = *written.table;
  check_parameters_of_write(row, written);
  if (kind != row_write::update)
    row->guard = find_guard(*row->owner, table, kind, row.operator->());
  row->looked_at = times_changed(row);
}

/// Compares the live table with the struct of which a statement writes whole rows, and notes what
/// may become of rows that it inserts. `written()`: the columns that it names.
template <class Driver, class Written>
HEWN_INLINE void check_written_row(const lease<Driver>& row, const table_info& table,
                                   row_write kind, Written written) {
  if (is_unchecked_write(row, table)) [[unlikely]]
    check_before_writing(row, kind, written());
  if constexpr (asked_for_triggers<typename Driver::connection>) {
    if (row->owner->spoken() == dialect::postgres && row->looked_at != times_changed(row))
        [[unlikely]]
      look_before_writing(row, kind, written());
  }
}
template <class Driver>
HEWN_INLINE void check_written_row(const lease<Driver>& row, const table_info& table,
                                   row_write kind) {
  check_written_row(row, table, kind, [&] { return written_columns(table, kind); });
}

/// The same for the columns that a statement sets and compares, and all that it returns; `write`
/// writes its text.
template <class Driver, class Write>
HEWN_INLINE void check_written_columns(const lease<Driver>& row, const table_info& table,
                                       bool returns, Write write) {
  if constexpr (asked_for_triggers<typename Driver::connection>) {
    if (row->owner->spoken() == dialect::postgres) {
      if (row->looked_at == times_changed(row)) [[likely]]
        return;
      mentioned_columns compared{&table};
      write(compared);
      check_parameters_of_write(row, compared);
      row->looked_at = times_changed(row);
      return;
    }
  }
  if (!is_unchecked_write(row, table)) [[likely]]
    return;
  mentioned_columns mentioned{&table};
  write(mentioned);
  for (std::size_t i = 0; returns && i != table.columns.size(); ++i) mentioned.name(i);
  check_live_columns(*row.operator->(), mentioned);
  keep_look(*row.operator->(), std::move(mentioned));
  mark_written(row, table);
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API bool makes_numbers(std::string_view declared, const column_info& field) {
  if (field.type != column_type::text && field.type != column_type::json_text) return false;
  const affinity a = affinity_of(declared);
  return a != affinity::text && a != affinity::blob;
}

HEWN_API error_details table_changed(const table_info& table) {
  error_details d;
  d.code = errc::schema_mismatch;
  d.table = table.name;
  d.message = concat({"hewn: ", table.name,
                      " has changed since the statement was prepared, so nothing was written; run "
                      "it again"});
  return d;
}

HEWN_API mentioned_columns written_columns(const table_info& table, row_write kind) {
  mentioned_columns all{&table};
  for (std::size_t i = 0; i != table.columns.size(); ++i) {
    all.name(i);
    if (is_written(table.columns[i], kind)) all.add_stored(all.last);
  }
  if (kind == row_write::update) {
    for (const std::size_t k : table.key) all.add_parameter(static_cast<int>(k));
    if (table.has_version) all.add_parameter(static_cast<int>(version_column(table)));
  }
  return all;
}

HEWN_API mentioned_columns removed_columns(const table_info& table) {
  mentioned_columns all{&table};
  for (const std::size_t k : table.key) all.name(k), all.add_parameter(static_cast<int>(k));
  for (std::size_t i = 0; table.keeps_removed() && i != table.columns.size(); ++i)
    if (table.columns[i].removed || table.columns[i].updated)
      all.name(i), all.add_stored(static_cast<int>(i));
  if (table.keeps_removed() && table.has_version) all.name(version_column(table));
  return all;
}

}  // namespace hewn::detail

#endif
