// hewn/schema/types.hpp - the value types that every database can hold.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace hewn {

/// A point in time. Units: microseconds since 1970-01-01 00:00:00 UTC, leap seconds ignored.
/// Range when stored: years 0000 to 9999, because SQLite's date functions know no others.
using timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// A calendar day. Units: days since 1970-01-01. Range when stored: years 0000 to 9999.
using date = std::chrono::sys_days;

/// Whether the day is one that every database can hold: in the years 0000 to 9999.
constexpr bool is_storable(date d) noexcept {
  const std::int64_t day = d.time_since_epoch().count();
  return day >= -719'528 && day <= 2'932'896;
}

constexpr bool is_storable(timestamp t) noexcept {
  constexpr std::int64_t micros_per_day = std::int64_t{86'400} * 1'000'000;
  const std::int64_t micros = t.time_since_epoch().count();
  return micros >= -719'528 * micros_per_day && micros < 2'932'897 * micros_per_day;
}

/// A binary value that owns its bytes.
using bytes = std::vector<std::byte>;

/// A binary value that somebody else owns.
using bytes_view = std::span<const std::byte>;

/// The sixteen bytes of a UUID in network order (RFC 9562), without a dependency on a UUID library.
struct uuid_bytes {
  std::array<unsigned char, 16> data{};

  bool operator==(const uuid_bytes&) const = default;
};

/// What a column holds, independent of how a database calls it. A list: see array_of.
enum class column_type : std::uint8_t {
  boolean,
  int16,
  int32,
  int64,
  real,
  text,
  blob,
  instant,  // a hewn::timestamp; its own name because -Wshadow sees the alias
  day,      // a hewn::date
  uuid,
  json_text
};

namespace detail {

inline constexpr std::uint8_t array_flag = 0x80;

}  // namespace detail

/// The type of a column that holds a list of values of type `element`, which is none itself.
constexpr column_type array_of(column_type element) noexcept {
  return static_cast<column_type>(static_cast<std::uint8_t>(element) | detail::array_flag);
}

constexpr bool is_array(column_type t) noexcept {
  return (static_cast<std::uint8_t>(t) & detail::array_flag) != 0;
}

/// What the values in a list of type `t` are; `t` itself when it is no list.
constexpr column_type element_of(column_type t) noexcept {
  return static_cast<column_type>(static_cast<std::uint8_t>(t) & ~detail::array_flag);
}

}  // namespace hewn
