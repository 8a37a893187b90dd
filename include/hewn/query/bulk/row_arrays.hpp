// hewn/query/bulk/row_arrays.hpp - rows that go to the database as arrays and come back.
// SPDX-License-Identifier: BSL-1.0
//
// Nobody promises the order of what RETURNING returns, so each row is known by its key: the one
// that it brings, or one that was drawn for it before. Where something may give it another, the
// rows go one by one, as do others that cannot go as arrays.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/dialect/write/bulk_insert.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/bulk/batch_queue.hpp>
#include <hewn/query/bulk/drawn_keys.hpp>
#include <hewn/query/bulk/insert_arrays.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/type_erasure/insert_row.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>
#include <hewn/schema/embedded.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Which of the rows that were sent the returned ones are.
class row_order {
 public:
  explicit row_order(std::size_t rows) : taken_(rows, false) { sent_.reserve(rows); }

  /// Finds the row of which `is(row)` says that it is the next one that came back. They mostly come
  /// in their order, or in a few runs of it.
  template <class Is>
  bool find(Is is) {
    const std::size_t rows = taken_.size();
    for (std::size_t tried = 0; tried != rows; ++tried) {
      const std::size_t row = next_;
      next_ = row + 1 == rows ? 0 : row + 1;
      if (taken_[row] || !is(row)) continue;
      taken_[row] = true;
      sent_.push_back(row);
      return true;
    }
    return false;
  }

  /// For each row that came back the one that was sent.
  const std::vector<std::size_t>& sent() const noexcept { return sent_; }

 private:
  std::vector<bool> taken_;
  std::vector<std::size_t> sent_;
  std::size_t next_ = 0;
};

HEWN_RARE HEWN_API error_details unknown_rows(const table_info& table);

template <class Field>
concept key_part = requires(const Field& part) {
  { part == part } -> std::convertible_to<bool>;
};

/// What comes back of rows that are completed: all columns.
template <class Driver, class T, row_write Kind>
struct completed_rows {
  using one = insert_text<Driver, T, Kind>;
  /// The statement that tells the types of the arrays.
  using arrays = insert_arrays_text<Driver, T, Kind, Kind == row_write::insert>;

  /// The statement that inserts arrays of these types.
  lease<Driver> take(connection<Driver>& c, const element_types& types, const drawn_key& drawn,
                     call_site site) const {
    if (drawn.type.empty()) return arrays::take(c, types, site);
    return lease<Driver>(
        c.acquire(insert_arrays_sql(table_of<T>, Kind, types, true, drawn), site, &table_of<T>));
  }

  /// Binds what stands behind so many arrays.
  void bind_behind(const lease<Driver>&, std::size_t) const {}

  void check(const lease<Driver>& row) const { check_table_row(row, table_of<T>); }

  /// Where a part of the key comes back.
  static int column_of_key(std::size_t part) { return static_cast<int>(key_of_table<T>[part]); }

  /// Reads all of them. `sent`: for each that came back the number of the row that was sent.
  void read(const lease<Driver>& row, const std::vector<std::size_t>& sent,
            const std::vector<T*>& rows) const {
    for (const std::size_t i : sent) {
      complete_row(row, *rows[i]);
      row.step();
    }
  }

  void insert_few(connection<Driver>& c, const std::vector<T*>& rows, call_site site) const {
    if (rows.empty()) return;
    const auto insert = take_statement<one>(c, site);
    for (T* row : rows) {
      insert_stamped<Kind>(c, insert, *row);
      insert.statement().rewind();
    }
  }

  void insert_in_pipeline(connection<Driver>& c, const std::vector<T*>& rows,
                          call_site site) const {
    batch_queue<Driver> all(c, nullptr, site, false);
    for (T* row : rows)
      all.add([&] {
        auto insert = take_statement<one>(c, site);
        bind_row<Kind>(insert, *row);
        all.template submit_returning<one>(std::move(insert), row, {&table_of<T>, &skipped_row});
      });
    all.finish();
  }
};

/// So few rows are not worth asking for the keys and drawing them, which are two messages.
inline constexpr std::size_t fewest_rows_to_draw_for = 4;

/// Inserts rows of which `Back` says what comes back.
template <class Driver, class T, row_write Kind, class Back = completed_rows<Driver, T, Kind>>
class row_array_inserter {
  static constexpr bool draws_keys = Kind == row_write::insert_keyed_by_database;

 public:
  using one = insert_text<Driver, T, Kind>;

  row_array_inserter(connection<Driver>& c, call_site site, range_facts range, Back back = {})
      : connection_(c),
        site_(site),
        expected_(range.expected),
        back_(back),
        types_(Driver::array_buffer::element_types(take_unreported<one>(c, site).statement())) {
    if (!can_compare(key_columns()) || !fits_arrays(table_of<T>, Kind, types_, false)) return;
    const auto all = Back::arrays::take(c, types_, site);
    all->reported = true;
    buffer_.emplace(all.statement());
    if (!buffer_->keep_values_of_row(take_unreported<one>(c, site).statement())) buffer_.reset();
  }

  void add(T& value) {
    if (buffer_) encode_row<one, Kind>(connection_, site_, *buffer_, value);
    rows_.push_back(&value);
    if (rows_.size() == 1000) flush();
  }

  void flush() {
    if (rows_.size() < fewest_rows_to_draw_for)
      back_.insert_few(connection_, rows_, site_);
    else if (!buffer_ || !can_tell_rows_apart() || !insert_all())
      back_.insert_in_pipeline(connection_, rows_, site_);
    expected_ -= expected_ < rows_.size() ? expected_ : rows_.size();
    first_key_ += rows_.size();
    rows_.clear();
    if (buffer_) buffer_->clear();
  }

 private:
  static constexpr std::size_t most_keys_at_once = 10'000;
  using key_columns = std::make_index_sequence<table_of<T>.key.size()>;

  template <std::size_t... K>
  static constexpr bool can_compare(std::index_sequence<K...>) {
    return sizeof...(K) != 0 && (key_part<column_field<T, key_of_table<T>[K]>> && ...);
  }

  bool can_tell_rows_apart() {
    if (!asked_)
      source_ = read_key_source(take_statement<key_source_text<Driver, T>>(connection_, site_));
    asked_ = true;
    return source_.keeps_given && (!draws_keys || !source_.draw.empty());
  }

  // False: nothing is stored, because the rows have to go one by one.
  bool insert_all() {
    if (draws_keys && keys_.size() < first_key_ + rows_.size()) {
      first_key_ = 0;
      std::size_t count = expected_ < most_keys_at_once ? expected_ : most_keys_at_once;
      // The last few of them will go one by one.
      if (count % 1000 < fewest_rows_to_draw_for) count -= count % 1000;
      if (count < rows_.size()) count = rows_.size();
      if (!draw_keys(lease<Driver>(connection_.acquire(source_.draw, site_)), count, keys_))
        return give_up();
    }
    const auto insert = take_arrays();
    if (!bind_all(insert)) {
      insert->reported = true;
      return give_up();
    }
    bool more = insert.step();
    const std::size_t count = insert.statement().row_count();
    if (count < rows_.size())
      insert->owner->fail_with(skipped_rows(table_of<T>, static_cast<std::int64_t>(count),
                                            static_cast<std::int64_t>(rows_.size())),
                               *insert.operator->());
    back_.check(insert);
    // No row is touched before all are known.
    row_order order(rows_.size());
    bool known = count == rows_.size();
    for (; more && known; more = insert.step())
      known = order.find([&](std::size_t row) { return is_key_of(insert.statement(), row); });
    if (!known) insert->owner->fail_with(unknown_rows(table_of<T>), *insert.operator->());
    insert.statement().show_first_row();
    back_.read(insert, order.sent(), rows_);
    return true;
  }

  // From now on one by one.
  bool give_up() {
    source_.keeps_given = false;
    return false;
  }

  lease<Driver> take_arrays() {
    drawn_key drawn;
    if constexpr (draws_keys) drawn = {source_.type, source_.overriding};
    return back_.take(connection_, types_, drawn, site_);
  }

  // False: a column has got another type since the rows were encoded for it.
  bool bind_all(const lease<Driver>& insert) {
    buffer_->bind_to(insert.statement());
    if constexpr (draws_keys) {
      key_buffer_.emplace(insert.statement());
      const auto kinds = key_buffer_->parameter_kinds();
      const auto encoded = buffer_->parameter_kinds();
      const auto last = encoded.size();
      if (kinds.size() <= last) return false;
      for (std::size_t i = 0; i != last; ++i)
        if (encoded[i] != kinds[i]) return false;
      for (std::size_t row = 0; row != rows_.size(); ++row) {
        key_buffer_->bind(static_cast<int>(last) + 1, keys_[first_key_ + row]);
        key_buffer_->add_value(last);
      }
      if (key_buffer_->problem() != value_problem::none) return false;
      insert.statement().bind_raw(static_cast<int>(last) + 1, key_buffer_->array_of(last));
    }
    back_.bind_behind(insert, buffer_->parameter_kinds().size() + (draws_keys ? 1u : 0u));
    return true;
  }

  bool is_key_of(typename Driver::statement& returned, std::size_t row) {
    if constexpr (draws_keys) {
      std::int64_t key = 0;
      return returned.read(back_.column_of_key(0), key) && key == keys_[first_key_ + row];
    } else {
      return has_key_of(returned, *rows_[row], key_columns());
    }
  }

  template <std::size_t... K>
  bool has_key_of(typename Driver::statement& returned, const T& row, std::index_sequence<K...>) {
    return (has_part<key_of_table<T>[K]>(returned, back_.column_of_key(K), row) && ...);
  }
  template <std::size_t I>
  static bool has_part(typename Driver::statement& returned, int column, const T& row) {
    column_field<T, I> part{};
    if (read_field(returned, column, part)) return part == get_column<I>(row);
    returned.clear_problem();
    return false;
  }

  connection<Driver>& connection_;
  call_site site_;
  std::size_t expected_;  // rows that are not inserted yet
  [[no_unique_address]] Back back_;
  element_types types_;
  std::optional<typename Driver::array_buffer> buffer_;  // nothing: they cannot go as arrays
  std::vector<T*> rows_;
  key_source source_;
  bool asked_ = false;
  std::vector<std::int64_t> keys_;  // that were drawn for the rows
  std::size_t first_key_ = 0;       // of the rows that are waiting
  std::optional<typename Driver::array_buffer> key_buffer_;
};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API error_details unknown_rows(const table_info& table) {
  error_details d;
  d.code = errc::invalid_data;
  d.table = table.name;
  d.message = "hewn: " + std::string(table.name) +
              " returned rows with other keys than they were inserted with, so they cannot be told "
              "apart; insert them one by one";
  return d;
}

}  // namespace hewn::detail

#endif
