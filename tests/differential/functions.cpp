// tests/differential/functions.cpp - what functions mean.
// SPDX-License-Identifier: BSL-1.0
#include "functions.hpp"

#include <cmath>
#include <cstdint>
#include <string>

namespace differential {

using cells = std::vector<cell>;

cell first_of(const cells& operands) {
  for (const cell& c : operands)
    if (!c.is_null()) return c;
  return {};
}

cell meaning(hewn::detail::nullif_form, const cells& operands) {
  const cell equal = compared(hewn::detail::op::eq, operands[0], operands[1]);
  if (equal.is_failed()) return failed(false);
  return equal.is_true() ? cell() : operands[0];
}

cell meaning(hewn::detail::integer_to_text, const cells& operands) {
  const cell& c = operands[0];
  // SQLite writes the real number that it goes on with.
  if (c.is_failed()) return failed(false);
  return c.is_null() ? c : text(std::to_string(c.number));
}

cell meaning(hewn::detail::label_to_text, const cells& operands) { return operands[0]; }

cell meaning(hewn::detail::truth_to_integer, const cells& operands) {
  const cell& c = operands[0];
  return c.is_null() || c.is_failed() ? c : integer(c.number);
}

cell meaning(hewn::detail::integer_to_truth, const cells& operands) {
  const cell& c = operands[0];
  if (c.is_failed()) return failed(false);
  return c.is_null() ? c : truth(c.number != 0);
}

cell meaning(hewn::detail::real_to_integer, const cells& operands) {
  const cell& c = operands[0];
  if (c.is_failed()) return failed(false);
  if (c.is_null()) return c;
  constexpr double limit = 9223372036854775808.0;
  const double whole = std::trunc(c.real);
  return whole >= -limit && whole < limit ? integer(static_cast<std::int64_t>(whole))
                                          : failed(true);
}

}  // namespace differential
