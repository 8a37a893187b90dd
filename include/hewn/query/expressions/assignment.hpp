// hewn/query/expressions/assignment.hpp - what update() sets.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/values/driver_answers.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/hold.hpp>
#include <hewn/query/expressions/hold_time.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/exact_number.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// A value that its column may not hold. One that it does not hold is refused where values are
/// bound, because the column is known there.
template <class Held>
struct checked : bound<Held> {
  value_problem problem;

  constexpr checked(Held h, value_problem found) : bound<Held>(std::move(h)), problem(found) {}

  template <class Binder>
  void bind(Binder& binder) const {
    if (problem != value_problem::none) [[unlikely]]
      binder.refuse(problem);
    else
      bound<Held>::bind(binder);
  }
};

/// Whether `V` is a number that hold() takes for a field of type F, and F does not hold every one.
template <class F, class V>
consteval bool is_wider_number() {
  if constexpr (!std::is_arithmetic_v<F> || !std::is_arithmetic_v<V> || std::same_as<F, bool>)
    return false;
  else
    return !holds_all<F, V> && (!integer_like<F> || integer_like<V>);
}

/// Whether `V` is a time that hold() converts to a field of type F.
template <class F, class V>
consteval bool is_other_time() {
  return time_field<F> && !std::same_as<F, V> && std::is_convertible_v<const V&, F>;
}

/// `V` is an expression for a field of type F.
template <class F, class V>
consteval bool explain_whole_number() {
  if constexpr (requires { typename V::value; }) {
    constexpr bool whole =
        !integer_like<F> || !std::is_floating_point_v<unwrapped<typename V::value>>;
    static_assert(
        whole,
        "hewn: an integer column takes no real number, which the databases would round or "
        "keep as it is; assign an integer, or make the field a double");
    return whole;
  }
  return true;
}

// As operand, but what is stored is a value of the field or refused, where a comparison may have
// any. A point in time may be finer than the column.
template <class F, class V>
constexpr auto assigned(V&& v) {
  using value_type = std::remove_cvref_t<V>;
  using held_type = unwrapped<F>;
  if constexpr (!explain_whole_number<held_type, value_type>()) {
    return bound(std::int64_t{0});
  } else if constexpr (is_finer_time<held_type, value_type>) {
    return assigned<held_type>(floor_time<held_type>(v));
  } else if constexpr (is_wider_number<held_type, value_type>()) {
    using held = decltype(hold<held_type>(held_type{}));
    if (!holds_number<held_type>(v)) return checked<held>(held{}, value_problem::out_of_range);
    return checked<held>(hold<held_type>(static_cast<held_type>(v)), value_problem::none);
  } else if constexpr (is_other_time<held_type, value_type>()) {
    const value_problem problem = time_problem<held_type>(v);
    return checked<held_type>(
        problem == value_problem::none ? convert_time<held_type>(v) : held_type{}, problem);
  } else {
    return operand<F>(std::forward<V>(v));
  }
}

template <class Held>
constexpr auto maybe(std::optional<bound<Held>> given) {
  std::optional<Held> held;
  if (given) held = std::move(given->held);
  return bound(std::move(held));
}
template <class Held>
constexpr auto maybe(std::optional<checked<Held>> given) {
  std::optional<Held> held;
  if (given) held = std::move(given->held);
  return checked<std::optional<Held>>(std::move(held),
                                      given ? given->problem : value_problem::none);
}

/// The same for an optional, which std::optional would convert by itself.
template <class F, class V>
constexpr auto assigned_optional(V&& v) {
  using value_type = unwrapped<std::remove_cvref_t<V>>;
  using held_type = unwrapped<F>;
  constexpr bool converts = std::is_arithmetic_v<held_type> || std::is_arithmetic_v<value_type> ||
                            is_other_time<held_type, value_type>() ||
                            is_finer_time<held_type, value_type>;
  if constexpr (is_ref<held_type>) {
    std::optional<decltype(hold<held_type>(*std::forward<V>(v)))> held;
    if (v) held.emplace(hold<held_type>(*std::forward<V>(v)));
    return bound(std::move(held));
  } else if constexpr (converts && !std::same_as<held_type, value_type>) {
    std::optional<decltype(assigned<held_type>(*v))> given;
    if (v) given.emplace(assigned<held_type>(*v));
    return maybe(std::move(given));
  } else {
    return bound(std::optional<held_type>(std::forward<V>(v)));
  }
}

/// `SET column = value`.
template <auto Member, class Value>
struct assignment {
  using record = member_record<Member>;
  static constexpr std::size_t field = column_index<Member>;
  Value value;
};

/// What stands in the place of one of which all has been said.
struct refused_assignment {};

template <class A>
concept assigns = requires(const A& a) {
  typename A::record;
  A::field;
  a.value;
};

template <class First>
consteval void refuse_key_last() {
  static_assert(sizeof(First) == 0,
                "hewn: update() takes the key of its row first and columns behind it; write "
                "update<T>(key, col<&T::field> = value)");
}

/// What update() is to set, where a verb takes anything.
template <class... Set>
consteval bool explain_assignments() {
  constexpr bool refused = (std::same_as<Set, refused_assignment> || ...);
  constexpr bool compares = ((expression<Set> && !assigns<Set>) || ...);
  static_assert(!compares,
                "hewn: update() sets columns and compares none; write col<&T::field> = value");
  constexpr bool assignments = refused || compares || (assigns<Set> && ...);
  static_assert(assignments,
                "hewn: update() takes col<&T::field> = value after its first argument");
  return !refused && !compares && assignments;
}

}  // namespace hewn::detail
