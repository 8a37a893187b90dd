// hewn/query/type_erasure/key_verbs.hpp - reading and removing by key, and reading whole tables.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/turn.hpp>
#include <hewn/db/values/field.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/key_argument.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/statements/removal_text.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/table_statement.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <tuple>

namespace hewn::detail {

/// The values of a key, whose type only `bind` knows.
template <class Driver>
struct key_reference {
  const void* key;
  void (*bind)(typename Driver::statement& statement, const void* key);
};

// By the type of the key rather than by the table, because most keys are of one type.
template <class Statement, class Key>
void bind_one_value(Statement& statement, const void* key) {
  bind_field(statement, 1, *static_cast<const Key*>(key), false);
}
template <class Statement, class Key>
void bind_several_values(Statement& statement, const void* key) {
  bind_parts(statement, *static_cast<const Key*>(key), 1);
}

template <class T, class Driver>
key_reference<Driver> refer_to_key(const key_of<T>& key) {
  if constexpr (table_of<T>.key.size() == 1)
    return {&key, &bind_one_value<typename Driver::statement, key_of<T>>};
  else
    return {&key, &bind_several_values<typename Driver::statement, key_of<T>>};
}

// The parameters of a statement that was just taken are NULL, which no key is equal to.
template <class Statement>
void bind_no_value(Statement&, const void*) {}

template <class T, class Driver>
key_reference<Driver> refer_to_key(const given_key<key_of<T>>& key) {
  if (!key.exists) return {nullptr, &bind_no_value<typename Driver::statement>};
  return refer_to_key<T, Driver>(key.value);
}

/// Adds every row of a statement to `rows` by `read`, which finds the first there.
template <class Driver>
void collect(const lease<Driver>& opened, const table_info& table, void* rows,
             row_read<Driver> read) {
  const bool found = opened.step();
  check_table_row(opened, table);
  if (found) read(opened, rows);
}

/// Compiled once for each driver.
template <class Driver>
struct key_verbs {
  static lease<Driver> open(connection<Driver>& c, const table_info& table,
                            key_reference<Driver> key, const call_site& site);

  static lease<Driver> open_all(connection<Driver>& c, const table_info& table,
                                const call_site& site);

  /// Throws: not_found.
  static void get(const turn<Driver>& who, const table_info& table, key_reference<Driver> key,
                  void* row, row_read<Driver> read, const call_site& site);

  /// False: there was none.
  static bool remove(const turn<Driver>& who, const table_info& table, key_reference<Driver> key,
                     removal_binder<Driver> times, const call_site& site);

  /// Adds every row of the table to `rows` by `read`.
  static void all(const turn<Driver>& who, const table_info& table, void* rows,
                  row_read<Driver> read, const call_site& site);
};

template <class Driver>
HEWN_INLINE lease<Driver> open_by_key(connection<Driver>& c, const table_info& table,
                                      table_statement what, key_reference<Driver> key,
                                      const call_site& site) {
  auto opened = take_statement(c, table, what, site);
  key.bind(opened.statement(), key.key);
  check_parameters(opened);
  return opened;
}

template <class Driver>
lease<Driver> key_verbs<Driver>::open(connection<Driver>& c, const table_info& table,
                                      key_reference<Driver> key, const call_site& site) {
  return open_by_key(c, table, table_statement::select_by_key, key, site);
}

template <class Driver>
lease<Driver> key_verbs<Driver>::open_all(connection<Driver>& c, const table_info& table,
                                          const call_site& site) {
  return take_statement(c, table, table_statement::select_all, site);
}

template <class Driver>
void key_verbs<Driver>::get(const turn<Driver>& who, const table_info& table,
                            key_reference<Driver> key, void* row, row_read<Driver> read,
                            const call_site& site) {
  const auto opened = open_by_key(who.take(site), table, table_statement::select_by_key, key, site);
  if (!opened.step()) [[unlikely]]
    fail_not_found(opened, table);
  check_table_row(opened, table);
  read(opened, row);
}

template <class Driver>
bool key_verbs<Driver>::remove(const turn<Driver>& who, const table_info& table,
                               key_reference<Driver> key, removal_binder<Driver> times,
                               const call_site& site) {
  connection<Driver>& c = who.take(site);
  const auto opened = open_by_key(c, table, table_statement::remove_by_key, key, site);
  bind_removal(opened, table, times);
  opened.step();
  return c.native().changes() != 0;
}

template <class Driver>
void key_verbs<Driver>::all(const turn<Driver>& who, const table_info& table, void* rows,
                            row_read<Driver> read, const call_site& site) {
  collect(open_all(who.take(site), table, site), table, rows, read);
}

}  // namespace hewn::detail
