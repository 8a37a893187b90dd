// hewn/query/type_erasure/row_type.hpp - what the verbs that write ask of a struct, as plain data.
// SPDX-License-Identifier: BSL-1.0
//
// A verb is an ordinary function of the driver, compiled once; what it does to the fields of a row
// it does by one of these functions, of which each runs over all fields. A pointer to a function
// for each field would cost less code, and a call for each field of each row.
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/rows/asked_keys.hpp>
#include <hewn/query/rows/kept_rows.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/row_limits.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/removal_text.hpp>
#include <hewn/query/type_erasure/row_version.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// Whether the database is to choose the key.
template <class T>
bool has_no_key(const T& value) {
  return get_column<key_of_table<T>[0]>(value) == 0;
}

template <class T, std::size_t... K>
bool have_one_key(const T& a, const T& b, std::index_sequence<K...>) {
  const auto same = []<class F>(const F& one, const F& other) {
    if constexpr (requires { static_cast<bool>(one == other); }) return one == other;
    return true;
  };
  return (same(get_column<key_of_table<T>[K]>(a), get_column<key_of_table<T>[K]>(b)) && ...);
}

/// The functions of a struct. A pointer is null where there is nothing to do.
template <class Driver>
struct row_type {
  const table_info* table;
  void (*bind)(typename Driver::statement& statement, const void* row, row_write kind);
  row_read<Driver> read;
  /// Whether the row asks for a key, which it then gets where there is one to tell.
  bool (*lacks_key)(void* row, const std::int64_t* told);
  bool starts_with_key;  // the row lacks a key where an std::int64_t at its start is 0
  /// Returns which UUID keys the row asked for.
  asked_keys (*stamp)(void* row, row_stamp stamp);
  void (*take_keys_back)(void* row, asked_keys keys);
  void (*check_limits)(const void* row, const call_site& site);
  /// Calls `write(context, copy)`. The copy takes the place of the row when that has returned.
  void (*on_copy)(void* row, void (*write)(void* context, void* copy), void* context);
  /// Of rows that view what they do not own, and so cannot be read back: whether the row that was
  /// returned has the key of the row that was sent.
  bool (*returns_key)(const lease<Driver>& row, const void* sent);
  removal_binder<Driver> bind_removal;
  const row_version<Driver>* version;
};

template <class Key>
bool replace_no_key(Key& key, const std::int64_t* told) {
  if (key != 0) return false;
  if (told != nullptr) key = static_cast<Key>(*told);
  return true;
}

template <class T>
bool lacks_key(void* row, const std::int64_t* told) {
  return replace_no_key(get_column<key_of_table<T>[0]>(*static_cast<T*>(row)), told);
}

/// The same where the key stands first: one function for most structs.
template <class Key>
bool lacks_first_key(void* row, const std::int64_t* told) {
  return replace_no_key(*static_cast<Key*>(row), told);
}

template <class T>
consteval auto key_finder() {
  constexpr std::size_t key = key_of_table<T>[0];
  if constexpr (key == 0 && std::is_standard_layout_v<T>)
    return &lacks_first_key<column_field<T, key>>;
  else
    return &lacks_key<T>;
}

template <class T>
asked_keys stamp_row(void* row, row_stamp stamp) {
  T& value = *static_cast<T*>(row);
  asked_keys asked = 0;
  if constexpr (has_uuid_key<T>())
    if (stamp.inserting) asked = keys_asked_for(value);
  stamp.apply(value);
  return asked;
}

template <class T>
HEWN_COLD void take_row_keys_back(void* row, asked_keys keys) {
  take_keys_back(*static_cast<T*>(row), keys);
}

template <class T>
void check_row_limits(const void* row, const call_site& site) {
  check_limits(*static_cast<const T*>(row), site);
}

template <class T>
HEWN_COLD void write_copy(void* row, void (*write)(void* context, void* copy), void* context) {
  T copy = *static_cast<const T*>(row);
  write(context, &copy);
  *static_cast<T*>(row) = std::move(copy);
}

template <class T, class Driver>
HEWN_COLD bool returns_key(const lease<Driver>& row, const void* sent) {
  const T& known = *static_cast<const T*>(sent);
  T returned = known;
  read_row(row, returned);
  return have_one_key(returned, known, std::make_index_sequence<table_of<T>.key.size()>());
}

template <class T, class Driver>
consteval row_type<Driver> make_row_type() {
  row_type<Driver> type{.table = &table_of<T>,
                        .bind = &bind_values<T, typename Driver::statement>,
                        .read = completer_of<T, Driver>(),
                        .lacks_key = nullptr,
                        .starts_with_key = false,
                        .stamp = nullptr,
                        .take_keys_back = nullptr,
                        .check_limits = nullptr,
                        .on_copy = nullptr,
                        .returns_key = nullptr,
                        .bind_removal = removal_binder_of<T, Driver>(),
                        .version = nullptr};
  if constexpr (table_of<T>.assigned_key) {
    type.lacks_key = key_finder<T>();
    type.starts_with_key = key_of_table<T>[0] == 0 && std::is_standard_layout_v<T> &&
                           std::is_same_v<column_field<T, key_of_table<T>[0]>, std::int64_t>;
  }
  if constexpr (row_stamp::needs_stamp<T>()) type.stamp = &stamp_row<T>;
  if constexpr (has_uuid_key<T>()) type.take_keys_back = &take_row_keys_back<T>;
  if constexpr (is_checked<T>) type.check_limits = &check_row_limits<T>;
  if constexpr (is_guardable<T>) {
    type.on_copy = &write_copy<T>;
    if constexpr (!owns_values<T>) type.returns_key = &returns_key<T, Driver>;
  }
  if constexpr (table_of<T>.has_version) type.version = &row_version_of<T, Driver>;
  return type;
}

template <class T, class Driver>
inline constexpr row_type<Driver> row_type_of = make_row_type<T, Driver>();

}  // namespace hewn::detail
