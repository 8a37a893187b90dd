// tests/differential/number_functions.cpp - what functions of numbers mean.
// SPDX-License-Identifier: BSL-1.0
#include "number_functions.hpp"

#include <cmath>
#include <cstdint>

namespace differential {

using cells = std::vector<cell>;

cell meaning(hewn::detail::absolute_integer, const cells& o) {
  if (o[0].is_null() || o[0].is_failed() || o[0].number >= 0) return o[0];
  return opposite(o[0]);
}

cell meaning(hewn::detail::absolute_real, const cells& o) {
  return o[0].is_null() || o[0].is_failed() ? o[0] : real(std::abs(o[0].real));
}

cell meaning(hewn::detail::sign_form, const cells& o) {
  if (o[0].is_failed()) return failed(false);
  if (o[0].is_null()) return {};
  return integer(order_of(o[0], integer(0)));
}

cell meaning(hewn::detail::round_form, const cells& o) {
  return o[0].is_null() || o[0].is_failed() ? o[0] : real(std::round(o[0].real));
}

cell meaning(hewn::detail::floor_form, const cells& o) {
  return o[0].is_null() || o[0].is_failed() ? o[0] : real(std::floor(o[0].real));
}

cell meaning(hewn::detail::ceil_form, const cells& o) {
  return o[0].is_null() || o[0].is_failed() ? o[0] : real(std::ceil(o[0].real));
}

cell meaning(hewn::detail::mod_form, const cells& o) {
  // SQLite makes an integer of the real number that it goes on with.
  if (o[0].is_failed() || o[1].is_failed()) return failed(false);
  if (o[0].is_null() || o[1].is_null() || o[1].number == 0) return {};
  return integer(o[1].number == -1 ? 0 : o[0].number % o[1].number);
}

cell meaning(hewn::detail::mod_by_value_form, const cells& o) {
  return meaning(hewn::detail::mod_form(), o);
}

cell extreme_of(const cells& operands, bool greatest) {
  for (const cell& c : operands)
    if (c.is_failed()) return failed(false);
  cell found = operands[0];
  for (const cell& c : operands) {
    if (c.is_null()) return {};
    const int order = order_of(c, found);
    if (greatest ? order > 0 : order < 0) found = c;
  }
  return found;
}

}  // namespace differential
