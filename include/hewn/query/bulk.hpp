// hewn/query/bulk.hpp - many rows at once, for drivers that have a way for it.
// SPDX-License-Identifier: BSL-1.0
//
// Rows that come back (keys and columns that the database makes) go as arrays into one INSERT with
// RETURNING; all others are copied. Both encode into memory first, so that the range may use the
// same database while it is read.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection.hpp>
#include <hewn/db/lease.hpp>
#include <hewn/dialect/dml.hpp>
#include <hewn/query/row.hpp>
#include <hewn/query/shapes.hpp>
#include <hewn/query/statements.hpp>
#include <hewn/query/write_row.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn::detail {

template <class Driver, class T, row_write Kind>
struct copy_shape {
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void*, dialect) { return copy_sql(table_of<T>, Kind); }
};

template <class Driver, class T, row_write Kind>
struct insert_arrays_shape {
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void*, dialect) {
    return insert_arrays_sql(table_of<T>, Kind);
  }
};

// A statement that is taken for what is known of it, not to be run.
template <class Shape, class Driver>
lease<Driver> take_unreported(connection<Driver>& c, call_site site) {
  lease<Driver> taken = take_statement<Shape>(c, site);
  taken->reported = true;
  return taken;
}

template <class Shape, row_write Kind, class Driver, class Buffer, class T>
void encode_row(connection<Driver>& c, call_site site, Buffer& buffer, const T& value) {
  row_binder<T, Kind, Buffer> binder{buffer};
  visit_fields(value, binder);
  if (buffer.problem() != value_problem::none) [[unlikely]]
    fail_bind(take_unreported<Shape>(c, site), table_of<T>, Kind, buffer);
  buffer.add_row();
}

/// Copies rows that need not come back.
template <class Driver, class T, row_write Kind>
class row_copier {
 public:
  using shape = copy_shape<Driver, T, Kind>;

  row_copier(connection<Driver>& c, call_site site)
      : connection_(c),
        site_(site),
        buffer_(take_unreported<insert_shape<Driver, T, Kind>>(c, site).statement()) {}

  void add(const T& value) {
    encode_row<shape, Kind>(connection_, site_, buffer_, value);
    // Eight mebibytes: with one, beginning a copy so often cost a tenth of the whole.
    if (buffer_.size() > (std::size_t{1} << 23)) flush();
  }

  void flush() {
    if (buffer_.rows() == 0) return;
    const auto copy = take_statement<shape>(connection_, site_);
    if (copy.statement().copy_in(buffer_.finish()) == step_result::failed) [[unlikely]]
      connection<Driver>::fail(*copy.operator->());
    buffer_.clear();
  }

 private:
  connection<Driver>& connection_;
  call_site site_;
  typename Driver::copy_buffer buffer_;
};

/// Inserts rows that are completed by what the database returns.
template <class Driver, class T, row_write Kind>
class row_array_inserter {
 public:
  using shape = insert_arrays_shape<Driver, T, Kind>;

  row_array_inserter(connection<Driver>& c, call_site site)
      : connection_(c), site_(site), buffer_(take_unreported<shape>(c, site).statement()) {}

  void add(T& value) {
    if (!buffer_.complete()) return insert_row(connection_, value, site_);
    encode_row<shape, Kind>(connection_, site_, buffer_, value);
    rows_.push_back(&value);
    if (rows_.size() == 1000) flush();
  }

  void flush() {
    if (rows_.empty()) return;
    const auto insert = take_statement<shape>(connection_, site_);
    buffer_.bind_to(insert.statement());
    std::size_t count = 0;
    bool more = insert.step();
    check_table_row(insert, table_of<T>);
    for (; more && count != rows_.size(); more = insert.step()) read_row(insert, *rows_[count++]);
    // A trigger or rule may drop rows; which, nobody tells.
    if (count != rows_.size()) fail_no_row(insert);
    rows_.clear();
    buffer_.clear();
  }

 private:
  connection<Driver>& connection_;
  call_site site_;
  typename Driver::array_buffer buffer_;
  std::vector<T*> rows_;
};

/// Rows with a given key and rows without one, each by its own statement and in their order.
template <class Driver, class T, bool Complete>
class bulk_insert {
 public:
  bulk_insert(connection<Driver>& c, call_site site) : connection_(c), site_(site) {}

  // `value` is completed when `Complete`, and `const` otherwise.
  template <class Row>
  void add(Row& value) {
    if constexpr (leaves_key_out<Driver, T>) {
      if (has_no_key(value)) {
        if (keyed_) keyed_->flush();
        if (!keyless_) keyless_.emplace(connection_, site_);
        return keyless_->add(value);
      }
      if (keyless_) keyless_->flush();
    }
    if (!keyed_) keyed_.emplace(connection_, site_);
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
  std::optional<way<row_write::insert, table_of<T>.has_generated>> keyed_;
  std::optional<way<row_write::insert_keyed_by_database, true>> keyless_;
};

template <class T>
constexpr bool has_written_columns(row_write kind) {
  for (const column_info& c : table_of<T>.columns)
    if (is_written(c, kind)) return true;
  return false;
}

/// Stores every row of the range; the caller holds the transaction. Returns their number.
template <class Driver, class Range>
std::int64_t insert_in_bulk(connection<Driver>& c, Range& rows, call_site site) {
  using reference = decltype(*rows.begin());
  using T = std::remove_cvref_t<reference>;
  // What is made anew by every look at the range cannot be completed.
  constexpr bool completed =
      std::is_lvalue_reference_v<reference> && !std::is_const_v<std::remove_reference_t<reference>>;
  bulk_insert<Driver, T, completed> all(c, site);
  std::int64_t count = 0;
  for (auto&& row : rows) {
    if constexpr (completed) {
      if constexpr (row_stamp::needs_stamp<T>()) row_stamp{c.native().now(), true}.apply(row);
      check_limits(row);
      all.add(row);
    } else if constexpr (row_stamp::needs_stamp<T>()) {
      T stamped = row;
      row_stamp{c.native().now(), true}.apply(stamped);
      check_limits(stamped);
      all.add(std::as_const(stamped));
    } else {
      check_limits(row);
      all.add(std::as_const(row));
    }
    ++count;
  }
  all.flush();
  return count;
}

}  // namespace hewn::detail
