// tests/differential/text_functions.hpp - the values of functions of text, without SQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "functions.hpp"

#include <hewn/query/functions/text.hpp>

#include <vector>

namespace differential {

cell meaning(hewn::detail::lower_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::upper_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::length_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::substr_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::substr_to_end_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::trim_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::ltrim_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::rtrim_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::replace_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::replace_by_other_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::starts_with_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::ends_with_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::contains_form, const std::vector<cell>& operands);
cell meaning(hewn::detail::ilike_form, const std::vector<cell>& operands);

/// Texts one behind the other.
cell concatenated(const std::vector<cell>& operands);

template <>
struct evaluator<hewn::detail::text_position> : evaluator<hewn::detail::bound<std::int64_t>> {};

template <class... E>
struct evaluator<hewn::detail::concatenation<E...>> {
  static cell value(const hewn::detail::concatenation<E...>& e, const scope& s) {
    std::vector<cell> operands;
    add_operands(e.operands, s, operands);
    return concatenated(operands);
  }
};

}  // namespace differential
