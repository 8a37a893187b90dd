// hewn/db/values/list_text_writer.hpp - a list of values as the text of a JSON array.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/json_text.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/schema/uuid_text.hpp>

#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hewn::detail {

/// A statement to bind_field, with one parameter. What is refused has no place in JSON or in the
/// lists of the other database.
class list_text_writer {
 public:
  void bind_null(int) { item() += "null"; }
  void bind(int, bool v) { item() += v ? "true" : "false"; }
  void bind(int, std::int64_t v) { item() += std::to_string(v); }

  void bind(int i, double v) {
    if (!std::isfinite(v)) return refuse(i, value_problem::not_encodable);
    char digits[32];
    const char* const end = std::to_chars(digits, digits + sizeof digits, v).ptr;
    const std::string_view number(digits, static_cast<std::size_t>(end - digits));
    item() += number;
    // What looks like an integer is one to others, and -0 would lose its sign.
    if (number.find_first_of(".e") == number.npos) text_ += ".0";
  }

  void bind(int i, std::string_view v, bool) {
    if (v.find('\0') != v.npos) return refuse(i, value_problem::has_nul);
    if (!is_utf8(v)) return refuse(i, value_problem::not_encodable);
    append_json_text(item(), v);
  }

  void bind(int i, timestamp v) { put(i, to_text(v)); }
  void bind(int i, date v) { put(i, to_text(v)); }

  void bind(int, const uuid_bytes& v) {
    const auto text = to_text(v);
    append_json_text(item(), {text.data(), text.size()});
  }

  void refuse(int, value_problem problem) {
    if (problem_ == value_problem::none) problem_ = problem;
  }
  value_problem problem() const { return problem_; }

  /// The whole list. Call once.
  std::string_view finish() { return text_ += ']'; }

 private:
  std::string& item() {
    if (text_.size() != 1) text_ += ',';
    return text_;
  }

  void put(int i, const time_text& text) {
    if (text.size == 0) return refuse(i, value_problem::no_such_time);
    append_json_text(item(), text.view());
  }

  std::string text_ = "[";
  value_problem problem_ = value_problem::none;
};

}  // namespace hewn::detail
