// tests/differential/evaluator.hpp - the value of a typed expression, without SQL.
// SPDX-License-Identifier: BSL-1.0
//
// What an expression means is found by its type alone: one specialisation for each form. It hands
// on to the plain functions of cell.hpp.
#pragma once

#include "cell.hpp"
#include "rows.hpp"

#include <hewn/query/expressions/aggregate.hpp>
#include <hewn/query/expressions/alias.hpp>
#include <hewn/query/expressions/column.hpp>
#include <hewn/query/expressions/row_value.hpp>
#include <hewn/schema/codec.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace differential {

using other_thing = hewn::alias<thing, "other">;
using again_total = hewn::alias<total, "again">;

/// The tables of a query.
enum class table : std::uint8_t { one, two, other, paper, total, again, extract, walk };
inline constexpr std::size_t table_count = 8;

/// Which of them the columns of `Source` are of.
template <class Source>
inline constexpr table table_of_source = table::one;
template <>
inline constexpr table table_of_source<part> = table::two;
template <>
inline constexpr table table_of_source<other_thing> = table::other;
template <>
inline constexpr table table_of_source<total> = table::total;
template <>
inline constexpr table table_of_source<again_total> = table::again;
template <>
inline constexpr table table_of_source<extract> = table::extract;
template <>
inline constexpr table table_of_source<walk> = table::walk;

/// A row of a query before it is selected from; nullptr where an outer join has none.
struct joined_row {
  std::array<const void*, table_count> all{};

  const void*& of(table t) { return all[static_cast<std::size_t>(t)]; }
  const void* of(table t) const { return all[static_cast<std::size_t>(t)]; }
};

/// Where an expression is computed.
struct scope {
  joined_row row{};
  std::span<const joined_row> group{};  // the rows that an aggregate is of
  std::span<const joined_row> all{};    // the rows that a window is of
  std::size_t index = 0;                // of this row among them
  const population* rows = nullptr;     // of the whole database
};

/// NULLs among `values` count for nothing.
cell aggregated(hewn::detail::aggregate_function f, const std::vector<cell>& values);

template <class E>
struct evaluator;

template <class E>
cell value_in(const E& e, const scope& s) {
  return evaluator<E>::value(e, s);
}

template <class V>
cell cell_of(const V& v) {
  using namespace std::chrono;
  if constexpr (hewn::detail::is_optional<V>)
    return v ? cell_of(*v) : cell();
  else if constexpr (std::same_as<V, bool>)
    return truth(v);
  else if constexpr (std::floating_point<V>)
    return real(v);
  else if constexpr (std::integral<V>)
    return integer(static_cast<std::int64_t>(v));
  else if constexpr (std::convertible_to<const V&, std::string_view>)
    return text(v);
  else if constexpr (std::same_as<V, hewn::timestamp>)
    return instant(v.time_since_epoch().count());
  else if constexpr (std::same_as<V, hewn::date>)
    return day(v.time_since_epoch().count());
  else
    return text(hewn::codec<V>::encode(v));
}

template <class Source>
auto row_of(const joined_row& row) {
  using record = hewn::detail::record_of_source<Source>;
  return static_cast<const record*>(row.of(table_of_source<Source>));
}

template <auto Member, class Source>
struct evaluator<hewn::column<Member, Source>> {
  static cell value(const hewn::column<Member, Source>&, const scope& s) {
    const auto* row = row_of<Source>(s.row);
    return row == nullptr ? cell() : cell_of(row->*Member);
  }
};

template <class Held>
struct evaluator<hewn::detail::bound<Held>> {
  static cell value(const hewn::detail::bound<Held>& e, const scope&) { return cell_of(e.held); }
};

template <>
struct evaluator<hewn::detail::real_number> : evaluator<hewn::detail::bound<double>> {};

template <class Held>
struct evaluator<hewn::detail::wide_value<Held>> : evaluator<hewn::detail::bound<Held>> {};

template <class Number>
struct evaluator<hewn::detail::divisor<Number>> : evaluator<Number> {};

template <class E>
struct evaluator<hewn::detail::negated_number<E>> {
  static cell value(const hewn::detail::negated_number<E>& e, const scope& s) {
    return opposite(value_in(e.inner, s));
  }
};

template <hewn::detail::op Op, class L, class R>
struct evaluator<hewn::detail::arithmetic<Op, L, R>> {
  static cell value(const hewn::detail::arithmetic<Op, L, R>& e, const scope& s) {
    return computed(Op, value_in(e.left, s), value_in(e.right, s));
  }
};

template <hewn::detail::op Op, class L, class R>
struct evaluator<hewn::detail::binary<Op, L, R>> {
  static cell value(const hewn::detail::binary<Op, L, R>& e, const scope& s) {
    using hewn::detail::op;
    const cell left = value_in(e.left, s), right = value_in(e.right, s);
    if constexpr (Op == op::both)
      return differential::both(left, right);
    else if constexpr (Op == op::either)
      return differential::either(left, right);
    else if constexpr (Op == op::like || Op == op::not_like)
      return like(left, right, Op == op::not_like);
    else
      return compared(Op, left, right);
  }
};

/// Values that are compared as one.
template <class... E>
std::vector<cell> values_of(const hewn::detail::row_value<E...>& row, const scope& s) {
  return std::apply([&](const auto&... part) { return std::vector<cell>{value_in(part, s)...}; },
                    row.parts);
}

template <hewn::detail::op Op, class... L, class... R>
struct evaluator<
    hewn::detail::binary<Op, hewn::detail::row_value<L...>, hewn::detail::row_value<R...>>> {
  using type =
      hewn::detail::binary<Op, hewn::detail::row_value<L...>, hewn::detail::row_value<R...>>;

  static cell value(const type& e, const scope& s) {
    return compared_rows(Op, values_of(e.left, s), values_of(e.right, s));
  }
};

template <class E>
struct evaluator<hewn::detail::negation<E>> {
  static cell value(const hewn::detail::negation<E>& e, const scope& s) {
    return negated(value_in(e.inner, s));
  }
};

template <bool Negated, class E>
struct evaluator<hewn::detail::null_test<Negated, E>> {
  static cell value(const hewn::detail::null_test<Negated, E>& e, const scope& s) {
    return is_null(value_in(e.inner, s), Negated);
  }
};

template <bool Negated, class L, class R>
struct evaluator<hewn::detail::null_safe<Negated, L, R>> {
  static cell value(const hewn::detail::null_safe<Negated, L, R>& e, const scope& s) {
    return same(value_in(e.inner, s), value_in(e.right, s), Negated);
  }
};

template <class V>
constexpr kind kind_of() {
  switch (hewn::column_type_of<V>()) {
    case hewn::column_type::boolean:
      return kind::truth;
    case hewn::column_type::real:
      return kind::real;
    case hewn::column_type::text:
      return kind::text;
    case hewn::column_type::instant:
      return kind::instant;
    case hewn::column_type::day:
      return kind::day;
    case hewn::column_type::json_text:
      return kind::json;
    default:
      return kind::integer;
  }
}

template <bool Negated, class L>
struct evaluator<hewn::detail::in_list<Negated, L>> {
  static cell value(const hewn::detail::in_list<Negated, L>& e, const scope& s) {
    const auto list = elements(e.json, kind_of<hewn::detail::value_of<L>>());
    return among(value_in(e.inner, s), list, Negated);
  }
};

template <hewn::detail::aggregate_function F, class E, class Rows>
struct evaluator<hewn::detail::aggregate<F, E, Rows>> {
  static cell value(const hewn::detail::aggregate<F, E, Rows>& e, const scope& s) {
    std::vector<cell> values;
    for (const joined_row& row : s.group) {
      const scope at{.row = row, .rows = s.rows};
      if constexpr (!std::same_as<Rows, hewn::detail::whole_row>) {
        const cell wanted = value_in(e.rows, at);
        if (wanted.is_failed()) return failed(false);
        if (!wanted.is_true()) continue;
      }
      if constexpr (std::same_as<E, hewn::detail::whole_row>)
        values.push_back(truth(true));
      else
        values.push_back(value_in(e.inner, at));
    }
    return aggregated(F, values);
  }
};

/// An expression whose type is forgotten.
struct evaluated {
  const void* expression = nullptr;
  cell (*compute)(const void*, const scope&) = nullptr;

  cell in(const scope& s) const { return compute(expression, s); }
};

/// Lifetime: of the expression.
template <class E>
evaluated forget(const E& e) {
  return {&e, [](const void* p, const scope& s) { return value_in(*static_cast<const E*>(p), s); }};
}

}  // namespace differential
