// hewn/query/verbs/insert_row.hpp - inserting or upserting one row.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/statements/kept_rows.hpp>
#include <hewn/query/statements/row.hpp>
#include <hewn/query/statements/run_statement.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/statement_texts.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace hewn::detail {

/// Does `write(value)` to a copy of the row in a transaction of its own, in which the row is then
/// looked for. The row is touched when all is done, so where it fails it is what it was.
template <class Driver, class T, class Write>
HEWN_COLD void write_guarded(connection<Driver>& c, T& value, call_site site, stored_place* place,
                             Write write) {
  T stored = value;
  transaction_scope<Driver> all(c, transaction_mode::immediate, site);
  const stored_place found{write(stored), last_rowid(c)};
  find_stored(c, stored, found.guard, found.rowid, site);
  if (place != nullptr) *place = found;
  try {
    all.commit();
  } catch (const error& failure) {
    if (failure.code() == errc::commit_in_doubt) value = std::move(stored);  // to look for it
    throw;
  }
  value = std::move(stored);
}

/// Whether the statement, which was taken, is to be run with a look at what becomes of the row.
template <class T, class Driver>
bool is_guarded(const lease<Driver>& row) {
  if (row->guard == row_guard::none) [[likely]]
    return false;
  row->reported = is_guardable<T>;  // it is taken again
  return is_guardable<T>;
}

/// A statement that is not to be run after all.
template <class Driver>
void give_back(lease<Driver> unused) {
  unused->reported = true;
}

/// As insert_text, and the row comes back although the database has nothing to tell of it.
template <class Driver, class T, row_write Kind>
struct insert_returning_text {
  static constexpr row_write writes_row = Kind;
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void*, dialect d) {
    return insert_sql(table_of<T>, true, d, Kind);
  }
};

/// Whether inserted rows come back only where triggers of the database may change them.
template <class Driver, class T>
inline constexpr bool may_come_back = asked_for_triggers<typename Driver::connection> &&
                                      !insert_returns<Driver, T> && table_of<T>.key.size() != 0;

template <class T, std::size_t... K>
bool have_one_key(const T& a, const T& b, std::index_sequence<K...>) {
  const auto same = []<class F>(const F& one, const F& other) {
    if constexpr (requires { static_cast<bool>(one == other); }) return one == other;
    return true;
  };
  return (same(get_field<key_of_table<T>[K]>(a), get_field<key_of_table<T>[K]>(b)) && ...);
}

/// Inserts the row by the statement that returns it, because a trigger may have changed it.
template <row_write Kind, bool Stamps, class Driver, class T>
HEWN_COLD void insert_returned(connection<Driver>& c, T& value, call_site site, row_guard guard,
                               stored_place* place) {
  const auto insert = [&](T& stored) {
    if constexpr (Stamps && row_stamp::needs_stamp<T>())
      row_stamp{c.native().now(), true}.apply(stored);
    check_limits(stored, site);
    const auto row = take_statement<insert_returning_text<Driver, T, Kind>>(c, site);
    bind_row<Kind>(row, stored);
    if (!row.step()) fail_skipped(row, table_of<T>);
    check_table_row(row, table_of<T>);
    T returned = stored;
    read_row(row, returned);
    // What a view would view goes with the statement, so only the row as it was sent can be told.
    if constexpr (owns_values<T>)
      stored = std::move(returned);
    else if (!have_one_key(returned, stored, std::make_index_sequence<table_of<T>.key.size()>()))
      c.fail_with(lost_row(table_of<T>), *row.operator->());
    finish(row);
    return row->guard;
  };
  if (owns_values<T> && guard == row_guard::by_returning) {
    T stored = value;
    insert(stored);
    value = std::move(stored);
  } else {
    write_guarded(c, value, site, place, insert);
  }
}

/// `Stamps`: times and UUID keys are still to be filled. `place`: where it is told by what the row
/// is found again, if it is guarded.
template <row_write Kind, bool Stamps = true, class Driver, class T>
void insert_row_as(connection<Driver>& c, T& value, call_site site, stored_place* place = nullptr) {
  const auto insert = [&](const lease<Driver>& row, T& stored) {
    if constexpr (Stamps)
      insert_with<Kind>(c, row, stored);
    else
      insert_stamped<Kind>(c, row, stored);
    return row->guard;
  };
  using statement_text = insert_text<Driver, T, Kind>;
  row_guard guard = row_guard::none;
  {
    const auto row = take_statement<statement_text>(c, site);
    if (!is_guarded<T>(row)) [[likely]]
      return static_cast<void>(insert(row, value));
    guard = row->guard;
  }
  if constexpr (is_guardable<T> && may_come_back<Driver, T>)
    if (c.spoken() == dialect::postgres)
      return insert_returned<Kind, Stamps>(c, value, site, guard, place);
  if constexpr (is_guardable<T>)
    write_guarded(c, value, site, place, [&](T& stored) {
      return insert(take_statement<statement_text>(c, site), stored);
    });
}

template <bool Stamps = true, class Driver, class T>
void insert_row(connection<Driver>& c, T& value, call_site site, stored_place* place = nullptr) {
  if constexpr (leaves_key_out<Driver, T>)
    if (has_no_key(value))
      return insert_row_as<row_write::insert_keyed_by_database, Stamps>(c, value, site, place);
  insert_row_as<row_write::insert, Stamps>(c, value, site, place);
}

/// Stores the row and reads back what is then stored; `Kind` is one of the two upserts.
template <row_write Kind, auto... Members, class Driver, class T>
void upsert_row(connection<Driver>& c, T& value, call_site site, stored_place* place = nullptr) {
  const auto upsert = [&](const lease<Driver>& row, T& stored) {
    check_new_key(row, stored);
    bind_row<Kind>(row, stored);
    if (!row.step()) fail_skipped(row, table_of<T>);
    check_table_row(row, table_of<T>);
    read_row(row, stored);
    finish(row);
    return row->guard;
  };
  using statement_text = upsert_text<Driver, T, Kind, Members...>;
  {
    const auto row = take_statement<statement_text>(c, site);
    if (!is_guarded<T>(row)) [[likely]]
      return static_cast<void>(upsert(row, value));
  }
  if constexpr (is_guardable<T>)
    write_guarded(c, value, site, place, [&](T& stored) {
      return upsert(take_statement<statement_text>(c, site), stored);
    });
}

}  // namespace hewn::detail
