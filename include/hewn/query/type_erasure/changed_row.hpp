// hewn/query/type_erasure/changed_row.hpp - the update of some fields of a row.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/turn.hpp>
#include <hewn/db/values/field.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/rows/changed_fields.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/statements/write_check.hpp>
#include <hewn/query/type_erasure/row_type.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>
#include <hewn/schema/visit_columns.hpp>

#include <cstddef>
#include <string>
#include <type_traits>

namespace hewn::detail {

/// `UPDATE <table> SET <fields> WHERE <key> = ?`
HEWN_RARE HEWN_API std::string update_fields_sql(const table_info& table, const field_set& fields,
                                                 bool returning, dialect d);

template <class T, class Statement>
struct changed_binder {
  Statement& statement;
  const field_set& fields;
  int next = 1;

  template <class F, std::size_t I>
  void operator()(const F& field, std::integral_constant<std::size_t, I>) {
    if (fields.has(I)) bind_field(statement, next++, field, false);
  }
};

template <class T, class Statement>
void bind_changed(Statement& statement, const void* value, const field_set& fields) {
  const T& row = *static_cast<const T*>(value);
  changed_binder<T, Statement> binder{statement, fields};
  visit_columns(row, binder);
  visit_columns(row, key_binder<T, Statement>{statement, binder.next});
  if constexpr (table_of<T>.has_version)
    bind_field(statement, binder.next + static_cast<int>(table_of<T>.key.size()),
               get_column<version_column(table_of<T>)>(row), false);
}

/// Names the column behind the parameter that could not be bound.
template <class Driver>
[[noreturn]] HEWN_COLD void fail_changed(const lease<Driver>& row, const table_info& table,
                                         const field_set& fields) {
  fail_number_text(row);
  fail_unkept_value(row, row.statement());
  int number = 0;
  for (std::size_t i = 0; i != table.columns.size(); ++i)
    if (fields.has(i) && ++number == row.statement().problem_index())
      row->owner->fail_with(unfit_bound(table.name, table.columns[i].name, row.statement()),
                            *row.operator->());
  fail_parameter(row);
}

/// Writes the fields of the row, which is completed where it is not const. The statement is found
/// by its text, which depends on the fields.
template <class Driver>
HEWN_APART void update_fields(const turn<Driver>& who, const row_type<Driver>& t,
                              void (*bind)(typename Driver::statement&, const void*,
                                           const field_set&),
                              void* row, const field_set& fields, bool completes,
                              const call_site& site) {
  connection<Driver>& c = who.take(site);
  const table_info& table = *t.table;
  const std::int64_t held = t.version == nullptr ? 0 : t.version->held(row);
  if (t.version != nullptr) check_next_version(table, held, site);
  if (t.stamp != nullptr) t.stamp(row, row_stamp_of(c, false, site));
  if (t.check_limits != nullptr) t.check_limits(row, site);
  const bool returns = table.has_generated && completes;
  lease<Driver> taken(
      c.acquire(update_fields_sql(table, fields, returns, c.spoken()), site, &table));
  check_written_columns(taken, table, returns, [&](mentioned_columns& mentioned) {
    for (std::size_t i = 0; i != table.columns.size(); ++i)
      if (fields.has(i)) mentioned.name(i), mentioned.add_stored(static_cast<int>(i));
    for (const std::size_t k : table.key)
      mentioned.name(k), mentioned.add_parameter(static_cast<int>(k));
    if (table.has_version) add_held_version(mentioned);
  });
  bind(taken.statement(), row, fields);
  if (taken.statement().problem() != value_problem::none) [[unlikely]]
    fail_changed(taken, table, fields);
  const bool returned = taken.step();
  if (returns ? !returned : c.native().changes() == 0) {
    if (t.version != nullptr) t.version->fail(taken, row);
    fail_not_changed(taken, table);
  }
  if (returns) {
    check_table_row(taken, table);
    t.read(taken, row);
    finish(taken);
  } else if (t.version != nullptr && completes) {
    t.version->set(row, held + 1);
  }
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/text/quote.hpp>

namespace hewn::detail {

HEWN_API std::string update_fields_sql(const table_info& table, const field_set& fields,
                                       bool returning, dialect d) {
  std::string out = "UPDATE ";
  append_identifier(out, table.name);
  int number = 0;
  for (std::size_t i = 0; i != table.columns.size(); ++i) {
    if (!fields.has(i)) continue;
    out += number == 0 ? " SET " : ", ";
    append_identifier(out, table.columns[i].name);
    out += " = ";
    append_parameter(out, ++number, d);
  }
  if (table.has_version) append_held_version_step(out += ", ", table);
  append_key_condition(out, table, number + 1, d);
  if (table.has_version)
    append_held_version(out, table, number + 1 + static_cast<int>(table.key.size()), d);
  append_presence(out, table);
  if (returning) append_returning(out, table);
  return out;
}

}  // namespace hewn::detail

#endif
