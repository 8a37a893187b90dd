// hewn/query/select/orderings.hpp - the order of the rows of one table.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/column.hpp>
#include <hewn/query/pieces/sort_term.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>

#include <span>
#include <vector>

namespace hewn::detail {

template <auto Member, bool Descending, null_place Nulls>
constexpr auto as_ordering(ordering<Member, Descending, Nulls> o) {
  return o;
}
template <auto Member>
constexpr auto as_ordering(column<Member>) {
  return ordering<Member, false>{};
}
template <auto Member, bool Descending, null_place Nulls>
constexpr auto as_ordering(sort_key<column<Member>, Descending, Nulls>) {
  return ordering<Member, Descending, Nulls>{};
}

template <class Ordering>
concept sortable = requires(Ordering o) {
  as_ordering(o);
};

/// Any expression, for queries that are more than the rows of a table.
template <class Ordering>
concept sorts = has_value<Ordering> || requires {
  Ordering::is_descending;
};

template <class... Orderings>
consteval bool explain_orderings() {
  constexpr bool ended = explain_ended<Orderings...>();
  constexpr bool columns = !ended || (sortable<Orderings> && ...);
  static_assert(columns,
                "hewn: order_by() takes columns; write col<&T::field>, hewn::asc<&T::field> or "
                "hewn::desc<&T::field>");
  return ended && columns;
}

template <class... Orderings>
struct order_list {};

template <class Ordering>
void write_ordering(sql_writer& out, bool first) {
  out.text(first ? " ORDER BY " : ", ");
  out.column(column_index<Ordering::member>, table_of<typename Ordering::record>);
  out.text(order_suffix(out.dialect, Ordering::is_descending, Ordering::nulls,
                        is_optional<typename decltype(Ordering::expression)::field>));
}

/// What order_by() was given at run time, for an order_list.
struct chosen_order {
  std::vector<sort_term> terms;
};

/// ` ORDER BY ` the terms, and the key as far as it is not among them.
HEWN_RARE HEWN_API void write_chosen_order(sql_writer& out, std::span<const sort_term> terms,
                                           const table_info& table);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/query/pieces/sql_piece.hpp>

#  include <cstdint>
#  include <string_view>

namespace hewn::detail {

HEWN_API void write_chosen_order(sql_writer& out, std::span<const sort_term> terms,
                                 const table_info& table) {
  std::string_view between = " ORDER BY ";
  for (const sort_term& term : terms) {
    out.text(between);
    out.write(term.pieces);
    out.text(order_suffix(out.dialect, term.descending, term.nulls, term.null));
    between = ", ";
  }
  for (const std::uint8_t field : table.key) {
    bool named = false;
    for (const sort_term& term : terms)
      named |= term.pieces.size() == 1 && term.pieces[0].what == sql_piece::kind::column &&
               term.pieces[0].field == field;
    if (named) continue;
    out.text(between);
    out.column(field, table);
    if (!terms.empty() && terms.back().descending) out.text(" DESC");
    between = ", ";
  }
}

}  // namespace hewn::detail

#endif
