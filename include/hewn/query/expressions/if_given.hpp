// hewn/query/expressions/if_given.hpp - comparisons that are left out where no value is given.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/expressions/expression.hpp>

#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// A condition that may be left out, made of `E`, which say whose columns it names. A
/// hewn::condition takes it.
template <class... E>
class optional_condition : public expression_base {
 public:
  static constexpr bool is_dynamic = true;
  static constexpr bool is_condition = true;

  optional_condition() = default;
  explicit optional_condition(condition_parts parts) : parts_(std::move(parts)) {}

  const condition_parts& parts() const noexcept { return parts_; }

  template <class... Visible>
  static consteval bool within() {
    return (is_within<E, Visible...>() && ...);
  }

 private:
  condition_parts parts_;
};

struct no_expression {};

template <class E>
condition_parts parts_of_condition(const E& e) {
  condition_parts parts;
  if constexpr (explain_rows<E>()) {
    parts.add(pieces_of<E>);
    e.bind(parts);
  }
  return parts;
}
template <class... E>
condition_parts parts_of_condition(const optional_condition<E...>& e) {
  return e.parts();
}

template <class... E, class L, class R>
optional_condition<E...> join_optional(const L& l, std::string_view between, const R& r) {
  condition_parts all = parts_of_condition(l);
  join(all, between, parts_of_condition(r));
  return optional_condition<E...>(std::move(all));
}

template <class... L, class... R>
auto operator&&(const optional_condition<L...>& l, const optional_condition<R...>& r) {
  return join_optional<L..., R...>(l, " AND ", r);
}
template <class... L, static_expression R>
auto operator&&(const optional_condition<L...>& l, const R& r) {
  return join_optional<L..., R>(l, " AND ", r);
}
template <static_expression L, class... R>
auto operator&&(const L& l, const optional_condition<R...>& r) {
  return join_optional<L, R...>(l, " AND ", r);
}
template <class... L, class... Tables>
auto operator&&(const optional_condition<L...>& l, const condition<Tables...>& r) {
  return condition<Tables...>(l) && r;
}

template <class... L, class... R>
auto operator||(const optional_condition<L...>& l, const optional_condition<R...>& r) {
  return join_optional<L..., R...>(l, " OR ", r);
}
template <class... L, static_expression R>
auto operator||(const optional_condition<L...>& l, const R& r) {
  return join_optional<L..., R>(l, " OR ", r);
}
template <static_expression L, class... R>
auto operator||(const L& l, const optional_condition<R...>& r) {
  return join_optional<L, R...>(l, " OR ", r);
}
template <class... L, class... Tables>
auto operator||(const optional_condition<L...>& l, const condition<Tables...>& r) {
  return condition<Tables...>(l) || r;
}

/// What is left out stays so: there is nothing to negate.
template <class... E>
auto operator!(const optional_condition<E...>& e) {
  condition_parts parts = e.parts();
  if (!parts.empty()) negate(parts);
  return optional_condition<E...>(std::move(parts));
}

/// A value that may be missing, referred to.
template <class V>
struct given_value {
  static constexpr bool may_be_missing = true;

  const V* value;  // nullptr: missing

  /// The condition that `compare` makes of the value, with values of its own; an empty one where
  /// the value is missing.
  template <class Compare>
  auto when_given(const Compare& compare) const {
    using made = std::remove_cvref_t<decltype(compare(*value))>;
    return value != nullptr ? optional_condition<made>(parts_of_condition(compare(*value)))
                            : optional_condition<made>();
  }
};

// Text is given as a view of what the optional holds: a lambda's own copy would end before the
// condition that it returns.
template <class V, class Make>
decltype(auto) call_with_value(const Make& make, const V& value) {
  if constexpr (std::is_class_v<V> && std::is_convertible_v<const V&, std::string_view>) {
    constexpr bool takes_view = std::is_invocable_v<const Make&, std::string_view>;
    static_assert(takes_view,
                  "hewn: where_if() gives a text as std::string_view, so that the condition does "
                  "not outlive it; take it as that, or as auto");
    if constexpr (takes_view)
      return make(std::string_view(value));
    else
      return no_expression{};
  } else {
    return make(value);
  }
}

/// What the function makes of the value, or no_expression.
template <class V, class Make>
using made_condition = std::remove_cvref_t<decltype(call_with_value(std::declval<const Make&>(),
                                                                    std::declval<const V&>()))>;

template <class... Tables, class V, class Make>
condition<Tables...> condition_if(const std::optional<V>& value, const Make& make) {
  return value ? condition<Tables...>(call_with_value(make, *value)) : condition<Tables...>();
}

}  // namespace detail

/// For filters: a comparison with what an optional holds, which is left out of the query where it
/// holds nothing.
///
///     hewn::from<agent>.where(col<&agent::name> == hewn::if_given(filter.name) &&
///                             col<&agent::created> >= hewn::if_given(filter.since))
///
/// With ==, !=, <, <=, >, >=, like(), not_like(), between(), in() and not_in(), of tables and of
/// joined queries. `col<&T::f> == optional` without it keeps its meaning: an empty optional equals
/// NULL. The condition owns its values. Cost: such a query is found by its text.
template <class V>
auto if_given(const std::optional<V>& value HEWN_LIFETIMEBOUND) {
  return detail::given_value<V>{value ? &*value : nullptr};
}

}  // namespace hewn
