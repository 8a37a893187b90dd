// tests/differential/cell.cpp - how the reference computes.
// SPDX-License-Identifier: BSL-1.0
#include "cell.hpp"

#include <hewn/schema/time_text.hpp>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace differential {

using hewn::detail::op;

cell truth(bool v) { return {.what = kind::truth, .number = v}; }
cell integer(std::int64_t v) { return {.what = kind::integer, .number = v}; }
cell real(double v) { return {.what = kind::real, .real = v}; }
cell text(std::string_view v) { return {.what = kind::text, .text = std::string(v)}; }
cell json(const json_tree& v) { return {.what = kind::json, .text = canonical(v), .tree = &v}; }
cell json(std::string_view v) { return {.what = kind::json, .text = canonical(parse_tree(v))}; }
cell instant(std::int64_t microseconds) { return {.what = kind::instant, .number = microseconds}; }
cell day(std::int64_t days) { return {.what = kind::day, .number = days}; }
cell failed(bool certain) { return {.what = kind::failed, .certain = certain}; }

namespace {

template <class T>
int sign_of_difference(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

// Exactly: not every integer is a double.
int order_of_mixed(std::int64_t whole, double other) {
  constexpr double limit = 9223372036854775808.0;
  if (other >= limit) return -1;
  if (other < -limit) return 1;
  const auto cut = static_cast<std::int64_t>(other);
  if (whole != cut) return whole < cut ? -1 : 1;
  return sign_of_difference(0.0, other - static_cast<double>(cut));
}

/// Beside a real number PostgreSQL makes one of an integer, which may be its neighbour.
bool is_rounded(const cell& whole, const cell& other) {
  if (whole.what != kind::integer || other.what != kind::real) return false;
  constexpr std::int64_t limit = std::int64_t{1} << 53;
  return whole.number > limit || whole.number < -limit;
}

double as_real(const cell& c) {
  return c.what == kind::real ? c.real : static_cast<double>(c.number);
}

/// What becomes of an operator whose operand failed. NULL beside it may hide the error, as may 0
/// below it, and SQLite goes on with a real number where an integer has no room.
cell failure_of(op o, const cell& left, const cell& right) {
  const bool hidden = left.is_null() || right.is_null() || left.what == kind::real ||
                      right.what == kind::real ||
                      (o == op::divide && right.what == kind::integer && right.number == 0);
  const bool certain = (!left.is_failed() || left.certain) && (!right.is_failed() || right.certain);
  return failed(certain && !hidden);
}

bool in_range(double v) { return std::isfinite(v); }

cell computed_reals(op o, double a, double b) {
  double result = 0;
  if (o == op::add) result = a + b;
  if (o == op::subtract) result = a - b;
  if (o == op::multiply) result = a * b;
  if (o == op::divide) {
    if (b == 0) return {};
    result = a / b;
  }
  // PostgreSQL refuses what SQLite takes for infinite or zero.
  const bool vanished = result == 0 && a != 0 && ((o == op::multiply && b != 0) || o == op::divide);
  if (!in_range(result) || vanished) return failed(false);
  return real(result);
}

cell computed_integers(op o, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  bool overflow = false;
  if (o == op::add) overflow = __builtin_add_overflow(a, b, &result);
  if (o == op::subtract) overflow = __builtin_sub_overflow(a, b, &result);
  if (o == op::multiply) overflow = __builtin_mul_overflow(a, b, &result);
  if (o == op::divide) {
    if (b == 0) return {};
    overflow = a == std::numeric_limits<std::int64_t>::min() && b == -1;
    if (!overflow) result = a / b;
  }
  return overflow ? failed(true) : integer(result);
}

// From one code point to the next.
std::size_t width_at(std::string_view s, std::size_t at) {
  std::size_t width = 1;
  while (at + width < s.size() && (static_cast<unsigned char>(s[at + width]) & 0xc0) == 0x80)
    ++width;
  return width;
}

bool matches(std::string_view value, std::string_view pattern) {
  if (pattern.empty()) return value.empty();
  if (pattern.front() == '%') {
    for (std::size_t at = 0; at <= value.size(); at += at < value.size() ? width_at(value, at) : 1)
      if (matches(value.substr(at), pattern.substr(1))) return true;
    return false;
  }
  if (value.empty()) return false;
  const std::size_t here = width_at(value, 0), wanted = width_at(pattern, 0);
  if (pattern.front() != '_' && value.substr(0, here) != pattern.substr(0, wanted)) return false;
  return matches(value.substr(here), pattern.substr(wanted));
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

// The text from behind a quotation mark to its end. Only control characters come as \u.
std::string json_string(std::string_view json, std::size_t& at) {
  std::string out;
  for (; json[at] != '"'; ++at) {
    if (json[at] != '\\') {
      out += json[at];
      continue;
    }
    const char c = json[++at];
    if (c == 'u') {
      append_utf8(out, static_cast<unsigned>(
                           std::strtoul(std::string(json.substr(at + 1, 4)).c_str(), nullptr, 16)));
      at += 4;
    } else {
      constexpr std::string_view letters = "nrtbf", meanings = "\n\r\t\b\f";
      const std::size_t i = letters.find(c);
      out += i == letters.npos ? c : meanings[i];
    }
  }
  ++at;
  return out;
}

}  // namespace

int order_of(const cell& left, const cell& right) {
  if (left.what == kind::integer && right.what == kind::real)
    return order_of_mixed(left.number, right.real);
  if (left.what == kind::real && right.what == kind::integer)
    return -order_of_mixed(right.number, left.real);
  if (left.what == kind::real) return sign_of_difference(left.real, right.real);
  if (left.what == kind::text || left.what == kind::json)
    return sign_of_difference(left.text.compare(right.text), 0);
  return sign_of_difference(left.number, right.number);
}

bool comes_before(const cell& left, const cell& right) {
  if (left.is_null() || right.is_null()) return left.is_null() && !right.is_null();
  return order_of(left, right) < 0;
}

bool agree(const cell& left, const cell& right) {
  if (left.what != right.what) return false;
  return left.is_null() || order_of(left, right) == 0;
}

cell compared(op o, const cell& left, const cell& right) {
  if (left.is_failed() || right.is_failed()) return failed(false);
  if (left.is_null() || right.is_null()) return {};
  if (is_rounded(left, right) || is_rounded(right, left)) return failed(false);
  const int order = order_of(left, right);
  switch (o) {
    case op::eq:
      return truth(order == 0);
    case op::ne:
      return truth(order != 0);
    case op::lt:
      return truth(order < 0);
    case op::le:
      return truth(order <= 0);
    case op::gt:
      return truth(order > 0);
    case op::ge:
      return truth(order >= 0);
    default:
      return failed(false);
  }
}

cell compared_rows(op o, const std::vector<cell>& left, const std::vector<cell>& right) {
  cell equal = truth(true);
  for (std::size_t i = 0; i != left.size(); ++i) {
    const cell same = compared(op::eq, left[i], right[i]);
    if (same.is_failed()) return same;
    if (o == op::eq || o == op::ne)
      equal = both(equal, same);
    else if (!same.is_true())
      return compared(o, left[i], right[i]);
  }
  if (o == op::eq) return equal;
  return o == op::ne ? negated(equal) : truth(o == op::le || o == op::ge);
}

cell computed(op o, const cell& left, const cell& right) {
  if (left.is_failed() || right.is_failed()) return failure_of(o, left, right);
  if (left.is_null() || right.is_null()) return {};
  if (left.what == kind::integer && right.what == kind::integer)
    return computed_integers(o, left.number, right.number);
  return computed_reals(o, as_real(left), as_real(right));
}

cell opposite(const cell& number) {
  if (number.what == kind::real) return real(-number.real);
  return computed(op::subtract, integer(0), number);
}

cell both(const cell& left, const cell& right) {
  if (left.is_failed() || right.is_failed()) return failed(false);
  const bool no = (!left.is_null() && !left.is_true()) || (!right.is_null() && !right.is_true());
  if (no) return truth(false);
  return left.is_null() || right.is_null() ? cell() : truth(true);
}

cell either(const cell& left, const cell& right) {
  if (left.is_failed() || right.is_failed()) return failed(false);
  if (left.is_true() || right.is_true()) return truth(true);
  return left.is_null() || right.is_null() ? cell() : truth(false);
}

cell negated(const cell& value) {
  if (value.is_failed() || value.is_null()) return value;
  return truth(!value.is_true());
}

cell is_null(const cell& value, bool opposite) {
  return value.is_failed() ? failed(false) : truth(value.is_null() != opposite);
}

cell same(const cell& left, const cell& right, bool opposite) {
  if (left.is_failed() || right.is_failed()) return failed(false);
  if (left.is_null() || right.is_null())
    return truth((left.is_null() && right.is_null()) != opposite);
  return truth((order_of(left, right) == 0) != opposite);
}

cell among(const cell& value, const std::vector<cell>& list, bool opposite) {
  if (value.is_failed()) return failed(false);
  if (list.empty()) return truth(opposite);
  if (value.is_null()) return {};
  for (const cell& element : list)
    if (order_of(value, element) == 0) return truth(!opposite);
  return truth(opposite);
}

cell like(const cell& value, const cell& pattern, bool opposite) {
  if (value.is_failed() || pattern.is_failed()) return failed(false);
  if (value.is_null() || pattern.is_null()) return {};
  return truth(matches(value.text, pattern.text) != opposite);
}

cell as_kind(kind wanted, const cell& value) {
  if (wanted != kind::real || value.is_null() || value.what == kind::real) return value;
  // SQLite goes on with a real number where an integer has no room.
  return value.is_failed() ? failed(false) : real(static_cast<double>(value.number));
}

std::vector<cell> elements(std::string_view json, kind like) {
  std::vector<cell> out;
  for (std::size_t at = 1; at + 1 < json.size(); ++at) {
    if (json[at] == '"') {
      const std::string s = json_string(json, ++at);
      if (like == kind::text) {
        out.push_back(text(s));
      } else if (like == kind::instant) {
        const auto t = hewn::parse_timestamp(s);
        out.push_back(t ? instant(t->time_since_epoch().count()) : failed(true));
      } else {
        const auto d = hewn::parse_date(s);
        out.push_back(d ? day(d->time_since_epoch().count()) : failed(true));
      }
    } else {
      std::int64_t number = 0;
      const auto end = std::from_chars(&json[at], json.data() + json.size(), number).ptr;
      at = static_cast<std::size_t>(end - json.data());
      out.push_back(like == kind::truth ? truth(number != 0) : integer(number));
    }
  }
  return out;
}

std::string describe(const cell& c) {
  switch (c.what) {
    case kind::null:
      return "NULL";
    case kind::truth:
      return c.number != 0 ? "true" : "false";
    case kind::integer:
      return std::to_string(c.number);
    case kind::real: {
      char digits[40];
      return {digits, std::to_chars(digits, digits + sizeof digits, c.real).ptr};
    }
    case kind::text:
      return "'" + c.text + "'";
    case kind::json:
      return c.text;
    case kind::instant:
      return std::to_string(c.number) + "us";
    case kind::day:
      return std::to_string(c.number) + "d";
    case kind::failed:
      return c.certain ? "an error" : "perhaps an error";
  }
  return {};
}

}  // namespace differential
