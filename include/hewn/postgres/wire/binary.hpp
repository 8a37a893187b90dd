// hewn/postgres/wire/binary.hpp - values in PostgreSQL's binary form.
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
  const date d(std::chrono::days(stored + epoch_days));
  if (!is_storable(d)) return std::nullopt;
  return d;
}

}  // namespace hewn::postgres::detail
