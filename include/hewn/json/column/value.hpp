// hewn/json/column/value.hpp - which types JSON can hold.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/json_value.hpp>

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

// Recursion must end, and SQLite's own JSON functions refuse deeper text: JSON_MAX_DEPTH in its
// json.c, 2000 in older releases.
inline constexpr int max_json_depth = 1000;

template <class V>
inline constexpr bool is_json_list = false;
template <class E, class A>
inline constexpr bool is_json_list<std::vector<E, A>> = true;

template <class V>
inline constexpr bool is_json_array = false;
template <class E, std::size_t N>
inline constexpr bool is_json_array<std::array<E, N>> = true;

template <class V>
inline constexpr bool is_json_map = false;
template <class E, class C, class A>
inline constexpr bool is_json_map<std::map<std::string, E, C, A>> = true;

template <class V>
inline constexpr bool has_json_form = false;

template <class V>
consteval bool has_no_json_form() {
  static_assert(has_json_form<V>,
                "hewn: this type has no JSON form; use a plain struct, a number, text, an "
                "enumeration, std::optional, std::vector, std::array, std::map<std::string, T> or "
                "nlohmann::json, or specialise hewn::codec for it");
  return false;
}

}  // namespace detail
}  // namespace hewn
