// hewn/query/bulk/insert_many.hpp - a range of rows by the fastest way that the database has.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/distinct.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/bulk/batch_queue.hpp>
#include <hewn/query/bulk/bulk.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/rows/asked_keys.hpp>
#include <hewn/query/rows/kept_rows.hpp>
#include <hewn/query/rows/row_limits.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/type_erasure/insert_row.hpp>
#include <hewn/query/type_erasure/row_type.hpp>
#include <hewn/query/type_erasure/row_writer.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Each row by the verb for one.
template <class Driver, class Range>
std::int64_t insert_each_row(connection<Driver>& c, const transaction_scope<Driver>& held,
                             Range& rows, keyless_rows& keyless, call_site site) {
  using T = std::remove_cvref_t<decltype(*rows.begin())>;
  return for_each_new_row(held, rows, keyless, [&](auto& row) {
    T stored = row;
    insert_row(c, stored, site);
    if constexpr (!std::is_const_v<std::remove_reference_t<decltype(row)>>) row = std::move(stored);
  });
}

/// Inserts copies of the rows, which then take the place of those that are to be completed.
template <class Driver, class Range, class Insert>
HEWN_COLD std::int64_t insert_guarded_range(connection<Driver>& c,
                                            const transaction_scope<Driver>& held, Range& rows,
                                            keyless_rows& keyless, call_site site, Insert insert) {
  using T = std::remove_cvref_t<decltype(*rows.begin())>;
  if constexpr (!owns_values<T>) {
    // What they view may be gone with the next row, so each is looked for at once.
    return insert_each_row(c, held, rows, keyless, site);
  } else {
    std::vector<T> copies;
    const std::int64_t count =
        for_each_new_row(held, rows, keyless, [&](auto& row) { copies.push_back(row); });
    held.check_turn();
    insert(copies);
    if constexpr (completes_rows<Range>) {
      auto stored = copies.begin();
      for (auto& row : rows) row = std::move(*stored++);
    }
    return count;
  }
}

/// As above, one by one with the statement of this text.
template <class Text, class Driver, class T>
HEWN_COLD void insert_guarded_copies(connection<Driver>& c, std::vector<T>& rows, call_site site) {
  std::vector<std::int64_t> rowids;
  row_guard guard = row_guard::none;
  {
    const auto insert = take_statement<Text>(c, site);
    guard = insert->guard;
    for (T& row : rows) {
      if constexpr (row_stamp::needs_stamp<T>()) row_stamp_of(c, true, site).apply(row);
      insert_stamped<row_write::insert, true>(c, insert, row);
      insert.statement().rewind();
      rowids.push_back(last_rowid(c));
    }
  }
  // When all are stored, because a row may have lost its place to one behind it.
  std::vector<std::string> identities;
  auto rowid = rowids.begin();
  for (T& row : rows)
    identities.push_back(
        row_writer<Driver>::find_stored(c, row_type_of<T, Driver>, &row, {guard, *rowid++}, site));
  if (!are_distinct(std::move(identities))) {
    error_details d = lost_row(table_of<T>);
    d.site = site;
    throw error(std::move(d));
  }
}

/// One by one without waiting for each, by the statement that returns the row.
template <class Driver, class T>
HEWN_COLD void insert_returned_in_pipeline(connection<Driver>& c, std::vector<T>& rows,
                                           call_site site) {
  constexpr row_write kind = row_write::insert;
  using statement_text = insert_returning_text<Driver, T, kind>;
  batch_queue<Driver> all(c, nullptr, site, false);
  for (T& row : rows)
    all.add([&] {
      if constexpr (row_stamp::needs_stamp<T>()) row_stamp_of(c, true, site).apply(row);
      check_limits(row, site);
      auto insert = take_statement<statement_text>(c, site);
      bind_row<kind>(insert, row);
      all.template submit_returning<statement_text>(std::move(insert), &row,
                                                    {&table_of<T>, &skipped_row});
    });
  all.finish();
}

/// The same where many rows go at once.
template <class Driver, class T>
HEWN_COLD void insert_guarded_in_bulk(connection<Driver>& c, const transaction_scope<Driver>& held,
                                      std::vector<T>& rows, row_guard guard, call_site site) {
  if constexpr (may_come_back<Driver, T>) {
    insert_returned_in_pipeline(c, rows, site);
    if (guard == row_guard::by_returning) return;
  } else {
    keyless_rows keyless;
    insert_in_bulk(c, held, rows, keyless, site);
  }
  using statement_text = stored_row_text<Driver, T>;
  batch_queue<Driver> all(c, nullptr, site, false);
  for (T& row : rows)
    all.add([&] {
      auto found = take_statement<statement_text>(c, site);
      bind_row<row_write::remove>(found, row);
      all.template submit_returning<statement_text>(std::move(found), &row,
                                                    {&table_of<T>, &lost_row, true});
    });
  all.finish();
}

/// As insert_in_bulk, row by row with one statement.
template <class Driver, class Range>
std::int64_t insert_one_by_one(connection<Driver>& c, const transaction_scope<Driver>& held,
                               Range& rows, keyless_rows& keyless, call_site site) {
  using T = std::remove_cvref_t<decltype(*rows.begin())>;
  constexpr bool only_key =
      leaves_key_out<Driver, T> && !has_written_columns<T>(row_write::insert_keyed_by_database);
  if constexpr (requires { c.native().last_insert_key(); } && !only_key) {
    using statement_text = std::conditional_t<leaves_key_out<Driver, T>,
                                              insert_told_text<Driver, T>, insert_text<Driver, T>>;
    auto insert = take_statement<statement_text>(c, site);
    if constexpr (is_guardable<T>)
      if (is_guarded(insert, is_guardable<T>)) [[unlikely]] {
        give_back(std::move(insert));
        return insert_guarded_range(c, held, rows, keyless, site, [&](std::vector<T>& copies) {
          insert_guarded_copies<statement_text>(c, copies, site);
        });
      }
    return for_each_new_row(held, rows, keyless, [&](auto& row) {
      with_stamp(c, row, true, site, [&](auto& stamped) {
        insert_stamped<row_write::insert, true>(c, insert, stamped);
      });
      insert.statement().rewind();
    });
  } else {
    return insert_each_row(c, held, rows, keyless, site);
  }
}

/// Stores every row of the range in the fastest way that the database has, in the transaction that
/// is held. Returns their number.
template <class Driver, class Range>
std::int64_t insert_range(connection<Driver>& c, const transaction_scope<Driver>& held, Range& rows,
                          keyless_rows& keyless, call_site site) {
  using T = std::remove_cvref_t<decltype(*rows.begin())>;
  constexpr row_write kind =
      leaves_key_out<Driver, T> ? row_write::insert_keyed_by_database : row_write::insert;
  if constexpr (bulk_driver<Driver> && has_written_columns<T>(kind)) {
    if (c.spoken() == dialect::postgres) {
      if constexpr (is_guardable<T> && table_of<T>.key.size() != 0) {
        const row_guard guard = find_guard(c, table_of<T>, kind);
        if (guard == row_guard::by_key ||
            (guard == row_guard::by_returning && completes_rows<Range>)) [[unlikely]]
          return insert_guarded_range(c, held, rows, keyless, site, [&](std::vector<T>& copies) {
            insert_guarded_in_bulk(c, held, copies, guard, site);
          });
        // Rows that are completed find out for themselves.
        if constexpr (kind == row_write::insert_keyed_by_database && !completes_rows<Range>)
          if (makes_one_key(c, table_of<T>)) [[unlikely]]
            return insert_guarded_range(c, held, rows, keyless, site, [&](std::vector<T>& copies) {
              keyless_rows of_copies;
              insert_in_bulk(c, held, copies, of_copies, site);
            });
      }
      return insert_in_bulk(c, held, rows, keyless, site);
    }
  }
  return insert_one_by_one(c, held, rows, keyless, site);
}

/// Stores every row of the range or none; where it throws, no row has got a key, unless it may be
/// stored. Returns their number.
template <class Driver, class Range>
std::int64_t insert_all_or_none(connection<Driver>& c, Range& rows, call_site site) {
  using T = std::remove_cvref_t<decltype(*rows.begin())>;
  keyless_rows keyless;
  const call_scope at(site);
  const auto insert = [&] {
    transaction_scope<Driver> all(c, transaction_mode::immediate, site);
    const std::int64_t count = insert_range(c, all, rows, keyless, site);
    all.commit();
    return count;
  };
  if constexpr (completes_rows<Range> && asks_for_keys<T>) {
    const auto take_back = [&] {
      keyless.for_each(rows, [](T& row, asked_keys keys) { take_keys_back(row, keys); });
    };
    try {
      return insert();
    } catch (const error& failure) {
      if (failure.code() != errc::commit_in_doubt) take_back();
      throw;
    } catch (...) {
      take_back();
      throw;
    }
  } else {
    return insert();
  }
}

}  // namespace hewn::detail
