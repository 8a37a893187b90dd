// hewn/query/select/chosen_parts.hpp - the parts of a query that are chosen at run time.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/expressions/held_value.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/pieces/sort_term.hpp>
#include <hewn/query/plan/query_plan.hpp>

#include <cstddef>
#include <vector>

namespace hewn::detail {

/// Where the step of a join stands among those of its query, with the steps of the queries in it,
/// and where its values do.
struct join_place {
  std::size_t step, steps;
  std::size_t value, values;
};

/// The joins that join_if() has left out.
struct left_out_joins {
  std::vector<query_id> tables;
  std::vector<join_place> places;  // in their order
  std::size_t steps = 0;           // that they have in all
  std::size_t values = 0;

  HEWN_RARE HEWN_API void add(query_id table, const join_place& place);

  /// Closes the gaps that they leave among these.
  HEWN_RARE HEWN_API void close(const query_step** all_steps, std::size_t step_count,
                                held_value* all_values, std::size_t value_count) const;
};

/// What of a query is chosen at run time: conditions, an order, and which joins there are.
template <bool Dynamic>
struct chosen_parts;
template <>
struct chosen_parts<true> {
  condition_parts all{};
  std::vector<sort_term> order{};
  bool ordered = false;
  left_out_joins left_out{};

  const std::vector<sort_term>* terms() const { return ordered ? &order : nullptr; }
  chosen_parts sorted_by(const std::vector<sort_term>& more) const {
    chosen_parts both = *this;
    both.ordered = true;
    both.order.insert(both.order.end(), more.begin(), more.end());
    return both;
  }
  chosen_parts with(const condition_parts& more) const {
    chosen_parts both = *this;
    join(both.all, " AND ", more);
    return both;
  }
  chosen_parts without(query_id table, const join_place& place) const {
    chosen_parts both = *this;
    both.left_out.add(table, place);
    return both;
  }

  /// The steps and values without the joins that are left out, of which there is room for all.
  template <class Data>
  Data close_gaps(Data data) const {
    left_out.close(data.steps, Data::step_count, data.values, Data::value_count);
    return data;
  }

  template <class Data>
  query_plan plan_of(const Data& data) const {
    query_plan plan = data.plan(&all, terms());
    plan.steps = plan.steps.first(plan.steps.size() - left_out.steps);
    plan.values = plan.values.first(plan.values.size() - left_out.values);
    plan.absent = left_out.tables;
    return plan;
  }
};
template <>
struct chosen_parts<false> {
  static constexpr const std::vector<sort_term>* terms() { return nullptr; }
  static chosen_parts<true> sorted_by(const std::vector<sort_term>& more) {
    return {{}, more, true};
  }
  static chosen_parts<true> with(const condition_parts& more) { return {more}; }
  static chosen_parts<true> without(query_id table, const join_place& place) {
    return chosen_parts<true>().without(table, place);
  }

  template <class Data>
  static constexpr const Data& close_gaps(const Data& data) {
    return data;
  }
  template <class Data>
  static constexpr query_plan plan_of(const Data& data) {
    return data.plan(nullptr);
  }
};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <algorithm>

namespace hewn::detail {

HEWN_API void left_out_joins::add(query_id table, const join_place& place) {
  tables.push_back(table);
  places.push_back(place);
  steps += place.steps;
  values += place.values;
}

HEWN_API void left_out_joins::close(const query_step** all_steps, std::size_t step_count,
                                    held_value* all_values, std::size_t value_count) const {
  // From the last on, so that the places before it stay where they are.
  for (std::size_t i = places.size(); i-- != 0;) {
    const join_place& p = places[i];
    std::copy(all_steps + p.step + p.steps, all_steps + step_count, all_steps + p.step);
    if (p.values != 0)
      std::copy(all_values + p.value + p.values, all_values + value_count, all_values + p.value);
  }
}

}  // namespace hewn::detail

#endif
