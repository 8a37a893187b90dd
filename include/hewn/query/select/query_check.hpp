// hewn/query/select/query_check.hpp - what a query over several tables may say where.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/pieces/sort_term.hpp>
#include <hewn/query/plan/group_check.hpp>
#include <hewn/query/select/result_fit.hpp>
#include <hewn/query/select/selected_query.hpp>
#include <hewn/query/select/sources.hpp>
#include <hewn/query/select/table_query.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

namespace hewn::detail {

/// Expressions of a query: those that it groups by, sorts by, or selects.
template <class... E>
struct piece_list {
  static constexpr std::array<std::span<const sql_piece>, sizeof...(E)> all{
      std::span<const sql_piece>(pieces_of<E>)...};
};

/// What an item of order_by() sorts by.
template <class E>
struct sorted_key {
  using type = E;
};
template <class E>
requires requires { E::is_descending; }
struct sorted_key<E> {
  using type = std::remove_cvref_t<decltype(E::expression)>;
};
template <class E>
using sorted_by = typename sorted_key<E>::type;

/// The tables of a query that are of the query around it, and those that it reads.
template <bool Outer, class Found, class... S>
struct sources_where;
template <bool Outer, class... Found>
struct sources_where<Outer, source_list<Found...>> {
  using type = source_list<Found...>;
};
template <bool Outer, class... Found, class First, class... S>
struct sources_where<Outer, source_list<Found...>, First, S...>
    : sources_where<
          Outer,
          std::conditional_t<is_outer<First> == Outer,
                             source_list<Found..., typename First::source>, source_list<Found...>>,
          S...> {};

template <query_id Id, row_number Rows, class Read, class... Outer>
query_form<Id, Rows, Read, Outer...> make_form(Read, source_list<Outer...>);

template <query_id Id, row_number Rows, class... S>
consteval auto find_form() {
  if constexpr ((is_outer<S> || ...))
    return decltype(make_form<Id, Rows>(
        typename sources_where<false, source_list<>, S...>::type{},
        typename sources_where<true, source_list<>, S...>::type{})){};
  else
    return query_form<Id, Rows, source_list<typename S::source...>>{};
}

/// What the type of a query with these tables tells.
template <query_id Id, row_number Rows, class... S>
using form_of = decltype(find_form<Id, Rows, S...>());

template <class... E>
consteval bool explain_grouping() {
  static_assert(sizeof...(E) != 0,
                "hewn: group_by() names nothing; leave it out for one value of all rows");
  constexpr bool values = (has_value<E> && ...);
  static_assert(values, "hewn: group_by() takes columns and expressions; write col<&T::field>");
  if constexpr (sizeof...(E) != 0 && values) {
    constexpr bool plain = (!has_query(pieces_of<E>) && ...);
    static_assert(plain,
                  "hewn: group_by() takes no query inside an expression, which PostgreSQL would "
                  "not know again; select() it in a query of its own and group that");
    return plain && (explain_group<E>() && ...);
  } else {
    return false;
  }
}

template <class E, bool Grouped>
consteval bool explain_having() {
  static_assert(Grouped,
                "hewn: having() chooses among groups, and there are none; write group_by() before "
                "it, or choose rows by where()");
  static_assert(!Grouped || !is_dynamic<E>(),
                "hewn: having() takes an expression, such as hewn::count() > 2; a hewn::condition "
                "is for where()");
  return Grouped && !is_dynamic<E>();
}

template <class On>
consteval bool explain_on() {
  static_assert(!is_dynamic<On>(),
                "hewn: a join takes an expression, such as col<&T::a> == col<&U::b>; a "
                "hewn::condition is for where()");
  if constexpr (!is_dynamic<On>())
    return explain_truth<On>();
  else
    return false;
}

template <class... E>
consteval bool explain_sorting() {
  static_assert(sizeof...(E) != 0, "hewn: order_by() names nothing; leave it out");
  constexpr bool ended = explain_ended<E...>();
  constexpr bool columns = !ended || (sorts<E> && ...);
  static_assert(columns,
                "hewn: order_by() takes columns and expressions; write col<&T::field>, "
                "hewn::desc<&T::field> or hewn::count().desc()");
  return sizeof...(E) != 0 && ended && columns;
}

template <class... E>
consteval bool explain_selectable() {
  static_assert(sizeof...(E) != 0,
                "hewn: select() names nothing; give it columns, or leave it out for whole rows");
  constexpr bool ended = explain_ended<E...>();
  constexpr bool columns = !ended || (selectable<E> && ...);
  static_assert(columns,
                "hewn: select() takes columns, expressions and hewn::row_of<T>; write "
                "col<&T::field>");
  return sizeof...(E) != 0 && ended && columns;
}

template <class Row, class... S>
consteval bool reads_table_of(source_list<S...>) {
  return ((table_of<Row>.name == table_of<record_of_source<S>>.name) || ...);
}

/// A query that another may name as a table; `Recursive`: it names itself.
template <class Query, bool Recursive = false>
consteval bool explain_common_table() {
  if constexpr (!explain_nested<Query>()) {
    return false;
  } else {
    using row = typename Query::row_type;
    constexpr bool is_table = record<row> && !is_tuple_result<row>;
    static_assert(is_table,
                  "hewn: a query that stands for a table is named by the struct of its rows; let "
                  "it select() a struct of single values");
    if constexpr (is_table) {
      constexpr bool table = explain_table<row>();
      constexpr bool other =
          !table || Recursive || !reads_table_of<row>(typename Query::form::read{});
      static_assert(other,
                    "hewn: a query that stands for a table reads a table of its own name; let it "
                    "select() a struct of its own");
      return table && other;
    } else {
      return false;
    }
  }
}

/// `1`, for a query that is only asked whether it has rows.
struct constant_one : value_expression<constant_one, std::int64_t> {
  template <class...>
  static constexpr bool nullable = false;

  static constexpr void write_pieces(piece_recorder& out) { out.text("1"); }

  template <class Binder>
  constexpr void bind(Binder&) const {}
};

/// An order that was chosen at run time. Throws: usage where it does not go with what is selected.
HEWN_RARE HEWN_API void check_chosen_order(std::span<const sort_term> order, piece_lists items,
                                           const checked_query& query);

// The checks of a query are functions of its lists. As members of a class for each query each would
// cost a compiler its declaration, used or not, thrice as much in a specialisation for packs.

/// Whether they name tables of the query alone.
template <class... E, class... S>
consteval bool explain_known(source_list<S...>) {
  if constexpr ((is_known<E, S...>() && ...))
    return true;
  else
    return explain_joined_expression<
        std::tuple_element_t<first_false({is_known<E, S...>()...}), std::tuple<E...>>, S...>();
}

/// What chooses rows or groups.
template <class E, class Sources>
consteval bool explain_choosing(Sources sources) {
  if constexpr (!is_dynamic<E>() && !explain_truth<E>())
    return false;
  else
    return explain_known<E>(sources);
}

template <query_fault Fault>
consteval bool explain_fault() {
  static_assert(Fault != query_fault::without_group,
                "hewn: a column beside an aggregate or outside the groups has no single value; "
                "name it in group_by(), or take an aggregate of it");
  static_assert(Fault != query_fault::nested_aggregate,
                "hewn: an aggregate is taken of rows and not of another aggregate; take it of a "
                "derived table, or over a window");
  static_assert(Fault != query_fault::lacks_window,
                "hewn: a window function needs its window; write "
                ".over(hewn::partition_by(...).order_by(...)) behind it");
  static_assert(Fault != query_fault::unselected_order,
                "hewn: a distinct() query is sorted by what it selects; select() the expression "
                "of order_by() too");
  static_assert(Fault != query_fault::locks_no_rows,
                "hewn: for_update() and for_share() lock rows of tables, which distinct(), "
                "groups, aggregates and window functions do not return; lock the rows by a query "
                "without them");
  return false;
}

/// What cannot be what the query returns, or what chooses its groups.
template <query_fault Fault, class... E, class Sources>
consteval bool explain_values(Sources sources) {
  if constexpr (Fault == query_fault::unknown_table)
    return explain_known<E...>(sources);
  else
    return explain_fault<Fault>();
}

/// The same of an order that is chosen at run time. Throws: usage.
template <class Groups, class Orders, bool Distinct, class... E, class... S>
void check_chosen(const std::vector<sort_term>& order, source_list<S...>) {
  check_chosen_order(order, piece_list<E...>::all,
                     {source_list<S...>::all, Groups::all, Orders::all, Distinct});
}

/// Whether it can be NULL in a row of a query with these tables.
template <class E, bool Grouped, class Sources>
inline constexpr bool is_null_in = false;
template <class E, bool Grouped, class... S>
inline constexpr bool is_null_in<E, Grouped, source_list<S...>> = E::template nullable<S...> ||
                                                                  (!Grouped &&
                                                                   is_null_of_none(pieces_of<E>));

/// Whether the values fit the fields of the result.
template <bool Grouped, class... E, class... F, class Sources>
consteval bool explain_result_fields(field_types<F...>, Sources) {
  constexpr bool count = sizeof...(E) == sizeof...(F);
  static_assert(count,
                "hewn: select() has another number of values than the result has fields; give "
                "one value for each field");
  if constexpr (!count) {
    return false;
  } else {
    constexpr std::size_t first =
        first_false({(item_reads_into<E, unwrapped<F>>() &&
                      (is_optional<F> || !is_null_in<E, Grouped, Sources>))...});
    if constexpr (first == sizeof...(E)) {
      return true;
    } else {
      using item = std::tuple_element_t<first, std::tuple<E...>>;
      return explain_item<item, std::tuple_element_t<first, std::tuple<F...>>,
                          is_null_in<item, Grouped, Sources>>();
    }
  }
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/error.hpp>

namespace hewn::detail {

HEWN_API void check_chosen_order(std::span<const sort_term> order, piece_lists items,
                                 const checked_query& query) {
  const bool grouped = !query.groups.empty() || has_aggregates(items);
  for (const sort_term& term : order) {
    if (!grouped && has_aggregate(term.pieces))
      throw error(errc::usage,
                  "hewn: the chosen order sorts by an aggregate and the query has no groups; leave "
                  "that choice out, or write group_by()");
    if (grouped && !is_grouped(term.pieces, query))
      throw error(errc::usage,
                  "hewn: the chosen order sorts by a column outside the groups, which has no "
                  "single value; leave that choice out, or name the column in group_by()");
    if (query.distinct && !is_selected(term.pieces, items))
      throw error(errc::usage,
                  "hewn: the chosen order sorts a distinct() query by what it does not select; "
                  "leave that choice out, or select() the expression too");
  }
}

}  // namespace hewn::detail

#endif
