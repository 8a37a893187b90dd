// hewn/query/bulk/row_copier.hpp - rows that need not come back.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/dialect/write/bulk_insert.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/bulk/insert_arrays.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/take_statement.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace hewn::detail {

template <class Driver, class T, row_write Kind>
struct copy_text {
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void*, dialect) { return copy_sql(table_of<T>, Kind); }
  HEWN_COLD static std::string types() { return written_types_sql(table_of<T>, Kind); }
};

/// As insert_text, without RETURNING.
template <class Driver, class T, row_write Kind>
struct insert_only_text {
  static constexpr row_write writes_row = Kind;
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void*, dialect d) {
    return insert_sql(table_of<T>, false, d, Kind);
  }
};

/// Up to so many bytes an INSERT takes less time than a COPY, which is two messages more and their
/// answers. Source: docs/decisions/0023-many-rows-on-postgresql.md.
inline constexpr std::size_t fewest_bytes_to_copy = (std::size_t{1} << 16) + 1;

/// Stores rows that need not come back. Those that are ready are encoded while the server stores
/// the ones before: a range that runs something in between, maybe on the same connection, would do
/// so inside of a COPY.
template <class Driver, class T, row_write Kind>
class row_copier {
 public:
  using copy_text = detail::copy_text<Driver, T, Kind>;
  using insert_text = insert_only_text<Driver, T, Kind>;
  using arrays_text = insert_arrays_text<Driver, T, Kind, false>;

  row_copier(connection<Driver>& c, call_site site, range_facts range)
      : connection_(c),
        site_(site),
        limit_(range.ready ? fewest_bytes_to_copy : copy_size),
        buffer_(take_unreported<insert_text>(c, site).statement()) {}

  void add(const T& value) {
    encode_row<insert_text, Kind>(connection_, site_, buffer_, value);
    if (buffer_.size() >= limit_) [[unlikely]]
      hand_on();
  }

  void flush() {
    if (buffer_.copies() && send()) return end();
    const std::int64_t rows = buffer_.rows();
    if (rows == 0) return;
    const bool many = buffer_.size() >= fewest_bytes_to_copy;
    const bool done = rows != 1 && ((many && copy()) || insert_arrays() || copy());
    if (!done) insert_each();
    buffer_.clear();
  }

 private:
  // How much is sent by one COPY: with one mebibyte, beginning a copy so often cost a tenth of the
  // whole. A value that cannot be stored is reported before what the server says of that much.
  static constexpr std::size_t copy_size = std::size_t{1} << 23;

  // The buffer is full.
  HEWN_COLD void hand_on() {
    if (!buffer_.copies()) {
      if (buffer_.size() >= copy_size) return flush();
      if (buffer_.rows() == 1) return;
      if (!begin()) return wait();
    }
    if (!send()) return wait();
    if (sent_bytes_ >= copy_size) end();
  }

  // From here on rows are collected first.
  void wait() { limit_ = copy_size; }

  void insert_each() {
    const auto one = take_statement<insert_text>(connection_, site_);
    buffer_.insert_each(one.statement(), [&] {
      one.step();
      check_count(one, 1);
      one.statement().rewind();
    });
  }

  void check_count(const lease<Driver>& insert, std::int64_t sent) {
    const std::int64_t taken = connection_.native().changes();
    if (taken < sent) [[unlikely]]
      insert->owner->fail_with(
          sent == 1 ? skipped_row(table_of<T>) : skipped_rows(table_of<T>, taken, sent),
          *insert.operator->());
  }

  // False: a column has no array type.
  bool insert_arrays() {
    const element_types types = Driver::array_buffer::element_types(
        take_unreported<insert_text>(connection_, site_).statement());
    if (!fits_arrays(table_of<T>, Kind, types, true)) return false;
    const auto few = arrays_text::take(connection_, types, site_);
    typename Driver::array_buffer arrays(few.statement());
    // The statement of the arrays may be older than that of one row, for which they were encoded.
    if (arrays.parameter_kinds() != buffer_.parameter_kinds()) return false;
    buffer_.append_to(arrays);
    arrays.bind_to(few.statement());
    few.step();
    check_count(few, buffer_.rows());
    return true;
  }

  // False: begin() is.
  bool copy() {
    if (!begin()) return false;
    if (send()) return end(), true;
    return false;
  }

  // False: the table is one of which COPY does not do what an INSERT does, or a column has got
  // another type since the rows were encoded for it. COPY takes bytes for what they are not, where
  // an INSERT converts them.
  bool begin() {
    auto all = take_statement<copy_text>(connection_, site_);
    // Whoever looks on is told of it when it has ended, and of none that a row put an end to.
    all->reported = true;
    // Before each COPY: what runs between two rows may have altered the table.
    const step_result same = all.statement().check_types(&copy_text::types, buffer_);
    if (same == step_result::failed) connection<Driver>::fail(*all.operator->());
    if (same == step_result::done) return false;
    if (buffer_.begin(all.statement()) == step_result::failed) [[unlikely]]
      connection<Driver>::fail(*all.operator->());
    copying_.emplace(std::move(all));
    sent_rows_ = 0;
    sent_bytes_ = 0;
    return true;
  }

  // False: something else was run on the connection and has ended the COPY.
  bool send() {
    const std::int64_t rows = buffer_.rows();
    const std::size_t bytes = buffer_.size();
    if (!buffer_.send()) return end(), false;
    sent_rows_ += rows;
    sent_bytes_ += bytes;
    return true;
  }

  void end() {
    const lease<Driver> all = std::move(*copying_);
    copying_.reset();
    if (buffer_.end(all.statement()) == step_result::failed) [[unlikely]]
      connection<Driver>::fail(*all.operator->());
    check_count(all, sent_rows_);
    all->reported = false;
  }

  connection<Driver>& connection_;
  call_site site_;
  std::size_t limit_;  // the size at which the buffer is full
  std::optional<lease<Driver>> copying_;
  std::int64_t sent_rows_ = 0;  // by the COPY that is under way
  std::size_t sent_bytes_ = 0;
  typename Driver::copy_buffer buffer_;
};

}  // namespace hewn::detail
