// hewn/query/expressions/aggregate.hpp - one value of many rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/arithmetic.hpp>
#include <hewn/query/expressions/sql_piece.hpp>
#include <hewn/query/expressions/value_expression.hpp>

#include <cstdint>
#include <string_view>
#include <type_traits>

namespace hewn {
namespace detail {

enum class aggregate_function : std::uint8_t {
  count_rows,
  count,
  count_distinct,
  sum,
  avg,
  min,
  max
};

constexpr std::string_view aggregate_text(aggregate_function f) {
  constexpr std::string_view texts[] = {"COUNT(*", "COUNT(", "COUNT(DISTINCT ", "SUM(", "AVG(",
                                        "MIN(",    "MAX("};
  return texts[static_cast<std::size_t>(f)];
}

constexpr bool counts(aggregate_function f) { return f <= aggregate_function::count_distinct; }

template <aggregate_function F, class E>
struct aggregated {
  using type = value_of<E>;
};
template <aggregate_function F, class E>
requires(counts(F)) struct aggregated<F, E> {
  using type = std::int64_t;
};
template <class E>
struct aggregated<aggregate_function::sum, E> {
  using type = std::conditional_t<std::is_floating_point_v<value_of<E>>, double, std::int64_t>;
};
template <class E>
struct aggregated<aggregate_function::avg, E> {
  using type = double;
};

/// Stands for the rows themselves, in COUNT(*).
struct whole_row : expression_base {
  template <class...>
  static constexpr bool nullable = false;
  static constexpr void write_pieces(piece_recorder&) {}
  template <class Binder>
  constexpr void bind(Binder&) const {}
};

template <aggregate_function F, class E>
struct aggregate : value_expression<aggregate<F, E>, typename aggregated<F, E>::type> {
  static constexpr bool is_wide = counts(F) || F == aggregate_function::sum || detail::is_wide<E>();

  [[no_unique_address]] E inner;

  constexpr explicit aggregate(E e) : inner(std::move(e)) {}

  /// In a group, which has a row. Without groups there may be none, see is_empty_null.
  template <class... Outer>
  static constexpr bool nullable = !counts(F) && is_nullable<E, Outer...>;

  static constexpr void write_pieces(piece_recorder& out) {
    using function = aggregate_function;
    constexpr bool integers = std::is_same_v<typename aggregate::value, std::int64_t>;
    out.put(sql_piece::kind::begin_aggregate);
    // Of integers PostgreSQL's sum is a numeric.
    if constexpr (F == function::sum && integers) out.only(dialect::postgres, "CAST(");
    if constexpr (F == function::avg) out.only(dialect::postgres, "CAST(");
    out.text(aggregate_text(F));
    E::write_pieces(out);
    out.text(")");
    if constexpr (F == function::sum && integers) out.only(dialect::postgres, " AS bigint)");
    if constexpr (F == function::avg) out.only(dialect::postgres, " AS double precision)");
    out.put(counts(F) ? sql_piece::kind::end_count : sql_piece::kind::end_aggregate);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
  }
};

template <class E>
consteval void explain_number() {
  static_assert(std::is_arithmetic_v<value_of<E>> && !std::is_same_v<value_of<E>, bool>,
                "hewn: sum() and avg() are for numbers; name a column of numbers");
}

template <class E>
consteval void explain_sortable() {
  constexpr column_type type = column_type_of<value_of<E>>();
  static_assert(kind_of_value(type) == value_kind::number || type == column_type::text ||
                    type == column_type::instant || type == column_type::day,
                "hewn: min() and max() are for numbers, texts and times, which every database "
                "sorts; name a column of these");
}

}  // namespace detail

/// COUNT(*): how many rows there are.
constexpr auto count() {
  return detail::aggregate<detail::aggregate_function::count_rows, detail::whole_row>(
      detail::whole_row{});
}

/// How many rows have a value here that is not NULL.
template <detail::has_value E>
constexpr auto count(E e) {
  return detail::aggregate<detail::aggregate_function::count, E>(std::move(e));
}

/// How many different values there are, NULL being none.
template <detail::has_value E>
constexpr auto count_distinct(E e) {
  return detail::aggregate<detail::aggregate_function::count_distinct, E>(std::move(e));
}

/// The sum of what is not NULL: of integers an integer, with an error where it has no room in 64
/// bits, of real numbers a double. NULL where there is no value.
template <detail::has_value E>
constexpr auto sum(E e) {
  detail::explain_number<E>();
  return detail::aggregate<detail::aggregate_function::sum, E>(std::move(e));
}

/// The mean of what is not NULL, a double. NULL where there is no value.
template <detail::has_value E>
constexpr auto avg(E e) {
  detail::explain_number<E>();
  return detail::aggregate<detail::aggregate_function::avg, E>(std::move(e));
}

/// The smallest number, text or time that is not NULL; NULL where there is none. Texts are compared
/// by the collation of their column.
template <detail::has_value E>
constexpr auto min(E e) {
  detail::explain_sortable<E>();
  return detail::aggregate<detail::aggregate_function::min, E>(std::move(e));
}

/// The largest, likewise.
template <detail::has_value E>
constexpr auto max(E e) {
  detail::explain_sortable<E>();
  return detail::aggregate<detail::aggregate_function::max, E>(std::move(e));
}

}  // namespace hewn
