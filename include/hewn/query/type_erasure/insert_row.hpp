// hewn/query/type_erasure/insert_row.hpp - one row of a struct, inserted, updated or upserted.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/turn.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/rows/kept_rows.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/table_statement.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/type_erasure/row_type.hpp>
#include <hewn/query/type_erasure/row_writer.hpp>
#include <hewn/schema/table_of.hpp>

#include <type_traits>

namespace hewn::detail {

/// A statement that is not to be run after all.
template <class Driver>
void give_back(lease<Driver> unused) {
  unused->reported = true;
}

/// Whether inserted rows come back only where triggers of the database may change them.
template <class Driver, class T>
inline constexpr bool may_come_back = asked_for_triggers<typename Driver::connection> &&
                                      !insert_returns<Driver, T> && table_of<T>.key.size() != 0;

/// Binds the columns that a write of this kind gives values.
template <row_write Kind, class Driver, class T>
void bind_row(const lease<Driver>& row, const T& value) {
  row_writer<Driver>::bind(row, table_of<T>, &bind_values<T, typename Driver::statement>, &value,
                           Kind);
}

/// Throws where a row asks for a key and the table makes none.
template <class Driver, class T>
void check_new_key(const lease<Driver>& row, const T& value) {
  if constexpr (table_of<T>.assigned_key)
    if (row->no_new_key && has_no_key(value)) [[unlikely]]
      fail_no_new_key(row, table_of<T>);
}

/// Inserts one row, whose times and UUID keys are filled, by a statement that is taken once for
/// many, and completes it unless it is const. `KeyTold`: the database is one that tells the key,
/// whether or not the driver says so.
template <row_write Kind, bool KeyTold = false, class Driver, class T>
void insert_stamped(connection<Driver>& c, const lease<Driver>& row, T& value) {
  using plain = std::remove_const_t<T>;
  row_writer<Driver>::insert_by(
      c, row, row_type_of<plain, Driver>, const_cast<plain*>(&value),
      {.kind = Kind,
       .stamps = false,
       .returns = returns_inserted(table_of<plain>, KeyTold || Driver::tells_inserted_key),
       .completes = !std::is_const_v<T>});
}

template <class Driver, class T>
void update_row(const turn<Driver>& who, T& value, call_site site) {
  using plain = std::remove_const_t<T>;
  constexpr auto update =
      table_of<plain>.has_version ? &row_writer<Driver>::update_held : &row_writer<Driver>::update;
  update(who, row_type_of<plain, Driver>, const_cast<plain*>(&value), !std::is_const_v<T>, site);
}

template <class Driver, class T>
void insert_row(connection<Driver>& c, T& value, call_site site) {
  row_writer<Driver>::insert(c, row_type_of<T, Driver>, &value, site);
}
template <class Driver, class T>
void insert_row(const turn<Driver>& who, T& value, call_site site) {
  row_writer<Driver>::insert(who, row_type_of<T, Driver>, &value, site);
}

template <class Text, class Driver>
lease<Driver> take_text(connection<Driver>& c, const call_site& site) {
  return take_statement<Text>(c, site);
}

/// Stores the row and reads back what is then stored; `Kind` is one of the two upserts.
template <row_write Kind, auto... Members, class Driver, class T>
void upsert_row(connection<Driver>& c, T& value, call_site site, stored_place* place = nullptr) {
  row_writer<Driver>::upsert(c, row_type_of<T, Driver>,
                             &take_text<upsert_text<Driver, T, Kind, Members...>, Driver>, &value,
                             Kind, site, place);
}

}  // namespace hewn::detail
