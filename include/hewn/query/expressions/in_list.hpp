// hewn/query/expressions/in_list.hpp - conditions with lists.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/base/json_text.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/db/values/field.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/hold.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/schema/uuid_text.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

/// `column IN (...)` with its values already in the form in which they are bound.
template <bool Negated, class L>
struct in_list : around<L> {
  std::string json;

  in_list(L l, std::string values) : around<L>(std::move(l)), json(std::move(values)) {}

  static constexpr void write_pieces(piece_recorder& out) {
    if constexpr (Negated) out.text("NOT (");
    L::write_pieces(out);
    out.text(" ");
    out.put(sql_piece::kind::list);
    if constexpr (Negated) out.text(")");
  }

  template <class Binder>
  void bind(Binder& binder) const {
    around<L>::bind(binder);
    binder.list(json);
  }
};

/// Whether a list has the value among its elements: `value = ANY (column)`.
template <class L, class R>
struct element_test : around<L> {
  R right;

  // Of a list with a NULL in it that lacks the value nobody knows either.
  template <class...>
  static constexpr bool nullable = true;

  constexpr element_test(L l, R r) : around<L>(std::move(l)), right(std::move(r)) {}

  static constexpr void write_pieces(piece_recorder& out) {
    write_operand<R>(out);
    out.put(sql_piece::kind::begin_elements);
    L::write_pieces(out);
    out.put(sql_piece::kind::end_elements);
  }

  template <class Binder>
  void bind(Binder& binder) const {
    right.bind(binder);
    around<L>::bind(binder);
  }
};

// Collects one value as JSON text: a statement to bind_field.
struct json_collector {
  std::string& out;

  void bind(int, std::int64_t v) { out += std::to_string(v); }
  void bind(int, bool v) { out += v ? '1' : '0'; }
  void bind(int, std::string_view v, bool) {
    // SQLite's JSON ends a text at NUL, and the rest would be compared with other rows.
    if (v.find('\0') != v.npos)
      throw error(
          errc::invalid_data,
          "hewn: a value of an IN list contains a NUL character; compare it with == instead");
    append_json_text(out, v);
  }
  void bind(int i, timestamp v) { put(i, to_text(v)); }
  void bind(int i, date v) { put(i, to_text(v)); }
  void bind(int, const uuid_bytes& v) {
    const auto text = to_text(v);
    append_json_text(out, {text.data(), text.size()});
  }
  void refuse(int, value_problem p) {
    throw error(errc::invalid_data, "hewn: a value of an IN list " + std::string(describe(p)));
  }
  void put(int i, const time_text& text) {
    if (text.size == 0) return refuse(i, value_problem::no_such_time);
    append_json_text(out, text.view());
  }
};

/// The values as a JSON array, in the form in which the column has them. Throws: invalid_data for a
/// text with a NUL character and for a value that the database cannot hold.
template <class F, class Values>
std::string json_list(const Values& values) {
  using value_type = unwrapped<F>;
  static_assert(
      column_type_of<F>() != column_type::blob && column_type_of<F>() != column_type::real &&
          !is_array(column_type_of<F>()),
      "hewn: in() takes integers, text, enumerations, times and UUIDs; compare others one "
      "by one");
  std::string json = "[";
  json_collector collector{json};
  for (const auto& value : values) {
    if (json.size() > 1) json += ',';
    bind_field(collector, 1, hold<value_type>(value), false);
  }
  json += ']';
  return json;
}

}  // namespace hewn::detail
