// hewn/postgres/binary.hpp - values in PostgreSQL's binary form.
// SPDX-License-Identifier: BSL-1.0
//
// Source: the *send and *recv functions of PostgreSQL's src/backend/utils/adt. Numbers are in
// network order; times count from 2000-01-01.
#pragma once

#include <hewn/schema/types.hpp>

#include <bit>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>

namespace hewn::postgres::detail {

template <class Unsigned>
constexpr Unsigned to_network(Unsigned v) noexcept {
  if constexpr (std::endian::native == std::endian::big) return v;
  if constexpr (sizeof(v) == 2)
    return __builtin_bswap16(v);
  else if constexpr (sizeof(v) == 4)
    return __builtin_bswap32(v);
  else
    return __builtin_bswap64(v);
}

template <class Unsigned>
void store(char* to, Unsigned v) noexcept {
  v = to_network(v);
  std::memcpy(to, &v, sizeof v);
}

template <class Unsigned>
Unsigned load(const char* from) noexcept {
  Unsigned v;
  std::memcpy(&v, from, sizeof v);
  return to_network(v);
}

/// 2000-01-01 in the units of the types.
inline constexpr std::int64_t epoch_days = 10957;
inline constexpr std::int64_t epoch_micros = epoch_days * 86'400 * 1'000'000;

/// The years that every database can hold: 0000 to 9999, in days and microseconds since 1970.
inline constexpr std::int64_t first_day = -719'528;
inline constexpr std::int64_t last_day = 2'932'896;

constexpr bool is_storable(date d) noexcept {
  const std::int64_t day = d.time_since_epoch().count();
  return day >= first_day && day <= last_day;
}

constexpr bool is_storable(timestamp t) noexcept {
  constexpr std::int64_t micros_per_day = std::int64_t{86'400} * 1'000'000;
  const std::int64_t micros = t.time_since_epoch().count();
  return micros >= first_day * micros_per_day && micros < (last_day + 1) * micros_per_day;
}

/// Nothing for infinity and for years that hewn::timestamp is not stored with.
inline std::optional<timestamp> load_timestamp(const char* from) noexcept {
  const auto stored = static_cast<std::int64_t>(load<std::uint64_t>(from));
  if (stored > std::numeric_limits<std::int64_t>::max() - epoch_micros) return std::nullopt;
  const timestamp t(std::chrono::microseconds(stored + epoch_micros));
  if (!is_storable(t)) return std::nullopt;
  return t;
}

inline std::optional<date> load_date(const char* from) noexcept {
  const std::int64_t stored = static_cast<std::int32_t>(load<std::uint32_t>(from));
  const date d(std::chrono::days(static_cast<int>(
      stored > 2'000'000'000 || stored < -2'000'000'000 ? last_day + 1 : stored + epoch_days)));
  if (!is_storable(d)) return std::nullopt;
  return d;
}

}  // namespace hewn::postgres::detail
