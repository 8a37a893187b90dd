// hewn/postgres/wire/array_literal.hpp - an array as text that the server casts.
// SPDX-License-Identifier: BSL-1.0
//
// Arrays in binary cannot hold arrays of different lengths, so an array of them goes as text[].
// Source: https://www.postgresql.org/docs/15/arrays.html, "Array Input and Output Syntax".
#pragma once

#include <hewn/db/values/driver_answers.hpp>
#include <hewn/postgres/wire/binary.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/schema/uuid_text.hpp>

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

namespace hewn::postgres::detail {

/// Appends elements: a statement to bind_field, with one parameter. finish() completes the array.
class array_literal {
 public:
  void bind_null(int) { item() += "NULL"; }
  void bind(int, bool v) { item() += v ? 't' : 'f'; }
  void bind(int, std::int64_t v) { item() += std::to_string(v); }

  void bind(int, double v) {
    if (std::isnan(v)) {
      item() += "NaN";
    } else if (std::isinf(v)) {
      item() += v < 0 ? "-Infinity" : "Infinity";
    } else {
      char digits[32];
      item().append(digits, std::to_chars(digits, digits + sizeof digits, v).ptr);
    }
  }

  void bind(int i, std::string_view v, bool) {
    if (v.find('\0') != v.npos) return refuse(i, value_problem::has_nul);
    item() += '"';
    for (const char c : v) {
      if (c == '"' || c == '\\') text_ += '\\';
      text_ += c;
    }
    text_ += '"';
  }

  void bind(int i, timestamp v) { put_time(i, is_storable(v), hewn::to_text(v).view(), "+00"); }
  void bind(int i, date v) { put_time(i, is_storable(v), hewn::to_text(v).view(), ""); }

  void bind(int i, const uuid_bytes& v) {
    const auto text = hewn::to_text(v);
    bind(i, std::string_view(text.data(), text.size()), false);
  }

  void refuse(int, value_problem problem) noexcept {
    if (problem_ == value_problem::none) problem_ = problem;
  }
  value_problem problem() const noexcept { return problem_; }

  void clear() {
    text_ = "{";
    problem_ = value_problem::none;
  }

  /// Lifetime: until the next change.
  std::string_view finish() { return text_ += '}'; }

 private:
  std::string& item() {
    if (text_.size() != 1) text_ += ',';
    return text_;
  }

  // The server's calendar has no year 0: that is 1 BC.
  void put_time(int i, bool storable, std::string_view text, std::string_view zone) {
    if (!storable) return refuse(i, value_problem::no_such_time);
    const bool year_zero = text.starts_with("0000");
    item() += '"';
    if (year_zero) {
      text_ += "0001";
      text.remove_prefix(4);
    }
    text_ += text;
    text_ += zone;
    if (year_zero) text_ += " BC";
    text_ += '"';
  }

  std::string text_;
  value_problem problem_ = value_problem::none;
};

}  // namespace hewn::postgres::detail
