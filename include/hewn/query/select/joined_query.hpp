// hewn/query/select/joined_query.hpp - a query over several tables, step by step.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/aggregate.hpp>
#include <hewn/query/expressions/alias.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/expressions/held_value.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/plan/query_plan.hpp>
#include <hewn/query/select/compound_query.hpp>
#include <hewn/query/select/condition_check.hpp>
#include <hewn/query/select/grouped_item.hpp>
#include <hewn/query/select/lock_check.hpp>
#include <hewn/query/select/locked_projection.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/query/select/query_check.hpp>
#include <hewn/query/select/query_steps.hpp>
#include <hewn/query/select/reference.hpp>
#include <hewn/query/select/selected_query.hpp>
#include <hewn/query/select/sorted_expression.hpp>
#include <hewn/query/select/sources.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace hewn {
/// A query over several tables, before select() says what it returns. A value: every function
/// returns a new one. Lifetime: text compared with an lvalue is referred to, not copied.
template <class Sources, class Groups, class Orders, class Data, detail::query_id Id,
          unsigned Flags>
struct joined_query {
  using steps = detail::query_steps;
  using word = detail::query_word;
  using same_sources = Sources;
  using same_groups = Groups;
  using same_orders = Orders;
  static constexpr detail::query_id id = Id;
  static constexpr unsigned flags = Flags;

  // ---------------------------------------------------------------- tables

  /// Adds a table along the one declared reference between it and those before it, or by a
  /// condition: `join<agent>(col<&agent::id> == col<&run::agent_id>)`.
  template <class T, class... On>
  HEWN_INLINE constexpr auto join(const On&... on) const {
    return steps::joined<word::join, T, false>(*this, Sources{}, on...);
  }

  /// The same, keeping rows for which the added table has none.
  template <class T, class... On>
  HEWN_INLINE constexpr auto left_join(const On&... on) const {
    return steps::joined<word::left_join, T, true>(*this, Sources{}, on...);
  }

  /// The same, keeping rows of the added table for which those before it have none. SQLite knows it
  /// from 3.39 on.
  template <class T, class... On>
  HEWN_INLINE constexpr auto right_join(const On&... on) const {
    return steps::joined<word::right_join, T, false>(*this, Sources{}, on...);
  }

  /// The same, keeping the rows of both sides. SQLite knows it from 3.39 on.
  template <class T, class... On>
  HEWN_INLINE constexpr auto full_join(const On&... on) const {
    return steps::joined<word::full_join, T, true>(*this, Sources{}, on...);
  }

  /// Every row with every row of the added table.
  template <class T>
  HEWN_INLINE constexpr auto cross_join() const {
    return steps::joined<word::cross_join, T, false>(*this, Sources{}, detail::whole_row{});
  }

  /// As join() if `joined`; without it the table is not in the query and its columns are NULL,
  /// which is why they are optional in the result. What else names the table can be left out beside
  /// it, by where_if(). Cost: such a query is found by its text.
  template <class T, class... On>
  auto join_if(bool joined, const On&... on) const {
    return steps::joined_if<word::join, T>(*this, joined, Sources{}, on...);
  }
  template <class T, class... On>
  auto left_join_if(bool joined, const On&... on) const {
    return steps::joined_if<word::left_join, T>(*this, joined, Sources{}, on...);
  }

  /// The same with the rows of a query, which the query names by the struct that it selects:
  /// `join(totals, col<&total::agent_id> == col<&agent::id>)`.
  template <detail::result_query Query, class On>
  HEWN_INLINE constexpr auto join(const Query& query, const On& on) const {
    return with(query).template join<typename Query::row_type>(on);
  }
  template <detail::result_query Query, class On>
  HEWN_INLINE constexpr auto left_join(const Query& query, const On& on) const {
    return with(query).template left_join<typename Query::row_type>(on);
  }
  template <detail::result_query Query, class On>
  HEWN_INLINE constexpr auto right_join(const Query& query, const On& on) const {
    return with(query).template right_join<typename Query::row_type>(on);
  }
  template <detail::result_query Query, class On>
  HEWN_INLINE constexpr auto full_join(const Query& query, const On& on) const {
    return with(query).template full_join<typename Query::row_type>(on);
  }

  template <detail::result_query Query, class On>
  auto join_if(bool joined, const Query& query, const On& on) const {
    return with(query).template join_if<typename Query::row_type>(joined, on);
  }
  template <detail::result_query Query, class On>
  auto left_join_if(bool joined, const Query& query, const On& on) const {
    return with(query).template left_join_if<typename Query::row_type>(joined, on);
  }

  /// Names a table of the query around this one, of which the rows here are those along the one
  /// declared reference, or by a condition: `exists(from<run>.correlate<agent>())`.
  template <class T, class... On>
  HEWN_INLINE constexpr auto correlate(const On&... on) const {
    return steps::correlated<T>(*this, Sources{}, on...);
  }

  // ---------------------------------------------------------------- rows

  /// Only rows for which the condition is true; a second call narrows further.
  template <class E>
  HEWN_INLINE constexpr auto where(const E& e) const {
    if constexpr (detail::fixed_truth<E>) {
      const auto next = steps::added_to<Sources, Groups, Orders, word::where, nullptr>(*this, e);
      if constexpr (next.id == Id)
        static_cast<void>(detail::explain_choosing<E>(Sources{}) && detail::explain_rows<E>());
      return next;
    } else if constexpr (detail::explain_choosing<E>(Sources{})) {
      return joined_query<Sources, Groups, Orders, Data, Id, Flags | detail::dynamic_condition>{
          data_, limit_, offset_, condition_.with(e.parts())};
    } else {
      return *this;
    }
  }

  /// As where() if `given`; without it the condition disappears from the text.
  template <class E>
  auto where_if(bool given, const E& e) const {
    using whole = detail::condition_over<Sources>;
    if constexpr (!detail::explain_choosing<E>(Sources{}))
      return *this;
    else
      return where(given ? whole(e) : whole());
  }

  /// As where() with the condition that `make` makes of the value, if there is one. A text comes as
  /// an std::string_view.
  template <class V, class Make>
  auto where_if(const std::optional<V>& value, const Make& make) const {
    using made = detail::made_condition<V, Make>;
    if constexpr (std::is_same_v<made, detail::no_expression>)
      return *this;
    else if constexpr (!detail::explain_choosing<made>(Sources{}))
      return *this;
    else
      return where(detail::condition_if_of(Sources{}, value, make));
  }

  /// One row of the result for all rows in which these expressions are the same.
  template <class... E>
  HEWN_INLINE constexpr auto group_by(const E&... e) const {
    using groups = detail::pieces_with<Groups, E...>;
    if constexpr (sizeof...(E) == 0 || !(detail::has_value<E> && ...)) {
      return static_cast<void>(detail::explain_grouping<E...>()), *this;
    } else if constexpr (detail::has_like_groups(groups::all)) {
      return static_cast<void>(detail::explain_like_groups<groups>()), *this;
    } else {
      if constexpr (!std::is_same_v<Orders, detail::piece_list<>>)
        static_cast<void>(detail::explain_group_before_order<detail::piece_list<E...>, Orders>());
      const auto next =
          steps::added_to<Sources, groups, Orders, word::group_by, nullptr>(*this, e...);
      if constexpr (next.id == Id)
        static_cast<void>(detail::explain_grouping<E...>() &&
                          detail::explain_known<E...>(Sources{}));
      return next;
    }
  }

  /// Only groups for which the condition is true.
  template <class E>
  HEWN_INLINE constexpr auto having(const E& e) const {
    constexpr bool grouped = !std::is_same_v<Groups, detail::piece_list<>>;
    if constexpr (grouped && detail::fixed_truth<E>)
      return steps::having(*this, e);
    else if constexpr (detail::explain_having<E, grouped>())
      return static_cast<void>(detail::explain_choosing<E>(Sources{})), *this;
    else
      return *this;
  }

  /// Sorts by columns and expressions, the first being the most important: `col<&T::f>`,
  /// `hewn::desc<&T::f>`, `hewn::count().desc()`, `col<&T::f>.asc().nulls_last()`.
  template <class... E>
  HEWN_INLINE constexpr auto order_by(const E&... e) const {
    constexpr bool grouped = !std::is_same_v<Groups, detail::piece_list<>>;
    using orders = detail::pieces_with<Orders, detail::sorted_by<E>...>;
    if constexpr (sizeof...(E) == 0 || !(detail::sorts<E> && ...)) {
      return static_cast<void>(detail::explain_sorting<E...>()), *this;
    } else {
      const auto next =
          steps::in_groups<orders, word::order_by>(*this, steps::sorted<Sources, grouped>(e)...);
      if constexpr (next.id == Id)
        static_cast<void>(detail::explain_known<detail::sorted_by<E>...>(Sources{}));
      return next;
    }
  }

  /// Sorts by what was chosen at run time, see hewn::sort_choices; what it leaves open the keys of
  /// the tables decide, or what is grouped.
  template <class... Tables>
  auto order_by(const sort_order<Tables...>& order) const {
    if constexpr (detail::explain_chosen_order<detail::names_sources<Tables...>(Sources{})>())
      return joined_query<Sources, Groups, Orders, Data, Id, Flags | detail::dynamic_condition>{
          data_, limit_, offset_, condition_.sorted_by(order.terms())};
    else
      return *this;
  }

  /// At most `count` rows. Negative counts are an error when the query runs.
  HEWN_INLINE constexpr auto limit(std::int64_t count) const {
    return joined_query<Sources, Groups, Orders, Data, Id, Flags | detail::has_limit>{
        data_, count, offset_, condition_};
  }

  /// Without the first `count` rows.
  HEWN_INLINE constexpr auto offset(std::int64_t count) const {
    return joined_query<Sources, Groups, Orders, Data, Id, Flags | detail::has_offset>{
        data_, limit_, count, condition_};
  }

  /// Rows that are alike count as one.
  HEWN_INLINE constexpr auto distinct() const {
    return steps::added_to<Sources, Groups, Orders, word::distinct, nullptr, detail::is_distinct>(
        *this, detail::whole_row{});
  }

  /// Also rows that are removed, of all its tables with soft_delete<>. Queries inside this one say
  /// so for themselves.
  HEWN_INLINE constexpr auto with_removed() const {
    return steps::added_to<Sources, Groups, Orders, word::with_removed, nullptr>(
        *this, detail::whole_row{});
  }

  // ---------------------------------------------------------------- locks

  /// Locks the rows that it reads of these tables against changes, until the transaction ends; of
  /// all that have one in every row, where none is named. For reads in a transaction that may
  /// write: see locked_query.
  template <class... Tables>
  HEWN_INLINE constexpr auto for_update() const {
    return steps::locked<word::for_update, Tables...>(*this);
  }

  /// The same, sharing the lock with others who only read. SQLite takes the one for writing.
  template <class... Tables>
  HEWN_INLINE constexpr auto for_share() const {
    return steps::locked<word::for_share, Tables...>(*this);
  }

  /// Without the rows that another transaction has locked. On SQLite there is none while this one
  /// writes.
  HEWN_INLINE constexpr auto skip_locked() const {
    return steps::passing<word::skip_locked>(*this);
  }

  /// Throws at once where another transaction has locked one of the rows: busy. On SQLite the wait
  /// for the write lock ends as for every transaction.
  HEWN_INLINE constexpr auto no_wait() const { return steps::passing<word::no_wait>(*this); }

  // ---------------------------------------------------------------- result

  /// The columns and expressions of the result, read into the fields of `R` in their order. Without
  /// `R` the result is the one value, or a std::tuple of the values. Throws: usage where an order
  /// that was chosen at run time does not go with groups, aggregates or distinct().
  template <class R = detail::deduced_result, class... E>
  HEWN_INLINE constexpr auto select(const E&... e) const {
    constexpr bool distinct = (Flags & detail::is_distinct) != 0;
    constexpr bool grouped = !std::is_same_v<Groups, detail::piece_list<>>;
    if constexpr ((Flags & detail::dynamic_condition) != 0)
      if (condition_.terms() != nullptr)
        detail::check_chosen<Groups, Orders, distinct, E...>(*condition_.terms(), Sources{});
    constexpr bool locked = (Flags & detail::locks) != 0;
    if constexpr (sizeof...(E) == 0 || !(detail::selectable<E> && ...)) {
      return static_cast<void>(detail::explain_selectable<E...>()), steps::nothing<R>(*this);
    } else if constexpr (constexpr detail::query_fault fault = detail::find_fault(
                             detail::piece_list<E...>::all,
                             {Sources::all, Groups::all, Orders::all, distinct, locked});
                         fault != detail::query_fault::none) {
      static_cast<void>(detail::explain_values<fault, E...>(Sources{}));
      return steps::nothing<R>(*this);
    } else if constexpr (std::is_same_v<R, detail::deduced_result>) {
      using row = typename detail::deduced_row<detail::deduced_field<
          detail::selected_type<E>, detail::is_null_in<E, grouped, Sources>>...>::type;
      return steps::selected<row>(*this, e...);
    } else if constexpr (detail::explain_result_fields<grouped, E...>(
                             detail::fields_of_result<R, E...>{}, Sources{})) {
      return steps::selected<R>(*this, e...);
    } else {
      return steps::nothing<R>(*this);
    }
  }

  // ---- for the library

  /// All columns of all tables.
  HEWN_INLINE constexpr auto select_rows() const { return steps::rows_of(*this, Sources{}); }

  /// A value that means nothing, for a query that is asked whether it has rows.
  HEWN_INLINE constexpr auto select_one() const {
    return select<std::int64_t>(detail::constant_one{});
  }

  /// The query with another, which it may name as a table.
  template <class Query>
  HEWN_INLINE constexpr auto with(const Query& query) const {
    if constexpr (!detail::explain_common_table<Query>())
      return *this;
    else
      return steps::with_table<typename Query::row_type>(*this, query.nested());
  }

  // No constructor: what makes a query puts its parts where they stay.
  Data data_;
  std::int64_t limit_;
  std::int64_t offset_;
  [[no_unique_address]] detail::chosen_parts<(Flags & detail::dynamic_condition) != 0> condition_;
};

namespace detail {

/// A query of several tables that does not say what it returns.
template <class Q>
concept row_query = requires(const Q& q) {
  q.select_rows();
};

}  // namespace detail
}  // namespace hewn
