// hewn/query/expressions/aggregate.hpp - one value of many rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/dialect.hpp>
#include <hewn/query/expressions/arithmetic.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

enum class aggregate_function : std::uint8_t {
  count_rows,
  count,
  count_distinct,
  sum,
  avg,
  min,
  max,
  any_of,
  all_of
};

constexpr std::string_view aggregate_text(aggregate_function f, dialect d) {
  constexpr std::string_view texts[] = {"COUNT(*", "COUNT(", "COUNT(DISTINCT ", "SUM(",     "AVG(",
                                        "MIN(",    "MAX(",   "bool_or(",        "bool_and("};
  // Of SQLite's truth values, which are numbers.
  if (d == dialect::sqlite && f == aggregate_function::any_of) return "MAX(";
  if (d == dialect::sqlite && f == aggregate_function::all_of) return "MIN(";
  return texts[static_cast<std::size_t>(f)];
}

constexpr bool counts(aggregate_function f) { return f <= aggregate_function::count_distinct; }

constexpr bool is_about_truth(aggregate_function f) { return f >= aggregate_function::any_of; }

template <aggregate_function F, class E>
struct aggregated {
  using type = value_of<E>;
};
template <aggregate_function F, class E>
requires(counts(F)) struct aggregated<F, E> {
  using type = std::int64_t;
};
template <aggregate_function F, class E>
requires(is_about_truth(F)) struct aggregated<F, E> {
  using type = bool;
};
template <class E>
struct aggregated<aggregate_function::sum, E> {
  using type = std::conditional_t<std::is_floating_point_v<value_of<E>>, double, std::int64_t>;
};
template <class E>
struct aggregated<aggregate_function::avg, E> {
  using type = double;
};

/// Stands for the rows themselves: in COUNT(*), and where no condition leaves any out.
struct whole_row : expression_base {
  template <class...>
  static constexpr bool nullable = false;
  static constexpr void write_pieces(piece_recorder&) {}
  template <class Binder>
  constexpr void bind(Binder&) const {}
};

/// Whether `C` chooses rows that exist when aggregates are taken.
template <class C>
consteval bool explain_choice() {
  constexpr bool choice = [] {
    if constexpr (static_expression<C>)
      return is_truth<C> && !has_aggregate(pieces_of<C>) && !has_window(pieces_of<C>);
    else
      return false;
  }();
  static_assert(choice,
                "hewn: filter(), count_if(), any_of() and all_of() take a condition on columns, "
                "without an aggregate; write col<&T::field> == value");
  return choice;
}

/// Writes which rows an aggregate leaves out.
template <class Rows>
constexpr void write_filter(piece_recorder& out) {
  if constexpr (!std::is_same_v<Rows, whole_row>) {
    out.text(" FILTER (WHERE ");
    Rows::write_pieces(out);
    out.text(")");
  }
}

/// The condition of filter() in addition to one that is there.
template <class Rows, class C>
constexpr auto filtered_by(const Rows& rows, C condition) {
  if constexpr (std::is_same_v<Rows, whole_row>)
    return condition;
  else
    return binary<op::both, Rows, C>{{}, rows, std::move(condition)};
}

// In functions/window.hpp.
template <class Call, class Window>
struct windowed;
template <class... Part>
struct window_parts;
struct default_frame;
template <class Parts, class Keys, class Frame>
class window;

/// An aggregate of the rows for which `Rows` is true.
template <aggregate_function F, class E, class Rows = whole_row>
struct aggregate : value_expression<aggregate<F, E, Rows>, typename aggregated<F, E>::type> {
  static constexpr bool is_wide = counts(F) || F == aggregate_function::sum || detail::is_wide<E>();

  [[no_unique_address]] E inner;
  [[no_unique_address]] Rows rows{};

  /// Whether it can be NULL where there is at least one row. `Outer`: see is_nullable.
  template <class... Outer>
  static constexpr bool nullable =
      !counts(F) && (!std::is_same_v<Rows, whole_row> || is_nullable<E, Outer...>);

  /// The same over a window, which may have no row.
  template <bool Empty, class... Outer>
  static constexpr bool nullable_over = !counts(F) && (Empty || nullable<Outer...>);

  // PostgreSQL has sums and means of integers as numeric.
  static constexpr std::string_view cast =
      F == aggregate_function::avg ? " AS double precision)"
      : F == aggregate_function::sum && std::is_same_v<typename aggregate::value, std::int64_t>
          ? " AS bigint)"
          : "";

  static constexpr void write_call(piece_recorder& out) {
    if constexpr (is_about_truth(F)) {
      out.only(dialect::sqlite, aggregate_text(F, dialect::sqlite));
      out.only(dialect::postgres, aggregate_text(F, dialect::postgres));
    } else {
      out.text(aggregate_text(F, dialect::postgres));
    }
    E::write_pieces(out);
    out.text(")");
    write_filter<Rows>(out);
  }

  static constexpr void write_pieces(piece_recorder& out) {
    out.put(sql_piece::kind::begin_aggregate);
    if constexpr (!cast.empty()) out.only(dialect::postgres, "CAST(");
    write_call(out);
    if constexpr (!cast.empty()) out.only(dialect::postgres, cast);
    out.put(counts(F) ? sql_piece::kind::end_count : sql_piece::kind::end_aggregate);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
    rows.bind(binder);
  }

  /// Of the rows alone for which the condition is true; a second call narrows further. Then
  /// everything but a count can be NULL.
  template <class C>
  constexpr auto filter(const C& condition) const {
    if constexpr (explain_choice<C>()) {
      auto both = filtered_by(rows, condition);
      return aggregate<F, E, decltype(both)>{{}, inner, std::move(both)};
    } else {
      return *this;
    }
  }

  /// For each row of the result, of the rows in its window: see <hewn/functions.hpp>.
  template <class Parts, class Keys, class Frame>
  constexpr auto over(const window<Parts, Keys, Frame>& w) const {
    constexpr bool repeats = F != aggregate_function::count_distinct;
    static_assert(repeats,
                  "hewn: neither database counts different values over a window; count them in "
                  "groups, by a derived table");
    if constexpr (repeats)
      return windowed<aggregate, window<Parts, Keys, Frame>>(*this, w);
    else
      return *this;
  }

  /// Of all rows of the result.
  template <class Frame = default_frame>
  constexpr auto over() const {
    return over(window<window_parts<>, window_parts<>, Frame>());
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
  return detail::aggregate<detail::aggregate_function::count_rows, detail::whole_row>{};
}

/// How many rows have a value here that is not NULL.
template <detail::has_value E>
constexpr auto count(E e) {
  static_cast<void>(detail::explain_early<E>());
  return detail::aggregate<detail::aggregate_function::count, E>{{}, static_cast<E&&>(e)};
}

/// How many different values there are, NULL being none.
template <detail::has_value E>
constexpr auto count_distinct(E e) {
  static_cast<void>(detail::explain_early<E>());
  return detail::aggregate<detail::aggregate_function::count_distinct, E>{{}, static_cast<E&&>(e)};
}

/// The sum of what is not NULL: of integers an integer, with an error where it has no room in 64
/// bits, of real numbers a double. NULL where there is no value.
template <detail::has_value E>
constexpr auto sum(E e) {
  detail::explain_number<E>();
  static_cast<void>(detail::explain_early<E>());
  return detail::aggregate<detail::aggregate_function::sum, E>{{}, static_cast<E&&>(e)};
}

/// The mean of what is not NULL, a double. NULL where there is no value.
template <detail::has_value E>
constexpr auto avg(E e) {
  detail::explain_number<E>();
  static_cast<void>(detail::explain_early<E>());
  return detail::aggregate<detail::aggregate_function::avg, E>{{}, static_cast<E&&>(e)};
}

/// The smallest number, text or time that is not NULL; NULL where there is none. Texts are compared
/// by the collation of their column, as in order_by().
template <detail::has_value E>
constexpr auto min(E e) {
  detail::explain_sortable<E>();
  static_cast<void>(detail::explain_early<E>());
  return detail::aggregate<detail::aggregate_function::min, E>{{}, static_cast<E&&>(e)};
}

/// The largest, likewise.
template <detail::has_value E>
constexpr auto max(E e) {
  detail::explain_sortable<E>();
  static_cast<void>(detail::explain_early<E>());
  return detail::aggregate<detail::aggregate_function::max, E>{{}, static_cast<E&&>(e)};
}

/// How many rows there are for which the condition is true.
template <detail::expression C>
constexpr auto count_if(const C& condition) {
  return count().filter(condition);
}

/// Whether the condition is true for one row at least; NULL is neither true nor false. NULL where
/// it is for all of them, or there is none.
template <detail::expression C>
constexpr auto any_of(const C& condition) {
  static_cast<void>(detail::explain_choice<C>());
  return detail::aggregate<detail::aggregate_function::any_of, C>{{}, condition};
}

/// Whether the condition is false for none of the rows, likewise.
template <detail::expression C>
constexpr auto all_of(const C& condition) {
  static_cast<void>(detail::explain_choice<C>());
  return detail::aggregate<detail::aggregate_function::all_of, C>{{}, condition};
}

}  // namespace hewn
