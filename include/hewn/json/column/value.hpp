// hewn/json/column/value.hpp - the wrapper that marks a field as JSON.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hewn {

/// A column that holds a `T` as JSON: a plain struct, a number, text, an enumeration, a time, a
/// type with a codec, and std::optional, std::vector, std::array and std::map<std::string, ...> of
/// them; or nlohmann::json for content of any form.
///
/// A member that the JSON lacks keeps the default of its field. A member that has no field is
/// ignored, hence lost when the value is written back: nlohmann::json keeps everything. JSON that
/// does not fit `T` is invalid_data, never a default; so is what `T` could not write back as it is:
/// a number with more digits than a double (or float) keeps, a member that is there twice. NaN,
/// infinity and text that is not UTF-8 have no JSON, so they are refused when written.
template <class T>
struct json {
  T value{};

  json() = default;
  json(T content) : value(std::move(content)) {}

  T& operator*() noexcept { return value; }
  const T& operator*() const noexcept { return value; }
  T* operator->() noexcept { return &value; }
  const T* operator->() const noexcept { return &value; }

  /// There is one where `T` has one.
  friend bool operator==(const json&, const json&) = default;
};

namespace detail {

// Recursion must end, and SQLite's own JSON functions refuse deeper text: JSON_MAX_DEPTH in its
// json.c, 2000 in older releases.
inline constexpr int max_json_depth = 1000;

template <class V>
inline constexpr bool is_json = false;
template <class T>
inline constexpr bool is_json<json<T>> = true;

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
