// hewn/query/expressions/expression_check.hpp - what expressions may stand where.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/hold_time.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/schema/codec.hpp>

#include <concepts>
#include <cstdint>

namespace hewn::detail {

/// Columns of durations hold counts of their own unit.
template <class F, class G>
consteval bool explain_units() {
  constexpr bool one_unit = !is_duration<F> || !is_duration<G> || std::same_as<F, G>;
  static_assert(one_unit,
                "hewn: the two columns hold durations of unlike units, of which the database has "
                "only the counts; give both fields one type");
  return one_unit;
}

/// Window functions are computed after everything but the order.
template <class E>
consteval bool explain_early() {
  constexpr bool early = !has_window(pieces_of<E>);
  static_assert(early,
                "hewn: a window function is computed after where(), group_by() and having(), and "
                "outside of aggregates; use it in select() or order_by()");
  return early;
}

/// What chooses rows is asked before they are grouped.
template <class E>
consteval bool explain_rows() {
  constexpr bool early = explain_early<E>();
  constexpr bool rows = !early || !has_aggregate(pieces_of<E>);
  static_assert(
      rows,
      "hewn: where() and join() choose rows before they are grouped and take no aggregate; use "
      "having()");
  return early && rows;
}

/// What rows are grouped by.
template <class E>
consteval bool explain_group() {
  constexpr bool early = explain_early<E>();
  constexpr bool rows = !early || !has_aggregate(pieces_of<E>);
  static_assert(rows,
                "hewn: group_by() makes the groups that an aggregate is taken of; name columns and "
                "expressions without one");
  return early && rows;
}

/// Whether none of them is a CASE that goes on.
template <class... E>
consteval bool explain_ended() {
  constexpr bool ended = !(requires { E::is_open_case; } || ...);
  static_assert(ended,
                "hewn: this CASE has no end; write .otherwise(value) behind it, or .end() for "
                "NULL");
  return ended;
}

/// Whether an expression that is no hewn::ref may hold keys of the table of `T`. Of what is
/// computed only the type is known; of columns, see column.hpp.
template <class E, class T>
inline constexpr bool may_hold_key = true;

/// `E` is compared with a hewn::ref of type `Ref`, or assigned to one, and is none itself.
template <class E, class Ref>
consteval bool explain_key_column() {
  constexpr bool holds = may_hold_key<E, typename Ref::record_type>;
  static_assert(holds,
                "hewn: this column holds no keys of the table that the hewn::ref refers to; name "
                "the key of that table, or make the field a hewn::ref too");
  return holds;
}

/// `F` and `G` are the types of two expressions.
template <class F, class G>
consteval bool explain_one_table() {
  if constexpr (is_ref<F> && is_ref<G>) {
    constexpr bool one_table = std::same_as<typename F::record_type, typename G::record_type>;
    static_assert(one_table,
                  "hewn: these are keys of two tables, which are never alike; name columns that "
                  "refer to one table");
    return one_table;
  }
  return true;
}

/// What both databases compare with one another.
enum class value_kind : std::uint8_t { truth, number, text, other };

constexpr value_kind kind_of_value(column_type t) {
  switch (t) {
    case column_type::boolean:
      return value_kind::truth;
    case column_type::int16:
    case column_type::int32:
    case column_type::int64:
    case column_type::real:
      return value_kind::number;
    case column_type::text:
      return value_kind::text;
    default:
      return value_kind::other;
  }
}

/// `F` and `G` are the types of two expressions.
template <class F, class G>
consteval bool explain_comparison() {
  constexpr column_type left = column_type_of<F>(), right = column_type_of<G>();
  constexpr bool alike = left == right || (kind_of_value(left) != value_kind::other &&
                                           kind_of_value(left) == kind_of_value(right));
  static_assert(alike,
                "hewn: the two sides of an operator are of unlike types; compare columns of one "
                "type");
  return alike && explain_one_table<unwrapped<F>, unwrapped<G>>();
}

}  // namespace hewn::detail
