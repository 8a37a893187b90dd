// tests/differential/functions.hpp - the values of functions, CASE and conversions, without SQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "evaluator.hpp"

#include <hewn/query/functions/conditional.hpp>

#include <concepts>
#include <cstddef>
#include <vector>

namespace differential {

// ---------------------------------------------------------------- what functions mean

cell meaning(hewn::detail::nullif_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::integer_to_text, const std::vector<cell>& operands);
cell meaning(hewn::detail::label_to_text, const std::vector<cell>& operands);
cell meaning(hewn::detail::truth_to_integer, const std::vector<cell>& operands);
cell meaning(hewn::detail::integer_to_truth, const std::vector<cell>& operands);
cell meaning(hewn::detail::real_to_integer, const std::vector<cell>& operands);

template <std::size_t I, class First, class... More>
void add_operands(const hewn::detail::operand_list<I, First, More...>& list, const scope& s,
                  std::vector<cell>& out) {
  out.push_back(value_in(list.first, s));
  if constexpr (sizeof...(More) != 0)
    add_operands(static_cast<const hewn::detail::operand_list<I + 1, More...>&>(list), s, out);
}

template <class Form, class Value, class... E>
struct evaluator<hewn::detail::function_call<Form, Value, E...>> {
  static cell value(const hewn::detail::function_call<Form, Value, E...>& e, const scope& s) {
    std::vector<cell> operands;
    add_operands(e.operands, s, operands);
    return meaning(Form(), operands);
  }
};

// ---------------------------------------------------------------- one of several values

template <class F, class Held>
struct evaluator<hewn::detail::typed_value<F, Held>> {
  static cell value(const hewn::detail::typed_value<F, Held>& e, const scope&) {
    return as_kind(kind_of<F>(), cell_of(e.inner.held));
  }
};

template <class F, class E>
struct evaluator<hewn::detail::converted<F, E>> {
  static cell value(const hewn::detail::converted<F, E>& e, const scope& s) {
    return as_kind(kind_of<F>(), value_in(e.inner, s));
  }
};

/// The first that is not NULL.
cell first_of(const std::vector<cell>& operands);

template <class F, class... E>
struct evaluator<hewn::detail::coalesced<F, E...>> {
  static cell value(const hewn::detail::coalesced<F, E...>& e, const scope& s) {
    std::vector<cell> operands;
    add_operands(e.operands, s, operands);
    return as_kind(kind_of<F>(), first_of(operands));
  }
};

/// Writes the value of the first branch whose condition is true; false: there is none.
template <class Before, class Condition, class Result>
bool find_branch(const hewn::case_branches<Before, Condition, Result>& b, const scope& s,
                 cell& out) {
  if constexpr (!std::same_as<Before, hewn::detail::no_branch>)
    if (find_branch(b.before(), s, out)) return true;
  const cell condition = value_in(b.condition(), s);
  if (condition.is_failed()) return out = failed(false), true;
  if (condition.is_true()) return out = value_in(b.result(), s), true;
  return false;
}

template <class F, class Branches, class Else>
struct evaluator<hewn::detail::case_expression<F, Branches, Else>> {
  static cell value(const hewn::detail::case_expression<F, Branches, Else>& e, const scope& s) {
    cell found;
    if (!find_branch(e.branches, s, found)) {
      if constexpr (!std::same_as<Else, hewn::detail::no_else>)
        found = value_in(e.otherwise.result, s);
    }
    return as_kind(kind_of<F>(), found);
  }
};

}  // namespace differential
