// hewn/query/bulk/bulk.hpp - many rows at once, for drivers that have a way for it.
// SPDX-License-Identifier: BSL-1.0
//
// Rows that come back (keys and columns that the database makes) go as arrays into one INSERT with
// RETURNING; all others are copied, or, where they are few, go as arrays too. Both encode a range
// that is computed into memory first, so that it may use the same database while it is read. What a
// verb reports as stored is what the database counts.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/list.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/dialect/write/bulk_insert.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/bulk/insert_arrays.hpp>
#include <hewn/query/bulk/row_arrays.hpp>
#include <hewn/query/bulk/row_copier.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/rows/asked_keys.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/row_limits.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// Rows with a given key and rows without one, each by its own statement and in their order.
template <class Driver, class T, bool Complete>
class bulk_insert {
 public:
  bulk_insert(connection<Driver>& c, call_site site, range_facts range)
      : connection_(c), site_(site), range_(range) {}

  // `value` is completed when `Complete`, and `const` otherwise.
  template <class Row>
  void add(Row& value) {
    if constexpr (leaves_key_out<Driver, T>) {
      if (has_no_key(value)) {
        if (keyed_) keyed_->flush();
        if (!keyless_) keyless_.emplace(connection_, site_, range_);
        return keyless_->add(value);
      }
      if (keyless_) keyless_->flush();
    }
    if (!keyed_) keyed_.emplace(connection_, site_, range_);
    keyed_->add(value);
  }

  void flush() {
    if (keyed_) keyed_->flush();
    if (keyless_) keyless_->flush();
  }

 private:
  template <row_write Kind, bool Returns>
  using way = std::conditional_t<Complete && Returns, row_array_inserter<Driver, T, Kind>,
                                 row_copier<Driver, T, Kind>>;

  connection<Driver>& connection_;
  call_site site_;
  range_facts range_;
  std::optional<way<row_write::insert, table_of<T>.has_generated>> keyed_;
  std::optional<way<row_write::insert_keyed_by_database, true>> keyless_;
};

template <class T>
constexpr bool has_written_columns(row_write kind) {
  for (const column_info& c : table_of<T>.columns)
    if (is_written(c, kind)) return true;
  return false;
}

/// Calls `write(row)` with the times and UUID keys that the library fills filled: in place where
/// the row may be changed, and otherwise in a copy.
template <class Driver, class Row, class Write>
void with_stamp(connection<Driver>& c, Row& row, bool inserting, const call_site& site,
                Write write) {
  using T = std::remove_const_t<Row>;
  if constexpr (!row_stamp::needs_stamp<T>()) {
    write(row);
  } else if constexpr (std::is_const_v<Row>) {
    T stamped = row;
    row_stamp_of(c, inserting, site).apply(stamped);
    write(std::as_const(stamped));
  } else {
    row_stamp_of(c, inserting, site).apply(row);
    write(row);
  }
}

/// Calls `write(row)` for each row of the range, const where the range makes it anew by every look
/// at it or every step, so that it cannot be completed. Returns their number.
template <class Range, class Write>
std::int64_t for_each_row(Range& rows, Write write) {
  std::int64_t count = 0;
  for (auto&& row : rows) {
    if constexpr (completes_rows<Range>)
      write(row);
    else
      write(std::as_const(row));
    ++count;
  }
  return count;
}

/// Which rows of a range ask for a key, as the numbers of the rows where that changes: nearly
/// always all do, or none.
class keyless_rows {
 public:
  void add(asked_keys asked) {
    if (asked != last_) [[unlikely]]
      change(asked);
    ++count_;
  }

  /// Calls `take_back(row, asked)` for those that did.
  template <class Range, class TakeBack>
  void for_each(Range& rows, TakeBack take_back) const {
    auto next = changes_.begin();
    asked_keys asked = 0;
    auto at = rows.begin();
    for (std::int64_t row = 0; row != count_; ++row, ++at) {
      if (next != changes_.end() && next->row == row) asked = (next++)->asked;
      if (asked != 0) take_back(*at, asked);
    }
  }

 private:
  struct change_of_keys {
    std::int64_t row;
    asked_keys asked;
  };

  HEWN_COLD void change(asked_keys asked) {
    changes_.push_back({count_, asked});
    last_ = asked;
  }

  list<change_of_keys> changes_;
  std::int64_t count_ = 0;
  asked_keys last_ = 0;  // of the row before; before the first one, none asks
};

/// As for_each_row, noting which rows ask for a key where they are to be completed. A range that is
/// computed may have ended the transaction, and the next row would be stored alone.
template <class Driver, class Range, class Write>
std::int64_t for_each_new_row(const transaction_scope<Driver>& held, Range& rows,
                              keyless_rows& keyless, Write write) {
  using T = std::remove_cvref_t<decltype(*rows.begin())>;
  return for_each_row(rows, [&](auto& row) {
    held.check_turn();
    if constexpr (completes_rows<Range> && asks_for_keys<T>) keyless.add(keys_asked_for(row));
    write(row);
  });
}

/// Stores every row of the range in the transaction that is held. Returns their number.
template <class Driver, class Range>
std::int64_t insert_in_bulk(connection<Driver>& c, const transaction_scope<Driver>& held,
                            Range& rows, keyless_rows& keyless, call_site site) {
  using T = std::remove_cvref_t<decltype(*rows.begin())>;
  range_facts range{.ready = std::contiguous_iterator<decltype(rows.begin())>};
  if constexpr (requires { static_cast<std::size_t>(rows.size()); })
    range.expected = static_cast<std::size_t>(rows.size());
  bulk_insert<Driver, T, completes_rows<Range>> all(c, site, range);
  const std::int64_t count = for_each_new_row(held, rows, keyless, [&](auto& row) {
    with_stamp(c, row, true, site, [&](auto& stamped) {
      check_limits(stamped, site);
      all.add(stamped);
    });
  });
  held.check_turn();
  all.flush();
  return count;
}

/// The statement of an insert where the database tells the key without being asked, although the
/// driver, which may be of another database, does not promise it.
template <class Driver, class T>
struct insert_told_text {
  static constexpr row_write writes_row = row_write::insert;
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void*, dialect d) {
    return insert_sql(table_of<T>, table_of<T>.has_generated, d);
  }
};

}  // namespace hewn::detail
