// tests/differential/number_functions.hpp - the values of functions of numbers, without SQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "functions.hpp"

#include <hewn/query/functions/number.hpp>

#include <vector>

namespace differential {

cell meaning(hewn::detail::absolute_integer, const std::vector<cell>& operands);
cell meaning(hewn::detail::absolute_real, const std::vector<cell>& operands);
cell meaning(hewn::detail::sign_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::round_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::floor_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::ceil_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::mod_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::mod_by_value_form, const std::vector<cell>& operands);

/// The largest or smallest, NULL where one is.
cell extreme_of(const std::vector<cell>& operands, bool greatest);

template <class Held>
struct evaluator<hewn::detail::integer_divisor<Held>>
    : evaluator<hewn::detail::typed_value<std::int64_t, Held>> {};

template <bool Greatest, class F, class... E>
struct evaluator<hewn::detail::extreme<Greatest, F, E...>> {
  static cell value(const hewn::detail::extreme<Greatest, F, E...>& e, const scope& s) {
    std::vector<cell> operands;
    add_operands(e.operands, s, operands);
    for (cell& c : operands) c = as_kind(kind_of<F>(), c);
    return extreme_of(operands, Greatest);
  }
};

}  // namespace differential
