// tests/differential/rows.cpp - the rows of generated queries.
// SPDX-License-Identifier: BSL-1.0
#include "rows.hpp"

#include "papers.hpp"
#include "random.hpp"

#include <chrono>
#include <cstddef>
#include <limits>

namespace differential {
namespace {

template <class T, std::size_t N>
T any_of(random& r, const T (&choices)[N]) {
  return choices[r.below(N)];
}

/// `level` 0: values that meet one another; above: any.
class row_maker {
 public:
  row_maker(std::uint64_t seed, int level) : random_(seed), level_(level) {}

  population rows() {
    population out;
    const std::int64_t count = level_ == 0 ? 12 : 5;
    for (std::int64_t id = 1; id <= count; ++id) out.things.push_back(one_thing(id));
    for (std::int64_t id = 1; id <= count; ++id) out.parts.push_back(one_part(id, count));
    return out;
  }

 private:
  thing one_thing(std::int64_t id) {
    thing t{.id = id};
    t.big = number();
    if (!is_null()) t.maybe_big = number();
    t.small = static_cast<std::int32_t>(narrow<std::int32_t>());
    if (!is_null()) t.maybe_small = static_cast<std::int16_t>(narrow<std::int16_t>());
    t.real = real_number();
    if (!is_null()) t.maybe_real = real_number();
    t.text = words();
    if (!is_null()) t.maybe_text = words();
    t.flag = random_.below(2) == 0;
    if (!is_null()) t.maybe_flag = random_.below(2) == 0;
    t.instant = moment();
    if (!is_null()) t.maybe_day = std::chrono::floor<std::chrono::days>(moment());
    t.shade = any_of(random_, {colour::red, colour::green, colour::blue});
    return t;
  }

  part one_part(std::int64_t id, std::int64_t things) {
    part p{.id = id};
    if (!is_null())
      p.thing_id = 1 + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(things)));
    p.amount = number();
    if (!is_null()) p.weight = real_number();
    if (!is_null()) p.label = words();
    return p;
  }

  bool is_null() { return random_.below(4) == 0; }
  bool is_extreme() { return level_ != 0 && random_.below(3) == 0; }

  std::int64_t number() { return narrow<std::int64_t>(); }

  template <class T>
  std::int64_t narrow() {
    using limits = std::numeric_limits<T>;
    if (is_extreme())
      return any_of<T>(random_, {limits::min(), limits::max(), limits::min() + 1, limits::max() / 2,
                                 limits::max() - 1});
    return static_cast<std::int64_t>(random_.below(level_ == 0 ? 7 : 41)) - (level_ == 0 ? 3 : 20);
  }

  double real_number() {
    if (is_extreme())
      return any_of(random_,
                    {1.7976931348623157e308, -1.7976931348623157e308, 5e-324, -5e-324,
                     2.2250738585072014e-308, -0.0, 0.1, -0.3, 1e15, 1e16, 1e-7, 9007199254740993.0,
                     9223372036854775807.0, 123456789.125, 0.30000000000000004, 1e100, 4.35, -2.5});
    return static_cast<double>(static_cast<std::int64_t>(random_.below(13)) - 6) * 0.25;
  }

  std::string words() {
    if (is_extreme())
      return any_of<const char*>(
          random_,
          {"",           " ",
           "  both  ",   "\t",
           "a\nb",       "'",
           "\"",         "\\",
           "%",          "_",
           "a%b_c",      "O''Brien",
           "\u00e9",     "e\u0301",
           "\u00c9",     "\u00df",
           "\u0130",     "\u4e2d\u6587",
           "\U0001f600", "\U0001f600x",
           "\u00ff",     "\uffee",
           "\x7f",       "NULL",
           "0",          "-1.50",
           "1e5",        "a very long text that no small string has room for, and then some"});
    return any_of<const char*>(random_, {"", "a", "b", "ab", "A", "\u00e9", "1", " a"});
  }

  hewn::timestamp moment() {
    using namespace std::chrono;
    if (is_extreme())
      return any_of<hewn::timestamp>(
          random_,
          {sys_days(year(1) / 1 / 1), sys_days(year(9999) / 12 / 31) + hours(24) - microseconds(1),
           sys_days(year(1970) / 1 / 1) - microseconds(1), sys_days(year(2000) / 2 / 29),
           sys_days(year(1900) / 3 / 1) + microseconds(123456),
           sys_days(year(2024) / 12 / 30) + hours(23) + minutes(59) + seconds(59)});
    return sys_days(year(2024) / 2 / 28) + hours(random_.below(60)) +
           minutes(30 * random_.below(2));
  }

  random random_;
  int level_;
};

}  // namespace

const std::vector<population>& populations() {
  static const std::vector<population> all = [] {
    std::vector<population> made;
    for (std::uint64_t i = 0; i != 2; ++i)
      made.emplace_back(row_maker(i, 0).rows()).papers = make_papers(i, 0);
    for (std::uint64_t i = 2; i != 7; ++i)
      made.emplace_back(row_maker(i, 1).rows()).papers = make_papers(i, 1);
    made.emplace_back();  // no rows at all
    return made;
  }();
  return all;
}

}  // namespace differential
