// hewn/query/type_erasure/row_version.hpp - the version that a program holds of a row.
// SPDX-License-Identifier: BSL-1.0
//
// A write of a row with a version names it in its condition. Where it changes nothing, the row is
// looked up to tell whether it is gone or has another version; so that costs only who is too late.
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/db/connection/tenancy.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/dialect/write/row_presence.hpp>
#include <hewn/dialect/write/version_sql.hpp>
#include <hewn/query/pieces/mentioned_columns.hpp>
#include <hewn/query/rows/kept_rows.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/statements/write_check.hpp>
#include <hewn/query/type_erasure/key_verbs.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace hewn::detail {

/// Which row a program holds, and its version.
template <class Driver>
struct held_row {
  const table_info* table;
  std::int64_t version;
  std::shared_ptr<const void> key;
  void (*bind)(typename Driver::statement& statement, const void* key);
  std::shared_ptr<const tenant_value> tenant{};  // whose it is; nullptr: the session's
};

/// What is asked of a struct that has a version.
template <class Driver>
struct row_version {
  std::int64_t (*held)(const void* row);
  void (*set)(void* row, std::int64_t version);
  held_row<Driver> (*hold)(const void* row);
  /// Says why the statement, which writes this row, has changed none.
  void (*fail)(const lease<Driver>& taken, const void* row);
  bool outlives_row;               // what hold() returns
  std::atomic<unsigned>* removal;  // the number of the statement that removes a row
};

template <class T>
std::int64_t held_version(const void* row) {
  return static_cast<std::int64_t>(
      get_column<version_column(table_of<T>)>(*static_cast<const T*>(row)));
}

template <class T>
void set_version(void* row, std::int64_t version) {
  using field = column_field<T, version_column(table_of<T>)>;
  get_column<version_column(table_of<T>)>(*static_cast<T*>(row)) = static_cast<field>(version);
}

template <class T, std::size_t... K>
key_of<T> make_key_of(const T& row, std::index_sequence<K...>) {
  return key_of<T>(get_column<key_of_table<T>[K]>(row)...);
}

template <class T, class Driver>
held_row<Driver> hold_row(const void* row) {
  auto key = std::make_shared<const key_of<T>>(
      make_key_of(*static_cast<const T*>(row), std::make_index_sequence<table_of<T>.key.size()>()));
  const auto bind = refer_to_key<T, Driver>(*key).bind;
  return {&table_of<T>, held_version<T>(row), std::move(key), bind};
}

/// Throws: invalid_data where the version is the last one.
HEWN_RARE HEWN_API void check_next_version(const table_info& table, std::int64_t held,
                                           const call_site& site);

/// The parameter that comes next.
HEWN_RARE HEWN_API void add_held_version(mentioned_columns& all);

HEWN_RARE HEWN_API std::string held_removal_text(const void* table, dialect d);

HEWN_RARE HEWN_API std::string stored_version_sql(const table_info& table, dialect d);

/// The parameters of a removal of a row with a version.
HEWN_RARE HEWN_API mentioned_columns held_removal_columns(const table_info& table);

template <class Driver>
lease<Driver> take_held_removal(connection<Driver>& c, const table_info& table,
                                const row_version<Driver>& version, const call_site& site) {
  lease<Driver> taken(
      c.acquire(number_of(*version.removal), &held_removal_text, &table, site, &table));
  check_written_columns(taken, table, false,
                        [&](mentioned_columns& all) { all = held_removal_columns(table); });
  return taken;
}

/// Why a write of the row has changed none, by what is stored now.
template <class Driver>
HEWN_APART error_details explain_held(connection<Driver>& c, const held_row<Driver>& row,
                                      const call_site& site) {
  std::optional<tenant_frame> acting;
  if (row.tenant) acting.emplace(c.tenants(), *row.tenant);
  const lease<Driver> opened(
      c.acquire(stored_version_sql(*row.table, c.spoken()), site, row.table));
  row.bind(opened.statement(), row.key.get());
  check_parameters(opened);
  std::int64_t stored = 0;
  const bool found = opened.step() && opened.statement().read(0, stored);
  return found && stored != row.version ? stale_row(*row.table, row.version, stored)
                                        : no_row_changed(*row.table);
}

template <class T, class Driver>
HEWN_COLD void fail_held(const lease<Driver>& taken, const void* row) {
  connection<Driver>& c = *taken->owner;
  c.fail_with(explain_held(c, hold_row<T, Driver>(row), taken->site), *taken.operator->());
}

template <class T>
inline constinit std::atomic<unsigned> slot_of_held_removal{0};

template <class T, class Driver>
inline constexpr row_version<Driver> row_version_of{&held_version<T>,     &set_version<T>,
                                                    &hold_row<T, Driver>, &fail_held<T, Driver>,
                                                    owns_values<T>,       &slot_of_held_removal<T>};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/text/quote.hpp>

namespace hewn::detail {

HEWN_API void check_next_version(const table_info& table, std::int64_t held,
                                 const call_site& site) {
  if (held >= version_clause(table).high) fail_last_version(table, site);
}

HEWN_API void add_held_version(mentioned_columns& all) {
  const std::size_t version = version_column(*all.table);
  all.name(version);
  all.add_parameter(static_cast<int>(version));
}

HEWN_API std::string held_removal_text(const void* table, dialect d) {
  return remove_held_sql(*static_cast<const table_info*>(table), d);
}

HEWN_API std::string stored_version_sql(const table_info& table, dialect d) {
  std::string out = "SELECT ";
  append_identifier(out, table.columns[version_column(table)].name);
  out += " FROM ";
  append_identifier(out, table.name);
  append_key_condition(out, table, 1, d);
  append_presence(out, table);
  return out;
}

HEWN_API mentioned_columns held_removal_columns(const table_info& table) {
  mentioned_columns all = removed_columns(table);
  add_held_version(all);
  return all;
}

}  // namespace hewn::detail

#endif
