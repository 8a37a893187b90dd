// hewn/postgres/wire/array.hpp - one-dimensional arrays in PostgreSQL's binary form.
// SPDX-License-Identifier: BSL-1.0
//
// Source: array_send in PostgreSQL's arrayfuncs.c.
#pragma once

#include <hewn/db/values/driver_answers.hpp>
#include <hewn/postgres/wire/binary.hpp>
#include <hewn/postgres/wire/server_types.hpp>
#include <hewn/postgres/wire/wire_value.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

/// Appends elements; finish() completes the array.
class array_writer {
 public:
  explicit array_writer(Oid element) : element_(element) {
    if (element != 0) clear();
  }

  Oid element() const { return element_; }

  void append(std::string_view bytes) {
    char* const to = grow(4 + bytes.size());
    store(to, static_cast<std::uint32_t>(bytes.size()));
    std::memcpy(to + 4, bytes.data(), bytes.size());
  }

  void append_null() {
    store(grow(4), std::uint32_t{0xffffffff});
    store(bytes_.data() + 4, std::uint32_t{1});  // the array has NULLs
  }

  /// The array. Lifetime: until the next append or clear.
  std::string_view finish() {
    store(bytes_.data(), std::uint32_t{count_ == 0 ? 0u : 1u});
    store(bytes_.data() + 12, count_);
    // Without elements it has no dimension, hence no bounds.
    return {bytes_.data(), count_ == 0 ? std::size_t{12} : used_};
  }

  void clear() {
    if (bytes_.size() < header) bytes_.resize(1024);
    std::memset(bytes_.data(), 0, header);
    store(bytes_.data() + 8, static_cast<std::uint32_t>(element_));
    store(bytes_.data() + 16, std::uint32_t{1});  // subscripts count from 1
    used_ = header;
    count_ = 0;
  }

 private:
  // Dimensions, flags, type of the elements, their number, the first subscript.
  static constexpr std::size_t header = 20;

  char* grow(std::size_t size) {
    if (used_ + size > bytes_.size()) [[unlikely]]
      bytes_.resize(2 * (used_ + size));
    ++count_;
    return bytes_.data() + std::exchange(used_, used_ + size);
  }

  Oid element_;
  std::uint32_t count_ = 0;
  std::size_t used_ = 0;
  std::vector<char> bytes_;
};

/// Reads an array: `while (reader.next()) reader.read(0, value);`, then problem(). A statement with
/// one column to read_field.
class array_reader {
 public:
  array_reader(wire element, std::string_view stored) noexcept : rest_(stored) {
    current_.kind = element;
    // Dimensions, flags, type of the elements; per dimension its size and first subscript.
    const std::uint32_t dimensions = stored.size() < 12 ? 2 : load<std::uint32_t>(stored.data());
    if (element == wire::unknown)
      fail(value_problem::other_element);
    else if (dimensions > 1 || (dimensions == 1 && stored.size() < 20))
      fail(value_problem::nested_list);
    else if (dimensions == 1)
      left_ = load<std::uint32_t>(stored.data() + 12);
    rest_.remove_prefix(dimensions == 1 && stored.size() >= 20 ? 20 : stored.size());
  }

  /// The number of elements. Every element has four bytes at least.
  std::size_t size() const noexcept { return std::min<std::size_t>(left_, rest_.size() / 4); }

  bool next() noexcept {
    if (left_ == 0) return false;
    if (rest_.size() < 4) return fail(value_problem::other_element);
    --left_;
    const auto length = load<std::uint32_t>(rest_.data());
    rest_.remove_prefix(4);
    current_.null = length == 0xffffffff;
    if (!current_.null && length > rest_.size()) return fail(value_problem::other_element);
    current_.bytes = current_.null ? std::string_view() : rest_.substr(0, length);
    rest_.remove_prefix(current_.bytes.size());
    return true;
  }

  bool read(int, std::string_view& out) { return finish(read_value(current_, out, converted_)); }
  bool read(int i, std::string& out) {
    std::string_view text;
    if (!read(i, text)) return false;
    out.assign(text.data(), text.size());
    return true;
  }
  template <class T>
  bool read(int, T& out) noexcept {
    return finish(read_value(current_, out));
  }

  value_problem problem() const noexcept { return problem_; }
  void clear_problem() noexcept { problem_ = value_problem::none; }
  bool fail(value_problem problem) noexcept {
    problem_ = problem;
    return false;
  }

 private:
  bool finish(value_problem p) noexcept { return p == value_problem::none || fail(p); }

  std::string_view rest_;
  wire_value current_;
  std::uint32_t left_ = 0;
  std::string converted_;  // a number as text
  value_problem problem_ = value_problem::none;
};

/// Reads the JSON that the library writes for lists: values without blanks between them.
class list_reader {
 public:
  explicit list_reader(std::string_view json) : rest_(json) { rest_.remove_prefix(1); }

  /// The next value, its quotes and escapes removed; nothing at the end.
  /// Lifetime: until the next call.
  std::optional<std::string_view> next() {
    if (rest_.starts_with(',')) rest_.remove_prefix(1);
    if (rest_.empty() || rest_.front() == ']') return std::nullopt;
    null_ = rest_.starts_with('n');
    if (rest_.front() == '"') return string();
    const std::size_t end = rest_.find_first_of(",]");
    const std::string_view number = rest_.substr(0, end);
    rest_.remove_prefix(number.size());
    return number;
  }

  /// Whether what next() returned was null.
  bool is_null() const { return null_; }

 private:
  std::string_view string() {
    text_.clear();
    rest_.remove_prefix(1);
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() != '\\') {
        const std::string_view plain = rest_.substr(0, rest_.find_first_of("\\\""));
        text_ += plain;
        rest_.remove_prefix(plain.size());
      } else if (rest_.size() > 5 && rest_[1] == 'u') {
        int code = 0;
        std::from_chars(rest_.data() + 2, rest_.data() + 6, code, 16);
        text_ += static_cast<char>(code);  // only control characters are written so
        rest_.remove_prefix(6);
      } else {
        text_ += rest_.substr(1, 1);
        rest_.remove_prefix(rest_.size() > 1 ? 2 : 1);
      }
    }
    if (!rest_.empty()) rest_.remove_prefix(1);
    return text_;
  }

  std::string_view rest_;
  std::string text_;
  bool null_ = false;
};

}  // namespace hewn::postgres::detail
