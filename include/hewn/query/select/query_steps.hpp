// hewn/query/select/query_steps.hpp - what the words of a query over several tables do.
// SPDX-License-Identifier: BSL-1.0
//
// Beside the class: a query has another type after each word, and a compiler pays for every member
// template of each, called or not.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/aggregate.hpp>
#include <hewn/query/expressions/alias.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/plan/locked_tables.hpp>
#include <hewn/query/plan/query_data.hpp>
#include <hewn/query/select/condition_check.hpp>
#include <hewn/query/select/grouped_item.hpp>
#include <hewn/query/select/lock_check.hpp>
#include <hewn/query/select/locked_projection.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/query/select/query_check.hpp>
#include <hewn/query/select/reference.hpp>
#include <hewn/query/select/result_fit.hpp>
#include <hewn/query/select/selected_query.hpp>
#include <hewn/query/select/sorted_expression.hpp>
#include <hewn/query/select/sources.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace hewn {

// In joined_query.hpp.
template <class Sources, class Groups, class Orders, class Data, detail::query_id Id,
          unsigned Flags>
struct joined_query;

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

/// A table before an outer join that keeps rows without it.
template <class Joined>
using missing_before =
    std::conditional_t<is_outer<Joined>, Joined, joined_source<typename Joined::source, true>>;

/// The tables of a query after a join. `Missing`: a row may have none of the new one.
template <query_word Word, class T, bool Missing, class... S>
using sources_after =
    std::conditional_t<Word == query_word::right_join || Word == query_word::full_join,
                       source_list<missing_before<S>..., joined_source<T, Missing>>,
                       source_list<S..., joined_source<T, Missing>>>;

/// Any condition on these tables.
template <class Sources>
struct any_condition;
template <class... S>
struct any_condition<source_list<S...>> {
  using type = condition<typename S::source...>;
};
template <class Sources>
using condition_over = typename any_condition<Sources>::type;

template <class V, class Make, class... S>
auto condition_if_of(source_list<S...>, const std::optional<V>& value, const Make& make) {
  return condition_if<typename S::source...>(value, make);
}

template <class... Tables, class... S>
consteval bool names_sources(source_list<S...>) {
  return (one_of<Tables, typename S::source...> && ...);
}

template <class List, class... More>
struct longer_list;
template <class... E, class... More>
struct longer_list<piece_list<E...>, More...> {
  using type = piece_list<E..., More...>;
};
template <class List, class... More>
using pieces_with = typename longer_list<List, More...>::type;

/// Whether one of these groups has values, which are not said again beside it.
constexpr bool have_values(piece_lists groups) {
  for (const auto& group : each_of(groups))
    if (has_values(group)) return true;
  return false;
}

struct query_steps {
  using word = query_word;

  /// The query with one step more, or as it was where the step may not stand there. The caller
  /// explains that, so that a compiler names one function less on the way to the sentence.
  template <class Sources, class Groups, class Orders, query_word Word, const source_ref* Source,
            unsigned Flag = no_flag, class Query, class... E>
  HEWN_INLINE static constexpr auto added_to(const Query& q, const E&... e) {
    constexpr const query_step& step = step_of<Word, Source, E...>;
    if constexpr (!may_stand(step, Sources::all)) {
      return q;
    } else {
      constexpr step_size size = size_of_step(step);
      joined_query<Sources, Groups, Orders, data_after<decltype(q.data_), size>,
                   mix(Query::id, step), Query::flags | Flag>
          next{q.data_.template with<size.inner_steps, size.values, size.texts>(step), q.limit_,
               q.offset_, q.condition_};
      if constexpr (has_values(size) || (E::checks_values || ...)) {
        value_taker taker = next.data_.template taker_behind<decltype(q.data_)>();
        (e.bind(taker), ...);
      }
      return next;
    }
  }

  /// The same, where grouped expressions may be said again.
  template <class Orders, query_word Word, class Query, class... E>
  HEWN_INLINE static constexpr auto in_groups(const Query& q, const E&... e) {
    using sources = typename Query::same_sources;
    using groups = typename Query::same_groups;
    if constexpr (have_values(groups::all)) {
      const auto said = group_values_of<groups::all.size()>(q.data_);
      return added_to<sources, groups, Orders, Word, nullptr>(q, said_again<groups>(said, e)...);
    } else {
      return added_to<sources, groups, Orders, Word, nullptr>(q, e...);
    }
  }

  template <class Query, class E>
  HEWN_INLINE static constexpr auto having(const Query& q, const E& e) {
    using orders = typename Query::same_orders;
    constexpr query_fault fault = find_fault(
        piece_list<E>::all, {Query::same_sources::all, Query::same_groups::all, orders::all});
    if constexpr (fault != query_fault::none)
      return static_cast<void>(explain_values<fault, E>(typename Query::same_sources{})), q;
    else if constexpr (has_window(pieces_of<E>))
      return static_cast<void>(explain_early<E>()), q;
    else
      return in_groups<orders, word::having>(q, e);
  }

  template <class Row, class Query, class E>
  HEWN_INLINE static constexpr auto with_table(const Query& q, const E& e) {
    constexpr const query_step& step = step_of<word::with, &source_of<Row>, E>;
    const auto data = with_step<word::with, &source_of<Row>>(q.data_, e);
    return joined_query<typename Query::same_sources, typename Query::same_groups,
                        typename Query::same_orders, std::remove_const_t<decltype(data)>,
                        mix_all(mix(Query::id, step), table_id<Row>), Query::flags>{
        data, q.limit_, q.offset_, q.condition_};
  }

  // ---------------------------------------------------------------- locks

  template <query_word Word, class... Tables, class Query>
  HEWN_INLINE static constexpr auto locked(const Query& q) {
    if constexpr (explain_lock<(Query::flags & locks) != 0, Tables...>(
                      typename Query::same_sources{}))
      return with_lock<locks, Word, Tables...>(q);
    else
      return q;
  }

  template <query_word Word, class Query>
  HEWN_INLINE static constexpr auto passing(const Query& q) {
    if constexpr (explain_passing<(Query::flags & locks) != 0,
                                  (Query::flags & passes_locked) != 0>())
      return with_lock<passes_locked, Word>(q);
    else
      return q;
  }

  template <unsigned Flag, query_word Word, class... Tables, class Query>
  HEWN_INLINE static constexpr auto with_lock(const Query& q) {
    constexpr const query_step& step = lock_step<Word, Tables...>;
    const auto data = q.data_.template with<0, 0, 0>(step);
    return joined_query<typename Query::same_sources, typename Query::same_groups,
                        typename Query::same_orders, std::remove_const_t<decltype(data)>,
                        mix(Query::id, step), Query::flags | Flag>{data, q.limit_, q.offset_,
                                                                   q.condition_};
  }

  // ---------------------------------------------------------------- tables

  template <class T, unsigned Flags, class... S>
  static consteval bool explain_joined() {
    if constexpr ((Flags & locks) != 0)
      return refuse_late_join<T>(), false;
    else
      return explain_new_source<T, S...>();
  }

  template <query_word Word, class T, bool Missing, class Query, class... S>
  HEWN_INLINE static constexpr auto joined(const Query& q, source_list<S...>) {
    if constexpr (!explain_joined<T, Query::flags, S...>())
      return q;
    else if constexpr (explain_reference<T, typename S::source...>())
      return added_to<sources_after<Word, T, Missing, S...>, typename Query::same_groups,
                      typename Query::same_orders, Word, &source_of<T>>(
          q, reference_condition<T, typename S::source...>{});
    else
      return added_to<sources_after<Word, T, Missing, S...>, typename Query::same_groups,
                      typename Query::same_orders, Word, &source_of<T>>(q, whole_row{});
  }
  template <query_word Word, class T, bool Missing, class Query, class... S, class On>
  HEWN_INLINE static constexpr auto joined(const Query& q, source_list<S...>, const On& on) {
    if constexpr (!explain_joined<T, Query::flags, S...>()) {
      return q;
    } else if constexpr (Word != word::cross_join && !fixed_truth<On>) {
      return static_cast<void>(explain_on<On>()),
             added_to<sources_after<Word, T, Missing, S...>, typename Query::same_groups,
                      typename Query::same_orders, Word, &source_of<T>>(q, whole_row{});
    } else {
      const auto next = added_to<sources_after<Word, T, Missing, S...>, typename Query::same_groups,
                                 typename Query::same_orders, Word, &source_of<T>>(q, on);
      if constexpr (next.id != Query::id)
        return next;
      else
        return static_cast<void>(explain_joined_expression<On, S..., joined_source<T, false>>() &&
                                 explain_rows<On>()),
               added_to<sources_after<Word, T, Missing, S...>, typename Query::same_groups,
                        typename Query::same_orders, Word, &source_of<T>>(q, whole_row{});
    }
  }

  template <query_word Word, class T, class Query, class... S, class... On>
  static auto joined_if(const Query& q, bool given, source_list<S...> sources, const On&... on) {
    using before = decltype(q.data_);
    return chosen<before::step_count, before::value_count>(joined<Word, T, true>(q, sources, on...),
                                                           given, source_of<T>.id);
  }

  /// The query with or without its last join, which begins at these places.
  template <std::size_t Step, std::size_t Value, class Query>
  static auto chosen(const Query& q, bool given, query_id table) {
    using data = decltype(q.data_);
    const join_place place{Step, data::step_count - Step, Value, data::value_count - Value};
    return joined_query<typename Query::same_sources, typename Query::same_groups,
                        typename Query::same_orders, data, Query::id,
                        Query::flags | dynamic_condition>{
        q.data_, q.limit_, q.offset_,
        given ? q.condition_.with({}) : q.condition_.without(table, place)};
  }

  template <class T, class Query, class... S>
  HEWN_INLINE static constexpr auto correlated(const Query& q, source_list<S...>) {
    if constexpr (!explain_joined<T, Query::flags, S...>())
      return q;
    else if constexpr (explain_reference<T, typename S::source...>())
      return added_to<source_list<S..., outer_source<T>>, typename Query::same_groups,
                      typename Query::same_orders, word::where, nullptr>(
          q, reference_condition<T, typename S::source...>{});
    else
      return q;
  }
  template <class T, class Query, class... S, class On>
  HEWN_INLINE static constexpr auto correlated(const Query& q, source_list<S...>, const On& on) {
    if constexpr (!explain_joined<T, Query::flags, S...>())
      return q;
    else if constexpr (explain_on<On>() &&
                       explain_joined_expression<On, S..., joined_source<T, false>>())
      return added_to<source_list<S..., outer_source<T>>, typename Query::same_groups,
                      typename Query::same_orders, word::where, nullptr>(q, on);
    else
      return q;
  }
  // ---------------------------------------------------------------- result

  template <class Sources, bool Grouped, class E>
  HEWN_INLINE static constexpr auto sorted(const E& e) {
    using key = sorted_by<E>;
    constexpr bool null = is_null_in<key, Grouped, Sources>;
    if constexpr (requires { E::is_descending; })
      return sorted_expression<key, E::is_descending, E::nulls, null>{{}, e.expression};
    else
      return sorted_expression<key, false, null_place::smallest, null>{{}, e};
  }

  template <class R, class Query>
  HEWN_INLINE static constexpr auto nothing(const Query& q) {
    return selected_query<R, decltype(q.data_), false,
                          query_form<Query::id, row_number::any, source_list<>>>();
  }

  /// The query with its result.
  template <class R, class Query, class... E>
  HEWN_INLINE static constexpr auto selected(const Query& q, const E&... e) {
    using groups = typename Query::same_groups;
    constexpr bool one_row =
        std::is_same_v<groups, piece_list<>> && has_aggregates(piece_list<E...>::all);
    constexpr typename Query::same_sources sources;
    if constexpr (have_values(groups::all)) {
      const auto said = group_values_of<groups::all.size()>(q.data_);
      return with_result<R, one_row>(q, sources, said_again<groups>(said, e)...);
    } else {
      return with_result<R, one_row>(q, sources, e...);
    }
  }

  // The limit and offset stand behind everything else.
  template <class R, bool OneRow, class Query, class... S, class... Item>
  HEWN_INLINE static constexpr auto with_result(const Query& q, source_list<S...>,
                                                const Item&... e) {
    constexpr unsigned flags = Query::flags;
    constexpr bool dynamic = (flags & dynamic_condition) != 0;
    constexpr bool limited = (flags & has_limit) != 0, skipping = (flags & has_offset) != 0;
    constexpr const query_step& step = step_of<word::value, nullptr, Item...>;
    constexpr query_id id =
        mix_all(mix(Query::id, step), flags, table_id<record_of_source<typename S::source>>...);
    constexpr row_number rows = limited || skipping ? row_number::limited
                                : OneRow            ? row_number::one
                                                    : row_number::any;
    const auto data =
        with_limits<limited, skipping>(with_step<word::value>(q.data_, e...), q.limit_, q.offset_);
    using form = form_of<id, rows, S...>;
    using data_type = std::remove_const_t<decltype(data)>;
    using result = std::conditional_t<(flags & locks) != 0,
                                      locked_projection<row_of_form<R, form>, data_type, dynamic>,
                                      selected_query<R, data_type, dynamic, form>>;
    return result(q.condition_.close_gaps(data), q.condition_, dynamic ? nullptr : &slot_of_id<id>);
  }

  /// All columns of the tables that it reads itself.
  template <class Query, class... S>
  HEWN_INLINE static constexpr auto rows_of(const Query& q, source_list<S...>) {
    return all_of(q, typename sources_where<false, source_list<>, S...>::type{});
  }
  template <class Query, class... Read>
  HEWN_INLINE static constexpr auto all_of(const Query& q, source_list<Read...>) {
    return q.select(row_of<Read>...);
  }
};

}  // namespace detail
}  // namespace hewn
