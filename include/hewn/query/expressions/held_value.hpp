// hewn/query/expressions/held_value.hpp - a value of a query as plain data.
// SPDX-License-Identifier: BSL-1.0
//
// So that what runs a query needs no type of any value in it.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/db/values/field.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/pieces/value_binder.hpp>
#include <hewn/schema/types.hpp>

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace hewn::detail {

/// One value. Text and bytes are views: of what the program holds, or of a text that the query
/// keeps.
struct held_value {
  enum class kind : std::uint8_t {
    null,
    integer,
    boolean,
    real,
    text,
    blob,
    instant,
    day,
    uuid,
    list,
    vector,
    count,  // of limit() or offset()
    refused
  };

  // A view without initialisers.
  struct text_view {
    const char* data;
    std::size_t size;
  };

  // No initialisers of its own: queries are copied at every step, and every value is written.
  kind what;
  value_problem problem;
  std::uint16_t kept;  // the number of the kept text, from 1 on; 0: it is a view
  union {
    std::int64_t number;  // the bits of a real number
    text_view text;
    unsigned char uuid[16];
  };

  std::string_view view() const { return {text.data, text.size}; }

  std::string_view text_in(const std::string* texts) const {
    return kept == 0 ? view() : std::string_view(texts[kept - 1]);
  }

  /// Binds it to parameter `i`. With `copy` the statement keeps its own copy of text and bytes.
  template <class Statement>
  HEWN_APART void bind(Statement& s, int i, const std::string* texts, bool copy) const {
    switch (what) {
      case kind::null:
        return s.bind_null(i);
      case kind::integer:
        return s.bind(i, number);
      case kind::count:
        return number < 0 ? s.refuse(i, value_problem::out_of_range) : s.bind(i, number);
      case kind::boolean:
        return s.bind(i, number != 0);
      case kind::real:
        return s.bind(i, std::bit_cast<double>(number));
      case kind::text:
        return s.bind(i, text_in(texts), copy);
      case kind::blob:
        return s.bind(i, std::as_bytes(std::span(text_in(texts))), copy);
      case kind::instant:
        return s.bind(i, timestamp(std::chrono::microseconds(number)));
      case kind::day:
        return s.bind(i, date(std::chrono::days(number)));
      case kind::uuid:
        return s.bind(i, uuid_in());
      case kind::list:
        return bind_list(s, i, text_in(texts), copy);
      case kind::vector:
        return bind_vector(s, i, text_in(texts), copy);
      case kind::refused:
        return s.refuse(i, problem);
    }
  }

 private:
  uuid_bytes uuid_in() const {
    uuid_bytes bytes;
    std::memcpy(bytes.data.data(), uuid, sizeof(uuid));
    return bytes;
  }
};

/// Takes the values of an expression out of it, in the order of its places: a binder.
struct value_taker {
  using kind = held_value::kind;

  held_value* next;
  std::string* texts;
  const query_step** steps;
  std::uint16_t kept = 0;
  bool keep = false;

  template <class F>
  HEWN_INLINE constexpr void value(const F& v) {
    keep = makes_text<unwrapped<F>>;
    bind_field(*this, 1, v, keep);
    ++next;
  }
  constexpr void refuse(value_problem p) {
    keep = false;
    refuse(1, p);
    ++next;
  }
  void list(std::string_view json) {
    keep = true;
    put(kind::list, json);
    ++next;
  }
  constexpr void count(std::int64_t rows) {
    keep = false;
    put_number(kind::count, rows);
    ++next;
  }

  /// The values and steps of a query inside.
  template <class Data>
  constexpr void query(const Data& data) {
    const auto plan = data.plan(nullptr);
    for (const held_value& v : plan.values) {
      *next = v;
      if (v.kept != 0) next->kept = static_cast<std::uint16_t>(v.kept + kept);
      ++next;
    }
    for (std::size_t i = 0; i != Data::text_count; ++i) texts[kept++] = plan.texts[i];
    for (const query_step* step : plan.steps) *steps++ = step;
  }

  // As a statement to bind_field.
  constexpr void bind_null(int) { put_number(kind::null, 0); }
  constexpr void bind(int, std::int64_t v) { put_number(kind::integer, v); }
  constexpr void bind(int, bool v) { put_number(kind::boolean, v); }
  constexpr void bind(int, double v) { put_number(kind::real, std::bit_cast<std::int64_t>(v)); }
  constexpr void bind(int, std::string_view v, bool) { put(kind::text, v); }
  void bind(int, bytes_view v, bool) {
    put(kind::blob, {reinterpret_cast<const char*>(v.data()), v.size()});
  }
  void bind(int, timestamp v) { put_number(kind::instant, v.time_since_epoch().count()); }
  void bind(int, date v) { put_number(kind::day, v.time_since_epoch().count()); }
  void bind(int, const uuid_bytes& v) {
    put_number(kind::uuid, 0);
    std::memcpy(next->uuid, v.data.data(), sizeof(next->uuid));
  }
  void bind_array_text(int, std::string_view v) { put(kind::vector, v); }
  constexpr void refuse(int, value_problem p) {
    put_number(kind::refused, 0);
    next->problem = p;
  }

 private:
  constexpr void put(kind what, std::string_view v) {
    next->what = what;
    next->kept = 0;
    if (!keep) {
      next->text = {v.data(), v.size()};
    } else {
      texts[kept] = v;
      next->kept = ++kept;
    }
  }

  // A place that may have text and has none keeps an empty one.
  constexpr void put_number(kind what, std::int64_t number) {
    next->what = what;
    next->kept = 0;
    next->number = number;
    if (keep) ++kept;
  }
};

}  // namespace hewn::detail
