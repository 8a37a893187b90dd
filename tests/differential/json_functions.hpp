// tests/differential/json_functions.hpp - what is found in JSON, without SQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "evaluator.hpp"

#include <hewn/query/functions/json.hpp>

#include <string_view>

namespace differential {

/// The value of this kind under a name in an object.
cell found_in(const cell& json, std::string_view name, hewn::detail::json_kind kind);
/// Whether an object has a member of this name.
cell has_member(const cell& json, std::string_view name);
/// How many elements an array has.
cell length_of(const cell& json);
/// Whether an array has the value among its elements.
cell has_element(const cell& json, const cell& wanted);

template <auto Member>
struct evaluator<hewn::detail::json_name<Member>> {
  static cell value(const hewn::detail::json_name<Member>& e, const scope&) { return text(e.name); }
};

template <class Held>
struct evaluator<hewn::detail::json_key<Held>> : evaluator<hewn::detail::bound<Held>> {};

template <hewn::detail::json_kind Kind, class Value, class E, class Key>
struct evaluator<hewn::detail::json_member<Kind, Value, E, Key>> {
  static cell value(const hewn::detail::json_member<Kind, Value, E, Key>& e, const scope& s) {
    return found_in(value_in(e.inner, s), value_in(e.key, s).text, Kind);
  }
};

template <class Member>
struct evaluator<hewn::detail::json_member_test<Member>> {
  static cell value(const hewn::detail::json_member_test<Member>& e, const scope& s) {
    return has_member(value_in(e.inner.inner, s), value_in(e.inner.key, s).text);
  }
};

template <class E>
struct evaluator<hewn::detail::json_array_length<E>> {
  static cell value(const hewn::detail::json_array_length<E>& e, const scope& s) {
    return length_of(value_in(e.inner, s));
  }
};

template <hewn::detail::json_kind Kind, class E, class Held>
struct evaluator<hewn::detail::json_element_test<Kind, E, Held>> {
  static cell value(const hewn::detail::json_element_test<Kind, E, Held>& e, const scope& s) {
    return has_element(value_in(e.inner, s), value_in(e.wanted, s));
  }
};

}  // namespace differential
