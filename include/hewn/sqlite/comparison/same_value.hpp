// hewn/sqlite/comparison/same_value.hpp - SQL functions that compare a value with an older one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sqlite/client/native_query.hpp>

#include <sqlite3.h>

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace hewn::sqlite::detail {

inline bool is_number(int type) { return type == SQLITE_INTEGER || type == SQLITE_FLOAT; }

inline std::string_view bytes_of(sqlite3_value* v) {
  // Of a number its text; the pointer before the size, which it may change.
  const void* const begin = sqlite3_value_type(v) == SQLITE_BLOB
                                ? sqlite3_value_blob(v)
                                : static_cast<const void*>(sqlite3_value_text(v));
  const int size = sqlite3_value_bytes(v);
  return begin == nullptr
             ? std::string_view()
             : std::string_view(static_cast<const char*>(begin), static_cast<std::size_t>(size));
}

/// Whether SQLite's text of the number says the whole number.
inline bool text_is_whole(sqlite3_value* number) {
  if (sqlite3_value_type(number) == SQLITE_INTEGER) return true;
  const double value = sqlite3_value_double(number);
  const unsigned char* const text = sqlite3_value_text(number);
  return text != nullptr && std::strtod(reinterpret_cast<const char*>(text), nullptr) == value;
}

/// NULL may become anything. A number and its text are the same, whichever comes first: the type
/// of a column may change. A text and the blob of its bytes are the same.
inline bool still_same(sqlite3_value* before, sqlite3_value* after) {
  const int was = sqlite3_value_type(before);
  const int is = sqlite3_value_type(after);
  if (was == SQLITE_NULL) return true;
  if (is == SQLITE_NULL) return false;
  if (was == SQLITE_INTEGER && is == SQLITE_INTEGER)
    return sqlite3_value_int64(before) == sqlite3_value_int64(after);
  if (is_number(was) && is_number(is)) {
    const double a = sqlite3_value_double(before);
    const double b = sqlite3_value_double(after);
    if (a != b || std::abs(a) >= 9007199254740992.0)  // 2^53: above, integers do not fit
      return was == is && a == b;
    return true;
  }
  if (is_number(was) && !text_is_whole(before)) return false;
  if (is_number(is) && !text_is_whole(after)) return false;
  return bytes_of(before) == bytes_of(after);
}

inline void same_value_function(sqlite3_context* to, int, sqlite3_value** given) {
  sqlite3_result_int(to, still_same(given[0], given[1]) ? 1 : 0);
}

// Equal for equal values, whatever the collation. A whole real is written like the integer.
inline void value_text_function(sqlite3_context* to, int, sqlite3_value** given) {
  const int type = sqlite3_value_type(given[0]);
  if (type == SQLITE_NULL) return;
  if (type == SQLITE_FLOAT) {
    const double value = sqlite3_value_double(given[0]);
    char text[64];
    const bool whole = std::abs(value) < 9007199254740992.0 && std::trunc(value) == value;
    sqlite3_snprintf(sizeof text, text, whole ? "%.0f" : "%!.17g", value);
    sqlite3_result_blob(to, text, static_cast<int>(std::strlen(text)), SQLITE_TRANSIENT);
    return;
  }
  const std::string_view bytes = bytes_of(given[0]);
  sqlite3_result_blob(to, bytes.empty() ? "" : bytes.data(), static_cast<int>(bytes.size()),
                      SQLITE_TRANSIENT);
}

/// Makes hewn_same(before, after) and hewn_text(value) known to `db`.
inline void add_value_functions(sqlite3* db) {
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY;
  const auto add = [&](const char* name, int arguments, auto* function) {
    const int code = sqlite3_create_function_v2(db, name, arguments, flags, nullptr, function,
                                                nullptr, nullptr, nullptr);
    // Busy: it is there already, and statements run.
    if (code != SQLITE_OK && code != SQLITE_BUSY) fail_native(db, {});
  };
  add("hewn_same", 2, &same_value_function);
  add("hewn_text", 1, &value_text_function);
}

/// As far as no statement runs on `db`.
inline void remove_value_functions(sqlite3* db) noexcept {
  for (const auto& [name, arguments] : {std::pair("hewn_same", 2), std::pair("hewn_text", 1)})
    sqlite3_create_function_v2(db, name, arguments, SQLITE_UTF8, nullptr, nullptr, nullptr, nullptr,
                               nullptr);
}

}  // namespace hewn::sqlite::detail
