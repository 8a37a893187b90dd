// hewn/query/verbs/many_keys.hpp - the statement that reads the rows of many keys.
// SPDX-License-Identifier: BSL-1.0
//
// The keys go as one parameter a column where the database has arrays, and as one of JSON on
// SQLite. What neither can hold (bytes and real numbers in JSON, types that have no array) goes
// value by value.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/dialect/write/many_keys_select.hpp>
#include <hewn/query/expressions/hold.hpp>
#include <hewn/query/expressions/in_list.hpp>
#include <hewn/query/pieces/value_binder.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/key_argument.hpp>
#include <hewn/query/rows/ref_key.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Calls `part(i, value)` for the values of one key, in the form in which they are bound. Lifetime:
/// that of a value ends with the call.
template <class T, class Key, class Part>
void visit_key(const Key& key, Part part) {
  using whole = key_of<T>;
  constexpr bool composite = table_of<T>.key.size() != 1;
  if constexpr (ref_to_row<Key, T>) {
    if constexpr (explain_ref_of<T, Key>()) part(0, key.key());
  } else if constexpr (loose_key<Key, whole>) {
    const auto& held = hold_key<whole>(key);
    const whole& values = value_of_key(held);
    if constexpr (composite)
      std::apply([&, i = 0](const auto&... value) mutable { (part(i++, value), ...); }, values);
    else
      part(0, values);
  } else if constexpr (!composite && !is_optional<whole>) {
    part(0, hold<whole>(key));
  } else {
    constexpr bool fits = !composite && std::is_convertible_v<const Key&, whole>;
    static_assert(fits,
                  "hewn: get_many() takes keys as get() does; for a key of several columns give it "
                  "hewn::key_of<T> values");
    if constexpr (fits) part(0, whole(key));
  }
}

/// Whether a row can have this key.
template <class T, class Key>
bool may_be_key(const Key& key) {
  if constexpr (loose_key<Key, key_of<T>>)
    return key_exists(hold_key<key_of<T>>(key));
  else
    return true;
}

// An array of arrays has no array of its own, in JSON or elsewhere.
template <class T>
inline constexpr bool holds_array_key = [] {
  for (const std::uint8_t k : table_of<T>.key)
    if (is_array(table_of<T>.columns[k].type)) return true;
  return false;
}();

// Keys as JSON, as far as they have that form.
struct key_collector : json_collector {
  bool fits = true;

  using json_collector::bind;
  void bind(int i, std::string_view v, bool copy) {
    // SQLite's JSON ends a text at NUL.
    if (v.find('\0') != v.npos)
      fits = false;
    else
      json_collector::bind(i, v, copy);
  }
  void bind(int, double) { fits = false; }  // read again, it may be its neighbour
  void bind(int, bytes_view, bool) { fits = false; }
  void bind_null(int) { out += "null"; }
};

// False: they have no form in JSON.
template <class T, class Keys>
bool collect_keys(const Keys& keys, std::string& json) {
  json = "[";
  key_collector collector{{json}};
  constexpr bool composite = table_of<T>.key.size() != 1;
  for (const auto& key : keys) {
    if (!may_be_key<T>(key)) continue;
    if (json.size() > 1) json += ',';
    if (composite) json += '[';
    visit_key<T>(key, [&](int i, const auto& value) {
      if (i != 0) json += ',';
      bind_field(collector, 1, value, false);
    });
    if (composite) json += ']';
    if (!collector.fits) return false;
  }
  json += ']';
  return true;
}

// The types of the columns of the key, as casts are written; an empty list: one has no array.
template <class T, class Driver>
std::vector<std::string_view> key_array_types(connection<Driver>& c, call_site site) {
  const auto one = take_statement<select_by_key_text<Driver, T>>(c, site);
  one->reported = true;  // it is taken for what is known of it
  std::vector<std::string_view> types = Driver::array_buffer::element_types(one.statement());
  types.resize(table_of<T>.key.size());  // behind it may be the tenant
  for (std::size_t k = 0; k != types.size(); ++k)
    if (types[k].empty() && table_of<T>.columns[table_of<T>.key[k]].enum_type.empty()) return {};
  return types;
}

[[noreturn]] HEWN_RARE HEWN_API void fail_too_many_keys(const table_info& table, std::size_t most,
                                                        call_site site);

template <class T, class Driver, class Keys>
lease<Driver> open_by_key_list(connection<Driver>& c, const Keys& keys, call_site site) {
  // SQLite's default for variable_number since 3.32; what the protocol of PostgreSQL can count.
  const std::size_t values =
      (c.spoken() == dialect::postgres ? 65535u : 32766u) - (table_of<T>.has_tenant() ? 1 : 0);
  const std::size_t columns = table_of<T>.key.size();
  std::size_t count = 0;
  for (const auto& key : keys) count += may_be_key<T>(key) ? 1u : 0u;
  if (count > values / columns) fail_too_many_keys(table_of<T>, values / columns, site);
  // Of no key at all, one that is NULL, which no row has.
  lease<Driver> opened(c.acquire(
      select_by_key_list_sql(table_of<T>, count == 0 ? 1 : count, c.spoken()), site, &table_of<T>));
  int next = 0;
  for (const auto& key : keys)
    if (may_be_key<T>(key))
      visit_key<T>(key, [&](int, const auto& value) {
        bind_field(opened.statement(), ++next, value, true);
      });
  for (; next < static_cast<int>(columns); ++next) opened.statement().bind_null(next + 1);
  check_parameters(opened);
  return opened;
}

// Nothing: a column of the key has no array that can be written.
template <class T, class Driver, class Keys>
std::optional<lease<Driver>> open_by_key_arrays(connection<Driver>& c, const Keys& keys,
                                                call_site site) {
  constexpr bool composite = table_of<T>.key.size() != 1;
  std::optional<lease<Driver>> opened;
  if (composite || !table_of<T>.columns[table_of<T>.key[0]].enum_type.empty()) {
    const auto types = key_array_types<T>(c, site);
    if (types.empty()) return opened;
    opened.emplace(c.acquire(select_by_key_arrays_sql(table_of<T>, types), site, &table_of<T>));
  } else {
    opened.emplace(take_statement<select_by_keys_text<Driver, T>>(c, site));
  }
  const bool of_tenant = opened->operator->()->tenant != 0;
  typename Driver::array_buffer arrays(opened->statement(), of_tenant ? 1 : 0);
  if (!arrays.is_writable()) {
    opened->operator->()->reported = true;  // it is not run
    opened.reset();
    return opened;
  }
  for (const auto& key : keys) {
    if (!may_be_key<T>(key)) continue;
    visit_key<T>(key, [&](int i, const auto& value) { bind_field(arrays, i + 1, value, true); });
    if (arrays.problem() != value_problem::none)
      opened->statement().refuse(1, arrays.problem());
    else
      arrays.add_row();
  }
  arrays.keep_in(opened->statement());
  return opened;
}

template <class T, class Driver, class Keys>
lease<Driver> open_by_keys(connection<Driver>& c, const Keys& keys, call_site site) {
  if constexpr (!holds_array_key<T>) {
    if constexpr (bulk_driver<Driver>) {
      if (c.spoken() == dialect::postgres) {
        auto opened = open_by_key_arrays<T>(c, keys, site);
        if (!opened) return open_by_key_list<T>(c, keys, site);
        check_parameters(*opened);
        return std::move(*opened);
      }
    }
    std::string json;
    if (collect_keys<T>(keys, json)) {
      auto opened = take_statement<select_by_keys_text<Driver, T>>(c, site);
      bind_list(opened.statement(), 1, json, true);
      check_parameters(opened);
      return opened;
    }
  }
  return open_by_key_list<T>(c, keys, site);
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API void fail_too_many_keys(const table_info& table, std::size_t most, call_site site) {
  error_details d;
  d.code = errc::usage;
  d.table = table.name;
  d.site = site;
  d.message = "hewn: get_many() takes at most " + std::to_string(most) + " keys of " +
              std::string(table.name) + " at once, which go value by value; ask for them in parts";
  throw error(std::move(d));
}

}  // namespace hewn::detail

#endif
