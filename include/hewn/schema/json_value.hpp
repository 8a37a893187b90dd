// hewn/schema/json_value.hpp - the wrapper that marks a field as JSON.
// SPDX-License-Identifier: BSL-1.0
//
// With every table, so that a program without <hewn/json.hpp> is told to include it.
#pragma once

#include <utility>

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

template <class V>
inline constexpr bool is_json = false;
template <class T>
inline constexpr bool is_json<json<T>> = true;

}  // namespace detail
}  // namespace hewn
