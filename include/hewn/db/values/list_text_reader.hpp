// hewn/db/values/list_text_reader.hpp - the values of a JSON array, one by one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/values/driver_answers.hpp>
#include <hewn/db/values/exact_real.hpp>
#include <hewn/db/values/kept_problem.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/schema/uuid_text.hpp>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace hewn::detail {

/// A statement to read_field, with one column: `while (reader.next()) reader.read(0, value);`, then
/// problem().
class list_text_reader : public kept_problem {
 public:
  explicit list_text_reader(std::string_view json) : rest_(json) {
    skip_blanks();
    if (!take('[')) fail(value_problem::not_a_list);
  }

  /// Goes to the next value; false at the end, and where the text is no list of single values.
  bool next() {
    if (problem() != value_problem::none) return false;
    skip_blanks();
    if (take(']')) return end();
    if (!first_ && !take(',')) return fail(value_problem::not_a_list);
    first_ = false;
    skip_blanks();
    if (rest_.starts_with('[') || rest_.starts_with('{')) return fail(value_problem::nested_list);
    if (take('"')) return read_string();
    return read_word();
  }

  bool read(int, bool& out) {
    // SQLite has no booleans, and makes JSON of its numbers.
    const bool number = kind_ == kind::integer && (text_ == "0" || text_ == "1");
    if (kind_ != kind::boolean && !number) return wrong();
    out = text_ == "true" || text_ == "1";
    return true;
  }

  bool read(int, std::int64_t& out) {
    if (kind_ != kind::integer) return wrong();
    return read_number(out);
  }

  bool read(int i, double& out) {
    if (kind_ == kind::real) return read_number(out);
    std::int64_t whole = 0;
    if (!read(i, whole)) return false;
    return exact_real(whole, out) || fail(value_problem::out_of_range);
  }

  /// Lifetime: until the next call of next().
  bool read(int, std::string_view& out) {
    if (kind_ != kind::string) return wrong();
    out = text_;
    return true;
  }

  bool read(int i, std::string& out) {
    std::string_view text;
    if (!read(i, text)) return false;
    out.assign(text.data(), text.size());
    return true;
  }

  bool read(int i, timestamp& out) {
    return read_parsed(i, out, parse_timestamp, value_problem::not_a_time);
  }
  bool read(int i, date& out) { return read_parsed(i, out, parse_date, value_problem::not_a_time); }
  bool read(int i, uuid_bytes& out) {
    return read_parsed(i, out, parse_uuid, value_problem::not_a_uuid);
  }

 private:
  enum class kind : std::uint8_t { null, boolean, integer, real, string };

  bool wrong() {
    return fail(kind_ == kind::null ? value_problem::is_null : value_problem::other_element);
  }

  bool take(char wanted) {
    if (!rest_.starts_with(wanted)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_blanks() {
    while (take(' ') || take('\n') || take('\t') || take('\r')) {
    }
  }

  bool end() {
    skip_blanks();
    return rest_.empty() ? false : fail(value_problem::not_a_list);
  }

  // null, true, false or a number.
  bool read_word() {
    text_ = rest_.substr(0, rest_.find_first_of(",] \n\t\r"));
    rest_.remove_prefix(text_.size());
    if (text_ == "null")
      kind_ = kind::null;
    else if (text_ == "true" || text_ == "false")
      kind_ = kind::boolean;
    else if (!is_number(text_))
      return fail(value_problem::not_a_list);
    else
      kind_ = text_.find_first_of(".eE") == text_.npos ? kind::integer : kind::real;
    return true;
  }

  static bool take_digits(std::string_view& text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(digits);
    return digits != 0;
  }

  // As RFC 8259 spells numbers, so that from_chars has only their size to judge.
  static bool is_number(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    if (text.starts_with('0') && text.size() > 1 && text[1] >= '0' && text[1] <= '9') return false;
    if (!take_digits(text)) return false;
    if (text.starts_with('.')) {
      text.remove_prefix(1);
      if (!take_digits(text)) return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
      text.remove_prefix(1);
      if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
      if (!take_digits(text)) return false;
    }
    return text.empty();
  }

  template <class Number>
  bool read_number(Number& out) {
    const auto parsed = std::from_chars(text_.data(), text_.data() + text_.size(), out);
    return parsed.ec == std::errc() || fail(value_problem::out_of_range);
  }

  template <class T>
  bool read_parsed(int i, T& out, std::optional<T> (*parse)(std::string_view),
                   value_problem unfit) {
    std::string_view text;
    if (!read(i, text)) return false;
    const std::optional<T> parsed = parse(text);
    if (!parsed) return fail(unfit);
    out = *parsed;
    return true;
  }

  bool read_string() {
    kind_ = kind::string;
    const std::size_t plain = rest_.find_first_of("\"\\");
    if (plain != rest_.npos && rest_[plain] == '"') {  // most have nothing that is escaped
      text_ = rest_.substr(0, plain);
      rest_.remove_prefix(plain + 1);
      return !has_control() || fail(value_problem::not_a_list);
    }
    decoded_.clear();
    while (!rest_.empty() && rest_.front() != '"') {
      if (rest_.front() == '\\') {
        if (!read_escape()) return fail(value_problem::not_a_list);
      } else {
        decoded_ += rest_.front();
        if (static_cast<unsigned char>(rest_.front()) < 0x20)
          return fail(value_problem::not_a_list);
        rest_.remove_prefix(1);
      }
    }
    text_ = decoded_;
    return take('"') || fail(value_problem::not_a_list);
  }

  bool has_control() const {
    for (const char c : text_)
      if (static_cast<unsigned char>(c) < 0x20) return true;
    return false;
  }

  bool read_escape() {
    constexpr std::string_view names = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    if (rest_.size() < 2) return false;
    const std::size_t known = names.find(rest_[1]);
    if (known != names.npos) {
      decoded_ += meanings[known];
      rest_.remove_prefix(2);
      return true;
    }
    std::uint32_t code = 0;
    if (!take_unit(code)) return false;
    if (code >= 0xdc00 && code < 0xe000) return false;
    if (code >= 0xd800 && code < 0xdc00) {
      std::uint32_t low = 0;
      if (!take_unit(low) || low < 0xdc00 || low >= 0xe000) return false;
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    append_utf8(code);
    return true;
  }

  // A UTF-16 unit: a backslash, u, and four hexadecimal digits.
  bool take_unit(std::uint32_t& out) {
    if (rest_.size() < 6 || !rest_.starts_with("\\u")) return false;
    const auto parsed = std::from_chars(rest_.data() + 2, rest_.data() + 6, out, 16);
    if (parsed.ec != std::errc() || parsed.ptr != rest_.data() + 6) return false;
    rest_.remove_prefix(6);
    return true;
  }

  void append_utf8(std::uint32_t code) {
    const auto tail = [&](unsigned shift) {
      decoded_ += static_cast<char>(0x80 | ((code >> shift) & 0x3f));
    };
    if (code < 0x80) {
      decoded_ += static_cast<char>(code);
    } else if (code < 0x800) {
      decoded_ += static_cast<char>(0xc0 | (code >> 6));
      tail(0);
    } else if (code < 0x10000) {
      decoded_ += static_cast<char>(0xe0 | (code >> 12));
      tail(6), tail(0);
    } else {
      decoded_ += static_cast<char>(0xf0 | (code >> 18));
      tail(12), tail(6), tail(0);
    }
  }

  std::string_view rest_;
  std::string_view text_;  // the value: of a string its content, else its characters
  std::string decoded_;
  kind kind_ = kind::null;
  bool first_ = true;
};

}  // namespace hewn::detail
