// hewn/postgres/client/bulk_buffers.hpp - many rows on their way to the server.
// SPDX-License-Identifier: BSL-1.0
//
// Both buffers are filled as a statement is: bind every column, then add_row().
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/postgres/client/copy_stream.hpp>
#include <hewn/postgres/client/statement.hpp>
#include <hewn/postgres/wire/array.hpp>
#include <hewn/postgres/wire/array_literal.hpp>
#include <hewn/postgres/wire/binary.hpp>
#include <hewn/postgres/wire/parameters.hpp>
#include <hewn/postgres/wire/server_types.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres {

namespace detail {

/// The type as a cast to an array of it is written; empty where the driver writes no such array.
constexpr std::string_view element_name(Oid type) noexcept {
  if (type == 1042) return "bpchar";  // as "character" it would be of one character
  const bool without_array = type == 18 || type == 19 || type == 114 || type == 705;
  return without_array || wire_of(type) == wire::unknown ? std::string_view() : name_of(type);
}

}  // namespace detail

/// Rows as one array per column.
class array_buffer : public detail::parameters {
 public:
  /// Columns in the element types of the statement's array parameters, behind which so many others
  /// stand.
  HEWN_COLD explicit array_buffer(const statement& insert, std::size_t others = 0) {
    std::vector<Oid> types;
    std::vector<detail::wire> kinds;
    std::vector<Oid> arrays = insert.parameter_types();
    arrays.resize(arrays.size() - others);
    for (const Oid array : arrays) {
      types.push_back(detail::element_of(array));
      kinds.push_back(detail::wire_of(types.back()));
      arrays_.emplace_back(types.back());
    }
    expect(std::move(types), std::move(kinds));
  }

  /// The columns are those of an insert of one row. False: one of them holds arrays of which it may
  /// make others, and these are not looked at here.
  HEWN_COLD bool keep_values_of_row(const statement& insert) {
    for (const detail::narrow_column& column : insert.narrow_columns())
      if (column && is_array(column.column->type)) return false;
    keep_values_as(insert);
    return true;
  }

  /// Whether the driver knows how the elements of all of them are written.
  bool is_writable() const noexcept {
    return std::find(parameter_kinds().begin(), parameter_kinds().end(), detail::wire::unknown) ==
           parameter_kinds().end();
  }

  /// The types of the parameters of an insert of one row, for the arrays of many; an empty name for
  /// one that has no array that can be written.
  HEWN_COLD static std::vector<std::string_view> element_types(const statement& insert) {
    std::vector<std::string_view> names;
    for (const Oid type : insert.parameter_types()) names.push_back(detail::element_name(type));
    return names;
  }

  // ---- a column that holds arrays itself: each goes as text, which the statement casts

  detail::array_literal* begin_array(int) {
    literal_.clear();
    return &literal_;
  }
  bool append_element(int i) {
    if (literal_.problem() != value_problem::none) refuse(i, literal_.problem());
    return literal_.problem() == value_problem::none;
  }
  void finish_array(int i) { bind(i, literal_.finish(), true); }

  void add_row() {
    for (std::size_t i = 0; i != arrays_.size(); ++i)
      append(i, values()[i], static_cast<std::size_t>(lengths()[i]));
  }

  /// The value that is bound to one column, where the others get none.
  void add_value(std::size_t column) {
    append(column, values()[column], static_cast<std::size_t>(lengths()[column]));
  }

  /// The array of one column. Lifetime: until the buffer changes.
  std::string_view array_of(std::size_t column) { return arrays_[column].finish(); }

  /// One value of a row that is in the server's form already; nullptr: NULL.
  void append(std::size_t column, const char* value, std::size_t size) {
    if (value != nullptr)
      arrays_[column].append({value, size});
    else
      arrays_[column].append_null();
  }

  /// Lifetime: the buffer must not change until the statement has run.
  template <class Statement>
  void bind_to(Statement& insert) {
    int i = 0;
    for (detail::array_writer& a : arrays_) insert.bind_raw(++i, a.finish());
  }

  /// As bind_to, with copies.
  template <class Statement>
  void keep_in(Statement& s) {
    int i = 0;
    for (detail::array_writer& a : arrays_) s.keep_raw(++i, a.finish());
  }

  void clear() {
    for (detail::array_writer& a : arrays_) a.clear();
  }

 private:
  std::vector<detail::array_writer> arrays_;
  detail::array_literal literal_;
};

/// Rows in the format of COPY BINARY, and the COPY that they are sent by. That one fails where it
/// is not ended.
class copy_buffer : public detail::parameters {
 public:
  /// Columns in the types of the statement's parameters.
  explicit copy_buffer(const statement& insert) {
    expect(insert.parameter_types(), insert.parameter_kinds(), insert.parameter_elements());
    keep_values_as(insert);
  }

  void add_row() {
    const int columns = parameter_count();
    std::size_t size = 2;
    for (int i = 0; i != columns; ++i)
      size += 4 + (values()[i] ? static_cast<std::size_t>(lengths()[i]) : 0);
    if (used_ + size > bytes_.size()) [[unlikely]]
      bytes_.resize(2 * (used_ + size));
    char* to = bytes_.data() + used_;
    used_ += size;
    detail::store(to, static_cast<std::uint16_t>(columns));
    to += 2;
    for (int i = 0; i != columns; ++i) {
      const char* const value = values()[i];
      const int length = value ? lengths()[i] : -1;
      detail::store(to, static_cast<std::uint32_t>(length));
      to += 4;
      if (length <= 0) continue;
      std::memcpy(to, value, static_cast<std::size_t>(length));
      to += length;
    }
    ++rows_;
  }

  std::int64_t rows() const noexcept { return rows_; }
  std::size_t size() const noexcept { return used_; }

  /// Begins a COPY. `copy` must live as long.
  step_result begin(statement& copy) noexcept { return copy.begin_copy(stream_); }

  /// Whether it was begun and not ended here.
  bool copies() const noexcept { return stream_.has_value(); }

  /// Its rows are sent, and are not here any more. False: something else has ended the COPY, and
  /// they are.
  bool send() noexcept {
    if (!stream_->send({bytes_.data(), used_})) return false;
    clear();
    return true;
  }

  /// Ends the COPY, and stores what was sent.
  step_result end(statement& copy) noexcept {
    const step_result ended = copy.end_copy(*stream_);
    stream_.reset();
    return ended;
  }

  /// Calls `run()` for each of its rows, whose values are then bound to the statement.
  template <class Statement, class Run>
  void insert_each(Statement& insert, Run run) const {
    const int last = parameter_count();
    visit([&](std::size_t column, const char* value, std::size_t size) {
      const int i = static_cast<int>(column) + 1;
      value != nullptr ? insert.bind_raw(i, {value, size}) : insert.bind_null(i);
      if (i == last) run();
    });
  }

  /// Its rows are appended to arrays, whose elements have the same form.
  void append_to(array_buffer& arrays) const {
    visit([&](std::size_t column, const char* value, std::size_t size) {
      arrays.append(column, value, size);
    });
  }

  void clear() noexcept {
    used_ = 0;
    rows_ = 0;
  }

 private:
  // Calls `value(column, bytes or nullptr, size)` for all values, row by row.
  template <class Value>
  void visit(Value value) const {
    const auto columns = static_cast<std::size_t>(parameter_count());
    const char* at = bytes_.data();
    for (std::int64_t rows = rows_; rows != 0; --rows) {
      at += 2;
      for (std::size_t c = 0; c != columns; ++c) {
        const auto size = static_cast<std::int32_t>(detail::load<std::uint32_t>(at));
        at += 4;
        value(c, size < 0 ? nullptr : at, static_cast<std::size_t>(std::max(size, 0)));
        at += std::max(size, 0);
      }
    }
  }

  std::vector<char> bytes_;
  std::size_t used_ = 0;
  std::int64_t rows_ = 0;
  std::optional<detail::copy_stream> stream_;
};

}  // namespace hewn::postgres
