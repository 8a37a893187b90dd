// hewn/query/statements/parameter_check.hpp - the parameters of a write against the struct, on
// PostgreSQL.
// SPDX-License-Identifier: BSL-1.0
//
// Values are bound as the types that the server tells for the parameters, a number as text; so
// these are held against the fields. Where the type of a column may still round, cut or pad a
// value, the statement is told to look at each.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/values/kept_texts.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/dialect/write/insert_effects.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/rows/row_check.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace hewn::detail {

/// Databases that tell of the triggers of a table when they are asked.
template <class Native>
concept asked_for_triggers = requires(Native& native, const std::string& table, int& events) {
  native.find_triggers(table, events);
};

/// PostgreSQL: what fires on the table; the connection knows of its columns then, too. Throws: what
/// the database reports.
template <class Driver>
HEWN_COLD int look_at_table(connection<Driver>& c, const std::string& name,
                            prepared<Driver>* about) {
  int events = 0;
  if (const int code = c.native().find_triggers(name, events); code != 0) {
    error_details details = c.native().describe(code);
    if (about != nullptr) c.fail_with(std::move(details), *about);
    throw error(std::move(details));
  }
  return events;
}

/// PostgreSQL: whether triggers may lose or change a row of such a write. Throws: what the database
/// reports.
template <class Driver>
HEWN_COLD row_guard find_guard(connection<Driver>& c, const table_info& table, row_write kind,
                               prepared<Driver>* about = nullptr) {
  if constexpr (asked_for_triggers<typename Driver::connection>) {
    if (table.key.empty()) return row_guard::none;
    const int events = look_at_table(c, quote_identifier(table.name), about);
    const bool updates = kind == row_write::upsert || kind == row_write::upsert_keyed_by_database;
    if ((events & (trigger_on_insert | (updates ? trigger_on_update : 0))) != 0)
      return row_guard::by_key;
    // Others come back by RETURNING anyway.
    if ((events & trigger_before_insert) != 0 && !updates && !table.has_generated &&
        !table.assigned_key)
      return row_guard::by_returning;
  }
  return row_guard::none;
}

/// PostgreSQL: whether rows without a key that are inserted by one statement would all get the
/// same. Throws: what the database reports.
template <class Driver>
HEWN_COLD bool makes_one_key(connection<Driver>& c, const table_info& table) {
  if constexpr (asked_for_triggers<typename Driver::connection>)
    return (look_at_table<Driver>(c, quote_identifier(table.name), nullptr) &
            one_key_per_statement) != 0;
  else
    return false;
}

/// PostgreSQL: grows whenever what was found of a statement may have changed.
template <class Driver>
HEWN_INLINE unsigned times_changed(const lease<Driver>& row) {
  return row->owner->native().definitions() + static_cast<unsigned>(row.statement().reprepared());
}

template <class Driver>
HEWN_COLD mismatch_list find_misfits(const lease<Driver>& row, const mentioned_columns& mentioned) {
  const table_info& table = *mentioned.table;
  mismatch_list found;
  for (std::size_t i = 0; i != mentioned.parameters.size(); ++i) {
    const int field = mentioned.parameters[i];
    if (field == no_field) continue;
    const column_info& column = table.columns[static_cast<std::size_t>(field)];
    if (!row.statement().may_take(static_cast<int>(i) + 1, column.type))
      add_misfit(found, column, row.statement().parameter_type(static_cast<int>(i) + 1));
  }
  return found;
}

/// PostgreSQL: prepares the statement once more, whose table has changed.
template <class Driver>
HEWN_COLD void prepare_once_more(const lease<Driver>& row) {
  if (const int code = row.statement().renew(); code != 0)
    row->owner->fail_with(row->owner->native().describe(code, row->sql), *row.operator->());
}

/// PostgreSQL: compares the types that the parameters have with their fields. They stay those of
/// the time when the statement was prepared, and the table may have been corrected since.
template <class Driver>
HEWN_COLD void check_parameter_types(const lease<Driver>& row, const mentioned_columns& mentioned) {
  if (find_misfits(row, mentioned).empty()) return;
  prepare_once_more(row);
  const mismatch_list found = find_misfits(row, mentioned);
  if (!found.empty()) row->owner->fail_with(misfit(*mentioned.table, found), *row.operator->());
}

/// Calls `visit(i, column)` for the parameters, from 1 on, that are stored as they are.
template <class Visit>
void for_each_stored(const mentioned_columns& mentioned, Visit visit) {
  for (const int i : mentioned.stored)
    if (const int field = mentioned.parameters[static_cast<std::size_t>(i) - 1]; field != no_field)
      visit(i, mentioned.table->columns[static_cast<std::size_t>(field)]);
}

/// PostgreSQL: compares parameters and columns, and tells the statement which of its values are
/// stored where others may be made of them.
template <class Driver>
HEWN_COLD void check_parameters_of_write(const lease<Driver>& row,
                                         const mentioned_columns& mentioned) {
  check_parameter_types(row, mentioned);
  const bool again = row->looked_at != 0;  // something has changed
  bool look = again && !mentioned.stored.empty();
  for_each_stored(mentioned, [&](int i, const column_info&) {
    look = look || row.statement().may_be_narrow(i);
  });
  const std::string name = quote_identifier(mentioned.table->name);
  auto& native = row->owner->native();
  if (look) look_at_table(*row->owner, name, row.operator->());
  bool other = false;
  for_each_stored(mentioned, [&](int i, const column_info& column) {
    if (i > row.statement().parameter_count()) return;
    const auto live = native.type_of(name, column.name).type;
    const auto taken = row.statement().parameter_types()[static_cast<std::size_t>(i) - 1];
    other = other || (live != 0 && live != taken);
  });
  if (again && other) {
    prepare_once_more(row);
    check_parameter_types(row, mentioned);
  } else if (look && other) {  // what is known of the table is older than the statement
    native.forget_tables();
    look_at_table(*row->owner, name, row.operator->());
  }
  for_each_stored(mentioned, [&](int i, const column_info& column) {
    row.statement().keep_values(i, *mentioned.table, column,
                                native.type_of(name, column.name).modifier);
  });
}

}  // namespace hewn::detail
