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
#include <hewn/query/select/grouped_item.hpp>
#include <hewn/query/select/lock_check.hpp>
#include <hewn/query/select/locked_projection.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/query/select/query_check.hpp>
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
namespace detail {

/// What has been said of a query already.
enum query_flag : unsigned {
  no_flag = 0,
  dynamic_condition = 1,
  is_distinct = 2,
  has_limit = 4,
  has_offset = 8,
  locks = 16,         // for_update() or for_share()
  passes_locked = 32  // skip_locked() or no_wait()
};

}  // namespace detail

/// A query over several tables, before select() says what it returns. A value: every function
/// returns a new one. Lifetime: text compared with an lvalue is referred to, not copied.
template <class Sources, class Groups, class Orders, class Data, detail::query_id Id,
          unsigned Flags>
class joined_query;

template <class... S, class... G, class... O, class Data, detail::query_id Id, unsigned Flags>
class joined_query<detail::source_list<S...>, detail::group_list<G...>, detail::sort_list<O...>,
                   Data, Id, Flags> {
  using word = detail::query_word;
  using same_sources = detail::source_list<S...>;
  using same_groups = detail::group_list<G...>;
  using same_orders = detail::sort_list<O...>;
  using check = detail::query_check<same_sources, same_groups, same_orders>;
  using group_pieces = detail::piece_list<G...>;
  static constexpr bool is_dynamic = (Flags & detail::dynamic_condition) != 0;
  using condition_type = detail::chosen_parts<is_dynamic>;
  template <class T>
  using added = detail::joined_source<T, false>;
  template <class T>
  using missing = detail::joined_source<T, true>;
  template <class J>
  using missing_before =
      std::conditional_t<detail::is_outer<J>, J, detail::joined_source<typename J::source, true>>;

 public:
  // ---------------------------------------------------------------- tables

  /// Adds a table along the one declared reference between it and those before it, or by a
  /// condition: `join<agent>(col<&agent::id> == col<&run::agent_id>)`.
  template <class T, class... On>
  HEWN_INLINE constexpr auto join(const On&... on) const {
    return joined<word::join, T, detail::source_list<S..., added<T>>>(on...);
  }

  /// The same, keeping rows for which the added table has none.
  template <class T, class... On>
  HEWN_INLINE constexpr auto left_join(const On&... on) const {
    return joined<word::left_join, T, detail::source_list<S..., missing<T>>>(on...);
  }

  /// The same, keeping rows of the added table for which those before it have none. SQLite knows it
  /// from 3.39 on.
  template <class T, class... On>
  HEWN_INLINE constexpr auto right_join(const On&... on) const {
    return joined<word::right_join, T, detail::source_list<missing_before<S>..., added<T>>>(on...);
  }

  /// The same, keeping the rows of both sides. SQLite knows it from 3.39 on.
  template <class T, class... On>
  HEWN_INLINE constexpr auto full_join(const On&... on) const {
    return joined<word::full_join, T, detail::source_list<missing_before<S>..., missing<T>>>(on...);
  }

  /// Every row with every row of the added table.
  template <class T>
  HEWN_INLINE constexpr auto cross_join() const {
    return joined<word::cross_join, T, detail::source_list<S..., added<T>>>(detail::whole_row{});
  }

  /// As join() if `joined`; without it the table is not in the query and its columns are NULL,
  /// which is why they are optional in the result. What else names the table can be left out beside
  /// it, by where_if(). Cost: such a query is found by its text.
  template <class T, class... On>
  auto join_if(bool joined, const On&... on) const {
    return this->template joined_if<word::join, T>(joined, on...);
  }
  template <class T, class... On>
  auto left_join_if(bool joined, const On&... on) const {
    return this->template joined_if<word::left_join, T>(joined, on...);
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

  /// Names a table of the query around this one, of which the rows here are those along the one
  /// declared reference, or by a condition: `exists(from<run>.correlate<agent>())`.
  template <class T, class... On>
  HEWN_INLINE constexpr auto correlate(const On&... on) const {
    return correlated<T>(on...);
  }

  // ---------------------------------------------------------------- rows

  /// Only rows for which the condition is true; a second call narrows further.
  template <class E>
  HEWN_INLINE constexpr auto where(const E& e) const {
    if constexpr (!check::template condition<E>()) {
      return *this;
    } else if constexpr (detail::is_dynamic<E>()) {
      return joined_query<same_sources, same_groups, same_orders, Data, Id,
                          Flags | detail::dynamic_condition>(data_, condition_.with(e.parts()),
                                                             limit_, offset_);
    } else if constexpr (detail::explain_rows<E>()) {
      return added_to<same_sources, same_groups, same_orders, word::where, nullptr>(e);
    } else {
      return *this;
    }
  }

  /// As where() if `given`; without it the condition disappears from the text.
  template <class E>
  auto where_if(bool given, const E& e) const {
    using whole = condition<typename S::source...>;
    if constexpr (!check::template condition<E>())
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
    else if constexpr (!check::template condition<made>())
      return *this;
    else
      return where(detail::condition_if<typename S::source...>(value, make));
  }

  /// One row of the result for all rows in which these expressions are the same.
  template <class... E>
  HEWN_INLINE constexpr auto group_by(const E&... e) const {
    if constexpr (!detail::explain_grouping<E...>())
      return *this;
    else if constexpr (check::template knows<E...>() &&
                       detail::explain_like_groups<detail::piece_list<G..., E...>>())
      return static_cast<void>(detail::explain_group_before_order<detail::piece_list<E...>,
                                                                  detail::piece_list<O...>>()),
             added_to<same_sources, detail::group_list<G..., E...>, same_orders, word::group_by,
                      nullptr>(e...);
    else
      return *this;
  }

  /// Only groups for which the condition is true.
  template <class E>
  HEWN_INLINE constexpr auto having(const E& e) const {
    if constexpr (!detail::explain_having<E, sizeof...(G)>())
      return *this;
    else if constexpr (!check::template condition<E>())
      return *this;
    else if constexpr (check::template values<false, E>() && detail::explain_early<E>())
      return in_groups<same_orders, word::having>(e);
    else
      return *this;
  }

  /// Sorts by columns and expressions, the first being the most important: `col<&T::f>`,
  /// `hewn::desc<&T::f>`, `hewn::count().desc()`, `col<&T::f>.asc().nulls_last()`.
  template <class... E>
  HEWN_INLINE constexpr auto order_by(const E&... e) const {
    if constexpr (!detail::explain_sorting<E...>())
      return *this;
    else if constexpr (check::template knows<detail::sorted_by<E>...>())
      return in_groups<detail::sort_list<O..., detail::sorted_by<E>...>, word::order_by>(
          sorted(e)...);
    else
      return *this;
  }

  /// Sorts by what was chosen at run time, see hewn::sort_choices; what it leaves open the keys of
  /// the tables decide, or what is grouped.
  template <class... Tables>
  auto order_by(const sort_order<Tables...>& order) const {
    if constexpr (detail::explain_chosen_order<(detail::one_of<Tables, typename S::source...> &&
                                                ...)>())
      return joined_query<same_sources, same_groups, same_orders, Data, Id,
                          Flags | detail::dynamic_condition>(
          data_, condition_.sorted_by(order.terms()), limit_, offset_);
    else
      return *this;
  }

  /// At most `count` rows. Negative counts are an error when the query runs.
  HEWN_INLINE constexpr auto limit(std::int64_t count) const {
    return joined_query<same_sources, same_groups, same_orders, Data, Id,
                        Flags | detail::has_limit>(data_, condition_, count, offset_);
  }

  /// Without the first `count` rows.
  HEWN_INLINE constexpr auto offset(std::int64_t count) const {
    return joined_query<same_sources, same_groups, same_orders, Data, Id,
                        Flags | detail::has_offset>(data_, condition_, limit_, count);
  }

  /// Rows that are alike count as one.
  HEWN_INLINE constexpr auto distinct() const {
    constexpr const detail::query_step& step =
        detail::step_of<word::distinct, nullptr, detail::whole_row>;
    const auto data = detail::with_step<Data, word::distinct>(data_, detail::whole_row{});
    return joined_query<same_sources, same_groups, same_orders, std::remove_const_t<decltype(data)>,
                        detail::mix(Id, step), Flags | detail::is_distinct>(data, condition_,
                                                                            limit_, offset_);
  }

  // ---------------------------------------------------------------- locks

  /// Locks the rows that it reads of these tables against changes, until the transaction ends; of
  /// all that have one in every row, where none is named. For reads in a transaction that may
  /// write: see locked_query.
  template <class... Tables>
  HEWN_INLINE constexpr auto for_update() const {
    return locked<word::for_update, Tables...>();
  }

  /// The same, sharing the lock with others who only read. SQLite takes the one for writing.
  template <class... Tables>
  HEWN_INLINE constexpr auto for_share() const {
    return locked<word::for_share, Tables...>();
  }

  /// Without the rows that another transaction has locked. On SQLite there is none while this one
  /// writes.
  HEWN_INLINE constexpr auto skip_locked() const { return passing<word::skip_locked>(); }

  /// Throws at once where another transaction has locked one of the rows: busy. On SQLite the wait
  /// for the write lock ends as for every transaction.
  HEWN_INLINE constexpr auto no_wait() const { return passing<word::no_wait>(); }

  // ---------------------------------------------------------------- result

  /// The columns and expressions of the result, read into the fields of `R` in their order. Without
  /// `R` the result is the one value, or a std::tuple of the values. Throws: usage where an order
  /// that was chosen at run time does not go with groups, aggregates or distinct().
  template <class R = detail::deduced_result, class... E>
  HEWN_INLINE constexpr auto select(const E&... e) const {
    if constexpr (is_dynamic)
      if (condition_.terms() != nullptr)
        check::template chosen<(Flags & detail::is_distinct) != 0, E...>(*condition_.terms());
    if constexpr (!detail::explain_selectable<E...>()) {
      return nothing<R>();
    } else if constexpr (!check::template values<(Flags & detail::is_distinct) != 0, E...>()) {
      return nothing<R>();
    } else if constexpr (!check::template locks<(Flags & detail::locks) != 0,
                                                (Flags & detail::is_distinct) != 0, E...>()) {
      return nothing<R>();
    } else if constexpr (std::is_same_v<R, detail::deduced_result>) {
      using row = typename detail::deduced_row<
          detail::deduced_field<detail::selected_type<E>, check::template is_null<E>>...>::type;
      return selected_of_groups<row>(e...);
    } else if constexpr (check::template result<E...>(detail::fields_of_result<R, E...>{})) {
      return selected_of_groups<R>(e...);
    } else {
      return nothing<R>();
    }
  }

  // ---- for the library

  HEWN_INLINE constexpr joined_query(const Data& data, const condition_type& condition,
                                     std::int64_t limit, std::int64_t offset)
      : data_(data), limit_(limit), offset_(offset), condition_(condition) {}

  /// All columns of all tables.
  HEWN_INLINE constexpr auto select_rows() const {
    return rows_of(typename detail::sources_where<false, detail::source_list<>, S...>::type{});
  }

  /// A value that means nothing, for a query that is asked whether it has rows.
  HEWN_INLINE constexpr auto select_one() const {
    if constexpr (!check::template values<(Flags & detail::is_distinct) != 0,
                                          detail::constant_one>())
      return nothing<std::int64_t>();
    else
      return selected<std::int64_t, detail::constant_one>(detail::constant_one{});
  }

  /// The query with or without its last join, which begins at these places.
  template <std::size_t Step, std::size_t Value>
  auto chosen(bool given, detail::query_id table) const {
    const detail::join_place place{Step, Data::step_count - Step, Value, Data::value_count - Value};
    return joined_query<same_sources, same_groups, same_orders, Data, Id,
                        Flags | detail::dynamic_condition>(
        data_, given ? condition_.with({}) : condition_.without(table, place), limit_, offset_);
  }

  /// The query with another, which it may name as a table.
  template <class Query>
  HEWN_INLINE constexpr auto with(const Query& query) const {
    if constexpr (!detail::explain_common_table<Query>())
      return *this;
    else
      return with_table<typename Query::row_type>(query.nested());
  }

 private:
  /// Whether an expression that is grouped has values, which are not said again beside it.
  static constexpr bool has_values = (detail::has_values(detail::pieces_of<G>) || ...);

  template <class Orders, detail::query_word Word, class... E>
  HEWN_INLINE constexpr auto in_groups(const E&... e) const {
    if constexpr (has_values) {
      const auto groups = detail::group_values_of<sizeof...(G)>(data_);
      return added_to<same_sources, same_groups, Orders, Word, nullptr>(
          detail::said_again<group_pieces>(groups, e)...);
    } else {
      return added_to<same_sources, same_groups, Orders, Word, nullptr>(e...);
    }
  }

  template <class R, class... E>
  HEWN_INLINE constexpr auto selected_of_groups(const E&... e) const {
    if constexpr (has_values) {
      const auto groups = detail::group_values_of<sizeof...(G)>(data_);
      return selected<R, E...>(detail::said_again<group_pieces>(groups, e)...);
    } else {
      return selected<R, E...>(e...);
    }
  }

  /// The query with one step more.
  template <class Sources, class Groups, class Orders, detail::query_word Word,
            const detail::source_ref* Source, class... E>
  HEWN_INLINE constexpr auto added_to(const E&... e) const {
    constexpr const detail::query_step& step = detail::step_of<Word, Source, E...>;
    const auto data = detail::with_step<Data, Word, Source>(data_, e...);
    return joined_query<Sources, Groups, Orders, std::remove_const_t<decltype(data)>,
                        detail::mix(Id, step), Flags>(data, condition_, limit_, offset_);
  }

  template <class Row, class E>
  HEWN_INLINE constexpr auto with_table(const E& e) const {
    constexpr const detail::query_step& step =
        detail::step_of<word::with, &detail::source_of<Row>, E>;
    const auto data = detail::with_step<Data, word::with, &detail::source_of<Row>>(data_, e);
    return joined_query<same_sources, same_groups, same_orders, std::remove_const_t<decltype(data)>,
                        detail::mix_all(detail::mix(Id, step), detail::table_id<Row>), Flags>(
        data, condition_, limit_, offset_);
  }

  template <detail::query_word Word, class... Tables>
  HEWN_INLINE constexpr auto locked() const {
    if constexpr (detail::explain_lock<(Flags & detail::locks) != 0, Tables...>(same_sources{}))
      return with_lock<detail::locks, Word, Tables...>();
    else
      return *this;
  }

  template <detail::query_word Word>
  HEWN_INLINE constexpr auto passing() const {
    if constexpr (detail::explain_passing<(Flags & detail::locks) != 0,
                                          (Flags & detail::passes_locked) != 0>())
      return with_lock<detail::passes_locked, Word>();
    else
      return *this;
  }

  template <unsigned Flag, detail::query_word Word, class... Tables>
  HEWN_INLINE constexpr auto with_lock() const {
    constexpr const detail::query_step& step = detail::lock_step<Word, Tables...>;
    const auto data = data_.template with<0, 0, 0>(step);
    return joined_query<same_sources, same_groups, same_orders, std::remove_const_t<decltype(data)>,
                        detail::mix(Id, step), Flags | Flag>(data, condition_, limit_, offset_);
  }

  template <class T>
  static consteval bool explain_joined() {
    if constexpr ((Flags & detail::locks) != 0)
      return detail::refuse_late_join<T>(), false;
    else
      return detail::explain_new_source<T, S...>();
  }

  template <detail::query_word Word, class T, class Sources>
  HEWN_INLINE constexpr auto joined() const {
    if constexpr (!explain_joined<T>())
      return *this;
    else if constexpr (detail::explain_reference<T, typename S::source...>())
      return added_to<Sources, same_groups, same_orders, Word, &detail::source_of<T>>(
          detail::reference_condition<T, typename S::source...>{});
    else
      return added_to<Sources, same_groups, same_orders, Word, &detail::source_of<T>>(
          detail::whole_row{});
  }
  template <detail::query_word Word, class T, class Sources, class On>
  HEWN_INLINE constexpr auto joined(const On& on) const {
    if constexpr (!explain_joined<T>())
      return *this;
    else if constexpr (Word == word::cross_join)
      return added_to<Sources, same_groups, same_orders, Word, &detail::source_of<T>>(on);
    else if constexpr (!detail::explain_on<On>())
      return added_to<Sources, same_groups, same_orders, Word, &detail::source_of<T>>(
          detail::whole_row{});
    else if constexpr (detail::explain_joined_expression<On, S..., added<T>>() &&
                       detail::explain_rows<On>())
      return added_to<Sources, same_groups, same_orders, Word, &detail::source_of<T>>(on);
    else
      return added_to<Sources, same_groups, same_orders, Word, &detail::source_of<T>>(
          detail::whole_row{});
  }

  template <detail::query_word Word, class T, class... On>
  auto joined_if(bool given, const On&... on) const {
    return joined<Word, T, detail::source_list<S..., missing<T>>>(on...)
        .template chosen<Data::step_count, Data::value_count>(given, detail::source_of<T>.id);
  }

  template <class T>
  HEWN_INLINE constexpr auto correlated() const {
    if constexpr (!explain_joined<T>())
      return *this;
    else if constexpr (detail::explain_reference<T, typename S::source...>())
      return added_to<detail::source_list<S..., detail::outer_source<T>>, same_groups, same_orders,
                      word::where, nullptr>(
          detail::reference_condition<T, typename S::source...>{});
    else
      return *this;
  }
  template <class T, class On>
  HEWN_INLINE constexpr auto correlated(const On& on) const {
    if constexpr (!explain_joined<T>())
      return *this;
    else if constexpr (detail::explain_on<On>() &&
                       detail::explain_joined_expression<On, S..., added<T>>())
      return added_to<detail::source_list<S..., detail::outer_source<T>>, same_groups, same_orders,
                      word::where, nullptr>(on);
    else
      return *this;
  }

  template <class E>
  HEWN_INLINE static constexpr auto sorted(const E& e) {
    using key = detail::sorted_by<E>;
    constexpr bool null = check::template is_null<key>;
    if constexpr (requires { E::is_descending; })
      return detail::sorted_expression<key, E::is_descending, E::nulls, null>{{}, e.expression};
    else
      return detail::sorted_expression<key, false, detail::null_place::smallest, null>{{}, e};
  }

  template <class R>
  HEWN_INLINE static constexpr auto nothing() {
    return selected_query<R, Data, false,
                          detail::query_form<Id, detail::row_number::any, detail::source_list<>>>();
  }

  // The limit and offset stand behind everything else.
  template <class R, class... E, class... Item>
  HEWN_INLINE constexpr auto selected(const Item&... e) const {
    constexpr const detail::query_step& step = detail::step_of<word::value, nullptr, Item...>;
    constexpr detail::query_id id =
        detail::mix_all(detail::mix(Id, step), Flags,
                        detail::table_id<detail::record_of_source<typename S::source>>...);
    constexpr detail::row_number rows =
        (Flags & (detail::has_limit | detail::has_offset)) != 0 ? detail::row_number::limited
        : check::template has_one_row<E...>                     ? detail::row_number::one
                                                                : detail::row_number::any;
    const auto data =
        detail::with_limits<(Flags & detail::has_limit) != 0, (Flags & detail::has_offset) != 0>(
            detail::with_step<Data, word::value>(data_, e...), limit_, offset_);
    using form = detail::form_of<id, rows, S...>;
    using data_type = std::remove_const_t<decltype(data)>;
    using result =
        std::conditional_t<(Flags & detail::locks) != 0,
                           locked_projection<detail::row_of_form<R, form>, data_type, is_dynamic>,
                           selected_query<R, data_type, is_dynamic, form>>;
    return result(condition_.close_gaps(data), condition_,
                  is_dynamic ? nullptr : &detail::slot_of_id<id>);
  }

  template <class... Read>
  HEWN_INLINE constexpr auto rows_of(detail::source_list<Read...>) const {
    return select(row_of<Read>...);
  }

  Data data_;
  std::int64_t limit_;
  std::int64_t offset_;
  [[no_unique_address]] condition_type condition_{};
};

namespace detail {

/// A query of several tables that does not say what it returns.
template <class Q>
concept row_query = requires(const Q& q) {
  q.select_rows();
};

}  // namespace detail
}  // namespace hewn
