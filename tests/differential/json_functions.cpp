// tests/differential/json_functions.cpp - how the reference looks into JSON.
// SPDX-License-Identifier: BSL-1.0
#include "json_functions.hpp"

#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <optional>

namespace differential {

using hewn::detail::json_kind;
using form = json_tree::kind;

namespace {

// SQLite takes what is written with a fraction or an exponent for a double, which no integer beyond
// 2^53 is for sure.
bool may_be_rounded(std::string_view number, std::int64_t value) {
  constexpr std::int64_t limit = std::int64_t{1} << 53;
  return !is_all_digits(number) && (value > limit || value < -limit);
}

cell integer_in(std::string_view number) {
  const std::optional<std::int64_t> value = integer_of(number);
  if (!value) return {};
  return may_be_rounded(number, *value) ? failed(false) : integer(*value);
}

cell real_in(const std::string& number) {
  const double value = std::strtod(number.c_str(), nullptr);
  return std::isfinite(value) ? real(value) : cell();
}

cell container_in(const json_tree& tree, form wanted) {
  return tree.what == wanted ? json(tree) : cell();
}

}  // namespace

cell found_in(const cell& inner, std::string_view name, json_kind kind) {
  if (inner.is_null()) return {};
  const json_tree* const found = inner.tree->member(name);
  if (found == nullptr) return {};
  switch (kind) {
    case json_kind::text:
      return found->what == form::text ? text(found->text) : cell();
    case json_kind::integer:
      return found->what == form::number ? integer_in(found->text) : cell();
    case json_kind::real:
      return found->what == form::number ? real_in(found->text) : cell();
    case json_kind::truth:
      return found->what == form::truth ? truth(found->is_true) : cell();
    case json_kind::array:
      return container_in(*found, form::array);
    default:
      return container_in(*found, form::object);
  }
}

cell has_member(const cell& inner, std::string_view name) {
  return truth(!inner.is_null() && inner.tree->member(name) != nullptr);
}

cell length_of(const cell& inner) {
  if (inner.is_null() || inner.tree->what != form::array) return {};
  return integer(static_cast<std::int64_t>(inner.tree->elements.size()));
}

cell has_element(const cell& inner, const cell& wanted) {
  if (inner.is_null()) return {};
  if (inner.tree->what != form::array) return truth(false);
  bool rounded = false;
  for (const json_tree& element : inner.tree->elements) {
    if (wanted.what == kind::text && element.what == form::text && element.text == wanted.text)
      return truth(true);
    if (wanted.what == kind::truth && element.what == form::truth &&
        element.is_true == wanted.is_true())
      return truth(true);
    if (wanted.what != kind::integer || element.what != form::number) continue;
    const std::optional<std::int64_t> value = integer_of(element.text);
    if (value && may_be_rounded(element.text, *value))
      rounded = true;
    else if (value == wanted.number)
      return truth(true);
  }
  return rounded ? failed(false) : truth(false);
}

}  // namespace differential
