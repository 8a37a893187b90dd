// hewn/query/functions/string_agg.hpp - the texts of many rows as one, in an order.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite sorts inside of group_concat from 3.44 on. Before that its rows come in an order that is
// said nowhere, so the texts of a group are collected as JSON beside what they are sorted by, and
// put together in the order of a window, which is certain.
#pragma once

#include <hewn/dialect/text/dialect.hpp>
#include <hewn/query/expressions/aggregate.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/functions/sort_parts.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

inline constexpr std::size_t most_inner_keys = 4;

/// The element of a JSON array of a text, its separator and what it is sorted by.
constexpr std::string_view collected_key(std::size_t i) {
  constexpr std::array<std::string_view, most_inner_keys> texts{
      "json_extract(value, '$[2]')", "json_extract(value, '$[3]')", "json_extract(value, '$[4]')",
      "json_extract(value, '$[5]')"};
  return texts[i];
}

/// What JSON keeps as it is, so that it sorts as before.
constexpr bool sorts_in_json(column_type t) {
  switch (t) {
    case column_type::boolean:
    case column_type::int16:
    case column_type::int32:
    case column_type::int64:
    case column_type::text:
    case column_type::instant:
    case column_type::day:
    case column_type::uuid:
      return true;
    default:
      return false;
  }
}

template <class Order>
consteval bool explain_json_order() {
  constexpr bool sorts = [] {
    using type = typename Order::expression;
    if constexpr (has_value<type>)
      return sorts_in_json(column_type_of<value_of<type>>());
    else
      return true;
  }();
  static_assert(sorts,
                "hewn: string_agg() sorts by integers, texts, times and UUIDs, which SQLite's JSON "
                "keeps as they are; sort by one of these");
  return sorts;
}

template <class E>
consteval bool explain_texts() {
  constexpr bool texts = std::is_same_v<value_of<E>, std::string> && names_column(pieces_of<E>);
  static_assert(texts,
                "hewn: string_agg() joins texts of the rows; name a column of std::string, or an "
                "expression of one");
  return texts;
}

/// Texts with a separator between them. `Keys`: window_parts of inner_order, none without an order.
template <class E, class Separator, class Keys, class Rows = whole_row>
struct string_aggregate
    : value_expression<string_aggregate<E, Separator, Keys, Rows>, std::string> {
  [[no_unique_address]] E inner;
  Separator separator;
  [[no_unique_address]] Keys keys;
  [[no_unique_address]] Rows rows;

  constexpr string_aggregate(E e, Separator s, Keys k, Rows r)
      : inner(std::move(e)), separator(std::move(s)), keys(std::move(k)), rows(std::move(r)) {}

  template <class... Outer>
  static constexpr bool nullable = !std::is_same_v<Rows, whole_row> || is_nullable<E, Outer...>;

  static constexpr void write_pieces(piece_recorder& out) {
    out.put(sql_piece::kind::begin_aggregate);
    out.only(dialect::postgres, "string_agg(");
    write_start(out, static_cast<Keys*>(nullptr));
    E::write_pieces(out);
    out.text(", ");
    Separator::write_pieces(out);
    write_keys(out, static_cast<Keys*>(nullptr));
    out.text(")");
    if constexpr (Keys::size != 0) out.only(dialect::sqlite, ")");
    write_filter<Rows>(out);
    if constexpr (Keys::size != 0)
      out.only(dialect::sqlite, ")) WHERE json_extract(value, '$[0]') IS NOT NULL LIMIT 1)");
    out.put(sql_piece::kind::end_aggregate);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
    separator.bind(binder);
    keys.bind(binder);
    rows.bind(binder);
  }

  /// Joins the texts in this order, which order_by() of a query takes too. Rows that sort alike
  /// come in any order, so name a key last. SQLite compares texts byte by byte.
  template <class... Key>
  constexpr auto order_by(const Key&... key) const {
    static_assert(Keys::size == 0,
                  "hewn: these texts are sorted already; give all columns to one order_by()");
    static_assert(sizeof...(Key) <= most_inner_keys,
                  "hewn: string_agg() sorts by at most four expressions; leave some out");
    if constexpr (Keys::size != 0 || sizeof...(Key) > most_inner_keys) {
      return *this;
    } else if constexpr (!explain_inner_order<Key...>()) {
      return *this;
    } else if constexpr (((explain_json_order<decltype(as_inner_order(key))>() &&
                           explain_early<typename decltype(as_inner_order(key))::expression>()) &&
                          ...)) {
      auto sorted = parts_of_window(as_inner_order(key)...);
      return string_aggregate<E, Separator, decltype(sorted), Rows>(inner, separator,
                                                                    std::move(sorted), rows);
    } else {
      return *this;
    }
  }

  /// Of the rows alone for which the condition is true; a second call narrows further.
  template <class C>
  constexpr auto filter(const C& condition) const {
    if constexpr (explain_choice<C>()) {
      auto both = filtered_by(rows, condition);
      return string_aggregate<E, Separator, Keys, decltype(both)>(inner, separator, keys,
                                                                  std::move(both));
    } else {
      return *this;
    }
  }

 private:
  static constexpr void write_start(piece_recorder& out, window_parts<>*) {
    out.only(dialect::sqlite, "group_concat(");
  }
  template <class... Key>
  static constexpr void write_start(piece_recorder& out, window_parts<Key...>*) {
    // Over a window group_concat of nothing but empty texts is NULL (seen with 3.40.1).
    out.only(dialect::sqlite,
             "(SELECT coalesce(group_concat(json_extract(value, '$[0]'), json_extract(value, "
             "'$[1]')) OVER (ORDER BY ");
    std::size_t i = 0;
    ((out.only(dialect::sqlite, i == 0 ? "" : ", "), out.only(dialect::sqlite, collected_key(i++)),
      Key::write_suffix(out, dialect::sqlite)),
     ...);
    out.only(dialect::sqlite,
             " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), '') FROM "
             "json_each((SELECT json_group_array(json_array(");
  }

  static constexpr void write_keys(piece_recorder&, window_parts<>*) {}
  template <class... Key>
  static constexpr void write_keys(piece_recorder& out, window_parts<Key...>*) {
    out.only(dialect::sqlite, ", ");
    out.only(dialect::postgres, " ORDER BY ");
    bool any = false;
    ((out.text(any ? ", " : ""), any = true, Key::expression::write_pieces(out),
      Key::write_suffix(out, dialect::postgres)),
     ...);
  }
};

}  // namespace detail

/// The texts that are not NULL, one behind the other with `separator` between them: in no order
/// that is said, or in that of `.order_by(...)`. NULL where there is none. Lifetime: a separator
/// that is an lvalue is referred to by the query.
template <detail::has_value E, class Separator>
constexpr auto string_agg(const E& e, Separator&& separator) {
  static_cast<void>(detail::explain_texts<E>() && detail::explain_early<E>());
  auto held = detail::operand<std::string>(std::forward<Separator>(separator));
  return detail::string_aggregate<E, decltype(held), detail::window_parts<>>(e, std::move(held), {},
                                                                             {});
}

}  // namespace hewn
