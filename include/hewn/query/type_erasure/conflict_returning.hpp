// hewn/query/type_erasure/conflict_returning.hpp - rows that are stored, for what is returned of
// them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/pieces/value_binder.hpp>
#include <hewn/query/rows/kept_rows.hpp>
#include <hewn/query/rows/result_row.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/returning.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/type_erasure/conflict_writer.hpp>
#include <hewn/query/type_erasure/row_type.hpp>
#include <hewn/schema/table_of.hpp>
#include <hewn/schema/visit_columns.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>

namespace hewn::detail {

/// Reads what is to be returned of the row that is stored with this key.
template <class T, class Clause, class Driver>
HEWN_COLD void select_returned(connection<Driver>& c, const void* row,
                               const returned_parts<Driver>& returned, const call_site& site) {
  const Clause& clause = *static_cast<const Clause*>(returned.clause);
  std::string text;
  sql_writer out{text, c.spoken()};
  clause.write_items(out, "SELECT ");
  append_identifier(text += " FROM ", table_of<T>.name);
  append_key_condition(text, table_of<T>, out.parameters + 1, c.spoken());
  const lease<Driver> opened(c.acquire(text, site, &table_of<T>));
  value_binder<typename Driver::statement> binder{opened.statement(), false};
  clause.bind(binder);
  visit_columns(*static_cast<const T*>(row), key_binder<T, typename Driver::statement>{
                                                 opened.statement(), binder.parameters + 1});
  check_parameters(opened);
  if (!opened.step()) c.fail_with(lost_row(table_of<T>), *opened.operator->());
  check_result(opened, returned.result->columns);
  returned.result->read(opened, returned.to);
}

/// A statement whose condition is put together at run time is found by its text.
template <class Form>
inline constexpr bool has_fixed_text = true;
template <class Form>
requires requires { Form::is_dynamic; }
inline constexpr bool has_fixed_text<Form> = !Form::is_dynamic;

/// Stores the row by `action`, and reads what `clause` returns of it into `to`. `Form`: all else
/// that the text follows from. Returns whether anything is stored.
template <row_write Kind, class T, class Form, auto... Members, class Driver, class Clause>
bool store_returning(connection<Driver>& c, T& row, conflict_action<Driver> action,
                     const Clause& clause, void* to, const call_site& site) {
  using statement = typename Driver::statement;
  const returned_parts<Driver> returned{&clause,
                                        &write_returned<Clause>,
                                        &bind_returned<Clause, statement>,
                                        &one_row_of<typename Clause::record_type, Driver>,
                                        to,
                                        &select_returned<T, Clause, Driver>};
  action.returned = &returned;
  if constexpr (has_fixed_text<Form>)
    action.slot = &slot_of_conflict<Kind, T, std::tuple<Form, Clause>, Members...>;
  return store_or_act(c, row_type_of<T, Driver>, action, &row, Kind, site);
}

/// How an upsert binds the row that an insert binds so.
constexpr row_write upsert_kind(row_write insert) {
  return insert == row_write::insert ? row_write::upsert : row_write::upsert_keyed_by_database;
}

/// As upsert_by_clause, for what is returned.
template <row_write Kind, class T, auto... Members, class Driver, class Set, class Clause>
bool upsert_returning(connection<Driver>& c, T& row, const Set& set, const Clause& clause, void* to,
                      const call_site& site) {
  conflict_action<Driver> action{.target = conflict_target<T, Members...>(),
                                 .slot = nullptr,
                                 .write = &write_clause_of<T, Set>,
                                 .bind = &bind_clause_of<Set, typename Driver::statement>,
                                 .clause = &set,
                                 .may_skip = Set::has_condition};
  return store_returning<Kind, T, Set, Members...>(c, row, action, clause, to, site);
}

/// The same where no clause says what becomes of a row that is there.
template <conflict_default Otherwise, row_write Kind, class T, auto... Members, class Driver,
          class Clause>
bool insert_returning(connection<Driver>& c, T& row, const Clause& clause, void* to,
                      const call_site& site) {
  std::span<const std::uint8_t> target;
  if constexpr (sizeof...(Members) != 0 || Otherwise == conflict_default::overwrite)
    target = conflict_target<T, Members...>();
  const conflict_action<Driver> action{.target = target,
                                       .slot = nullptr,
                                       .write = nullptr,
                                       .bind = nullptr,
                                       .may_skip = Otherwise == conflict_default::ignore,
                                       .otherwise = Otherwise};
  return store_returning<Kind, T, std::integral_constant<conflict_default, Otherwise>, Members...>(
      c, row, action, clause, to, site);
}

}  // namespace hewn::detail
