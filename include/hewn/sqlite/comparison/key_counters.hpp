// hewn/sqlite/comparison/key_counters.hpp - how far AUTOINCREMENT has counted.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/comparison/stored_tables.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <string>

namespace hewn::sqlite::detail {

/// The last key that each table has given out, by the names of the tables.
inline std::map<std::string, std::int64_t> key_counters(sqlite3* db) {
  std::map<std::string, std::int64_t> out;
  native_query any(db, "SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_sequence'");
  if (!any.step()) return out;
  // Of several rows for one table SQLite reads the first.
  native_query rows(db, "SELECT name, seq FROM main.sqlite_sequence ORDER BY rowid");
  while (rows.step()) out.try_emplace(rows.text(0), rows.number(1));
  return out;
}

/// Whether the key of `t` is AUTOINCREMENT: what it has given out once, it never gives out again.
inline bool has_counter(sqlite3* db, const stored_table& t, const char** type = nullptr) {
  if (t.kind != table_kind::ordinary || t.key.size() != 1) return false;
  int counted = 0;
  if (sqlite3_table_column_metadata(db, "main", t.name.c_str(), t.key.front().c_str(), type,
                                    nullptr, nullptr, nullptr, &counted) != SQLITE_OK)
    fail_native(db, {});
  return counted != 0;
}

/// Whether SQLite gives keys to rows of `t`.
inline bool gives_keys(sqlite3* db, const stored_table& t) {
  const char* type = nullptr;
  return has_counter(db, t, &type) ||
         (!t.rowid.empty() && type != nullptr && hewn::detail::same_word(type, "INTEGER"));
}

/// 0 without rows.
inline std::int64_t highest_key(sqlite3* db, const stored_table& t) {
  std::string sql = "SELECT max(";
  hewn::append_identifier(sql, t.key.front());
  sql += ") FROM main.";
  hewn::append_identifier(sql, t.name);
  native_query row(db, sql);
  row.step();
  return row.number(0);
}

}  // namespace hewn::sqlite::detail
