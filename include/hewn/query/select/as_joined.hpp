// hewn/query/select/as_joined.hpp - a query over one table as one to which others can be joined.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/plan/query_data.hpp>
#include <hewn/query/select/joined_query.hpp>
#include <hewn/query/select/sources.hpp>
#include <hewn/query/select/table_query.hpp>

namespace hewn::detail {

template <class T>
HEWN_INLINE constexpr auto start_query() {
  constexpr const query_step& step = step_of<query_word::from, &source_of<T>, whole_row>;
  using data = query_data<1, 0, 0>;
  return joined_query<source_list<joined_source<T, false>>, piece_list<>, piece_list<>, data,
                      mix(query_id(), step), no_flag>{{{}, {}, {{&step}}}, 0, 0, {}};
}

template <class Query>
HEWN_INLINE constexpr auto filtered_query(const Query& query) {
  if constexpr (Query::has_condition)
    return start_query<typename Query::record_type>().where(query.condition());
  else
    return start_query<typename Query::record_type>();
}

template <class Joined, class... Orders>
HEWN_INLINE constexpr auto sorted_query(const Joined& joined, order_list<Orders...>) {
  if constexpr (sizeof...(Orders) == 0)
    return joined;
  else
    return joined.order_by(Orders{}...);
}

template <class Query, class Joined>
HEWN_INLINE constexpr auto ordered_query(const Query& query, const Joined& joined) {
  if constexpr (Query::has_chosen_order)
    return joined.order_by(sort_order<typename Query::record_type>(query.order().terms));
  else
    return sorted_query(joined, typename Query::orders{});
}

template <class Query, class Joined>
HEWN_INLINE constexpr auto limited_query(const Query& query, const Joined& joined) {
  if constexpr (Query::has_limit && Query::has_offset)
    return joined.limit(query.row_limit()).offset(query.row_offset());
  else if constexpr (Query::has_limit)
    return joined.limit(query.row_limit());
  else if constexpr (Query::has_offset)
    return joined.offset(query.row_offset());
  else
    return joined;
}

template <class Query, class Joined>
HEWN_INLINE constexpr auto shown_query(const Joined& joined) {
  if constexpr (Query::shows_removed)
    return joined.with_removed();
  else
    return joined;
}

template <class Query>
HEWN_INLINE constexpr auto as_joined(const Query& query) {
  return limited_query(query, ordered_query(query, shown_query<Query>(filtered_query(query))));
}

}  // namespace hewn::detail
