// hewn/query/expressions/assignment.hpp - what update() sets.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/hold_time.hpp>
#include <hewn/reflect/member.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace hewn::detail {

// See operand; where the value is to be stored, a point in time may be finer than the column.
template <class F, class V>
constexpr auto assigned(V&& v) {
  using value_type = std::remove_cvref_t<V>;
  if constexpr (is_finer_time<unwrapped<F>, value_type>)
    return operand<F>(floor_time<unwrapped<F>>(v));
  else
    return operand<F>(std::forward<V>(v));
}

/// `SET column = value`.
template <auto Member, class Value>
struct assignment {
  using record = member_record<Member>;
  static constexpr std::size_t field = member_index<Member>;
  Value value;
};

template <class A>
concept assigns = requires(const A& a) {
  typename A::record;
  A::field;
  a.value;
};

/// What update() is to set, where a verb takes anything.
template <class... Set>
consteval bool explain_assignments() {
  constexpr bool compares = ((expression<Set> && !assigns<Set>) || ...);
  static_assert(!compares,
                "hewn: update() sets columns and compares none; write col<&T::field> = value");
  constexpr bool assignments = compares || (assigns<Set> && ...);
  static_assert(assignments,
                "hewn: update() takes col<&T::field> = value after its first argument");
  return !compares && assignments;
}

}  // namespace hewn::detail
