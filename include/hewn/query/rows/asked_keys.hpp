// hewn/query/rows/asked_keys.hpp - which keys a row asks for, and how they are taken back.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_of.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace hewn::detail {

/// Which parts of a key a row asks for, a bit each: one that the database makes, UUIDs that are
/// nil.
using asked_keys = std::uint8_t;

/// Whether rows can ask for a key.
template <class T>
inline constexpr bool asks_for_keys = table_of<T>.assigned_key || has_uuid_key<T>();

template <class T, std::size_t... K>
asked_keys nil_keys(const T& row, std::index_sequence<K...>) {
  unsigned nil = 0;
  const auto look = [&nil]<class F>(const F& part, unsigned bit) {
    if constexpr (is_uuid<F>)
      if (part == F{}) nil |= bit;
  };
  (look(get_column<key_of_table<T>[K]>(row), 1u << K), ...);
  return static_cast<asked_keys>(nil);
}

template <class T, std::size_t... K>
void make_nil(T& row, asked_keys keys, std::index_sequence<K...>) {
  const auto clear = [keys]<class F>(F& part, unsigned bit) {
    if constexpr (is_uuid<F>)
      if ((keys & bit) != 0) part = F{};
  };
  (clear(get_column<key_of_table<T>[K]>(row), 1u << K), ...);
}

// Parts behind the eighth keep what was made for them.
template <class T>
using key_parts_to_ask_for =
    std::make_index_sequence<std::min<std::size_t>(table_of<T>.key.size(), 8)>;

/// For tables whose rows can ask for a key.
template <class T>
HEWN_INLINE auto keys_asked_for(const T& row) {
  if constexpr (table_of<T>.assigned_key)
    return get_column<key_of_table<T>[0]>(row) == 0;
  else
    return nil_keys(row, key_parts_to_ask_for<T>{});
}

/// Of a row that is not stored after all.
template <class T>
HEWN_COLD void take_keys_back(T& row, asked_keys keys) {
  if constexpr (table_of<T>.assigned_key) {
    if (keys != 0) get_column<key_of_table<T>[0]>(row) = 0;
  } else {
    make_nil(row, keys, key_parts_to_ask_for<T>{});
  }
}

}  // namespace hewn::detail
