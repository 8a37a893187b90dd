// hewn/sqlite/client/named_functions.hpp - a program's own SQL functions and collations, in name
// only.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/client/setting.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::sqlite::detail {

inline void unavailable_function(sqlite3_context* context, int, sqlite3_value**) {
  sqlite3_result_error(context, "a function of the program is not available here", -1);
}

inline int compare_bytes(void*, int a_size, const void* a, int b_size, const void* b) {
  const int order = std::memcmp(a, b, static_cast<std::size_t>(a_size < b_size ? a_size : b_size));
  return order != 0 ? order : a_size - b_size;
}

inline std::vector<std::string> names(sqlite3* db, std::string_view sql) {
  std::vector<std::string> out;
  native_query rows(db, sql);
  while (rows.step()) out.push_back(rows.text(0));
  return out;
}

inline bool is_among(const std::vector<std::string>& all, std::string_view name) {
  for (const std::string& each : all)
    if (hewn::detail::same_word(each, name)) return true;
  return false;
}

/// Makes the functions and collations that the program has given to `from` known to `to`, so that a
/// schema which mentions them can be built there, as far as `from` lets a schema use them. They are
/// for schemas alone: a function fails when it is called.
inline void lend_names(sqlite3* from, sqlite3* to) {
  sqlite3_db_config(to, SQLITE_DBCONFIG_TRUSTED_SCHEMA,
                    setting(from, SQLITE_DBCONFIG_TRUSTED_SCHEMA), nullptr);
  const std::vector<std::string> collations = names(to, "SELECT name FROM pragma_collation_list");
  for (const std::string& name : names(from, "SELECT name FROM pragma_collation_list"))
    if (!is_among(collations, name))
      sqlite3_create_collation_v2(to, name.c_str(), SQLITE_UTF8, nullptr, &compare_bytes, nullptr);

  // The columns of pragma_function_list that tell its own functions came with 3.30.
  if (sqlite3_libversion_number() < 3030000) return;
  native_query functions(from,
                         "SELECT name, narg, flags FROM pragma_function_list WHERE builtin = 0");
  // Those of extensions that every connection has are there already.
  const std::vector<std::string> known =
      names(to, "SELECT DISTINCT name FROM pragma_function_list WHERE builtin = 0");
  while (functions.step()) {
    const std::string name = functions.text(0);
    if (is_among(known, name)) continue;
    const int flags = static_cast<int>(functions.number(2)) &
                      (SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS | SQLITE_DIRECTONLY);
    sqlite3_create_function_v2(to, name.c_str(), static_cast<int>(functions.number(1)),
                               SQLITE_UTF8 | flags, nullptr, &unavailable_function, nullptr,
                               nullptr, nullptr);
  }
}

}  // namespace hewn::sqlite::detail
