// hewn/sqlite/comparison/other_rows.hpp - rows of another connection as a table of this one.
// SPDX-License-Identifier: BSL-1.0
//
// A private database cannot be attached to another connection, so its rows come through a virtual
// table: one row in memory at a time. It is there as soon as its module is registered, under the
// name of that, so that nothing is written where it is used, not even a schema.
#pragma once

#include <hewn/sqlite/client/native_query.hpp>

#include <sqlite3.h>

#include <memory>
#include <new>
#include <string>
#include <string_view>

namespace hewn::sqlite::detail {

/// Where the rows come from. Lifetime: at a fixed address while the module is registered.
struct other_source {
  sqlite3* db = nullptr;
  std::string sql = {};
};

struct other_rows : sqlite3_vtab {
  other_source source;

  struct cursor : sqlite3_vtab_cursor {
    sqlite3_stmt* rows = nullptr;
    int last = SQLITE_DONE;
    sqlite3_int64 number = 0;
  };

  static other_rows& of(sqlite3_vtab* table) { return static_cast<other_rows&>(*table); }
  static cursor& of(sqlite3_vtab_cursor* at) { return static_cast<cursor&>(*at); }

  // The columns are called c0, c1, ... and have no affinity: values stay what they are.
  static int connect(sqlite3* db, void* given, int, const char* const*, sqlite3_vtab** out,
                     char** problem) noexcept {
    const auto& from = *static_cast<const other_source*>(given);
    try {
      sqlite3_stmt* rows = nullptr;
      const int code = sqlite3_prepare_v2(from.db, from.sql.data(),
                                          static_cast<int>(from.sql.size()), &rows, nullptr);
      const int columns = sqlite3_column_count(rows);
      sqlite3_finalize(rows);
      if (code != SQLITE_OK) {
        *problem = sqlite3_mprintf("%s", sqlite3_errmsg(from.db));
        return code;
      }
      std::string declared = "CREATE TABLE x (";
      for (int i = 0; i != columns; ++i) declared += (i == 0 ? "c" : ", c") + std::to_string(i);
      const int accepted = sqlite3_declare_vtab(db, (declared + ")").c_str());
      if (accepted != SQLITE_OK) return accepted;
      auto table = std::make_unique<other_rows>();
      table->source = from;  // may throw
      *out = table.release();
      return SQLITE_OK;
    } catch (...) {  // out of memory; SQLite must not see an exception
      return SQLITE_NOMEM;
    }
  }

  static int disconnect(sqlite3_vtab* table) noexcept {
    delete &of(table);
    return SQLITE_OK;
  }

  static int best_index(sqlite3_vtab*, sqlite3_index_info* plan) noexcept {
    plan->estimatedCost = 1e6;  // all rows, whatever is asked for
    return SQLITE_OK;
  }

  static int open(sqlite3_vtab*, sqlite3_vtab_cursor** out) noexcept {
    auto* const at = new (std::nothrow) cursor{};
    *out = at;
    return at == nullptr ? SQLITE_NOMEM : SQLITE_OK;
  }

  static int close(sqlite3_vtab_cursor* at) noexcept {
    sqlite3_finalize(of(at).rows);
    delete &of(at);
    return SQLITE_OK;
  }

  static int filter(sqlite3_vtab_cursor* at, int, const char*, int, sqlite3_value**) noexcept {
    cursor& c = of(at);
    const other_source& from = of(at->pVtab).source;
    sqlite3_finalize(c.rows);
    c.rows = nullptr;
    c.number = 0;
    const int code = sqlite3_prepare_v2(from.db, from.sql.data(), static_cast<int>(from.sql.size()),
                                        &c.rows, nullptr);
    return code == SQLITE_OK ? next(at) : tell(at, code);
  }

  static int next(sqlite3_vtab_cursor* at) noexcept {
    cursor& c = of(at);
    c.last = sqlite3_step(c.rows);
    ++c.number;
    return c.last == SQLITE_ROW || c.last == SQLITE_DONE ? SQLITE_OK : tell(at, c.last);
  }

  static int tell(sqlite3_vtab_cursor* at, int code) noexcept {
    sqlite3_free(at->pVtab->zErrMsg);
    at->pVtab->zErrMsg = sqlite3_mprintf("%s", sqlite3_errmsg(of(at->pVtab).source.db));
    return code;
  }

  static int at_end(sqlite3_vtab_cursor* at) noexcept { return of(at).last != SQLITE_ROW; }

  static int column(sqlite3_vtab_cursor* at, sqlite3_context* to, int i) noexcept {
    sqlite3_result_value(to, sqlite3_column_value(of(at).rows, i));
    return SQLITE_OK;
  }

  static int row_number(sqlite3_vtab_cursor* at, sqlite3_int64* out) noexcept {
    *out = of(at).number;
    return SQLITE_OK;
  }

  static const sqlite3_module* module() {
    static const sqlite3_module methods = [] {
      sqlite3_module m{};
      m.xConnect = &connect;
      m.xBestIndex = &best_index;
      m.xDisconnect = &disconnect;
      m.xOpen = &open;
      m.xClose = &close;
      m.xFilter = &filter;
      m.xNext = &next;
      m.xEof = &at_end;
      m.xColumn = &column;
      m.xRowid = &row_number;
      return m;
    }();
    return &methods;
  }
};

}  // namespace hewn::sqlite::detail
