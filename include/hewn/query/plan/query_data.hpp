// hewn/query/plan/query_data.hpp - the steps and values of a query while it is written.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/held_value.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/plan/query_plan.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hewn::detail {

template <std::size_t Count>
struct value_array {
  held_value values[Count];
};
template <>
struct value_array<0> {
  static constexpr held_value* values = nullptr;
};

template <std::size_t Count>
struct text_array {
  std::string texts[Count];
};
template <>
struct text_array<0> {
  static constexpr std::string* texts = nullptr;
};

template <std::size_t Count>
struct step_array {
  const query_step* steps[Count];
};
template <>
struct step_array<0> {
  static constexpr const query_step* const* steps = nullptr;
};

/// The steps and values of a query while it is written. Behind a step come those of the queries
/// that stand in it.
template <std::size_t Steps, std::size_t Values, std::size_t Texts>
struct query_data : value_array<Values>, text_array<Texts>, step_array<Steps> {
  static constexpr std::size_t step_count = Steps;
  static constexpr std::size_t value_count = Values;
  static constexpr std::size_t text_count = Texts;

  /// The same with one step more, and room for what it has.
  template <std::size_t InnerSteps, std::size_t MoreValues, std::size_t MoreTexts>
  constexpr query_data<Steps + 1 + InnerSteps, Values + MoreValues, Texts + MoreTexts> with(
      const query_step& step) const {
    query_data<Steps + 1 + InnerSteps, Values + MoreValues, Texts + MoreTexts> next;
    if constexpr (Steps != 0)
      for (std::size_t i = 0; i != Steps; ++i) next.steps[i] = this->steps[i];
    if constexpr (Values != 0)
      for (std::size_t i = 0; i != Values; ++i) next.values[i] = this->values[i];
    if constexpr (Texts != 0)
      for (std::size_t i = 0; i != Texts; ++i) next.texts[i] = this->texts[i];
    next.steps[Steps] = &step;
    return next;
  }

  /// Takes the values of the last step, which came behind those of `Before`.
  template <class Before>
  constexpr value_taker taker_behind() {
    return {this->values + Before::value_count, this->texts, this->steps + Before::step_count + 1,
            static_cast<std::uint16_t>(Before::text_count)};
  }

  constexpr query_plan plan(const condition_parts* condition,
                            const std::vector<sort_term>* order = nullptr) const {
    return {{this->steps, Steps}, {this->values, Values}, this->texts, condition, order};
  }
};

/// What `Data` is after a step of this size.
template <class Data, step_size Size>
using data_after = query_data<Data::step_count + 1 + Size.inner_steps,
                              Data::value_count + Size.values, Data::text_count + Size.texts>;

/// The query with one step more, and the values of its expressions.
template <query_word Word, const source_ref* Source = nullptr, class Data, class... E>
HEWN_INLINE constexpr auto with_step(const Data& before, const E&... e) {
  constexpr const query_step& step = step_of<Word, Source, E...>;
  constexpr step_size size = size_of_step(step);
  auto data = before.template with<size.inner_steps, size.values, size.texts>(step);
  if constexpr (has_values(size) || (E::checks_values || ...)) {
    value_taker taker = data.template taker_behind<Data>();
    (e.bind(taker), ...);
  }
  return data;
}

/// The number of limit() or offset().
struct row_count : bound<std::int64_t> {
  using bound::bound;

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    binder.count(held);
  }
};

template <bool Limited, bool Skipping, class Data>
HEWN_INLINE constexpr auto with_limits(const Data& data, [[maybe_unused]] std::int64_t limit,
                                       [[maybe_unused]] std::int64_t offset) {
  if constexpr (Limited)
    return with_limits<false, Skipping>(with_step<query_word::limit>(data, row_count(limit)), 0,
                                        offset);
  else if constexpr (Skipping)
    return with_step<query_word::offset>(data, row_count(offset));
  else
    return data;
}

}  // namespace hewn::detail
