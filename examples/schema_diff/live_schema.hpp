// examples/schema_diff/live_schema.hpp - a database, or a file of SQL, on which plans can be made.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/sqlite/schema/native_executor.hpp>
#include <hewn/sqlite/schema_source.hpp>

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace schema_diff {

/// A connection of its own, and sync's view of it.
class live_schema {
 public:
  /// A database that exists; with `writable`, to be changed. Its settings stay as they are.
  static live_schema database(const std::string& path, bool writable) {
    return live_schema(path, writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
  }

  /// The database that a script makes, with its rows. Throws: as run_schema_script.
  static live_schema script(const std::string& text, const std::string& name) {
    live_schema out(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY);
    hewn::sqlite::run_schema_script(out.handle_.get(), text, name);
    return out;
  }

  /// Whichever of the two the file is.
  static live_schema file(const std::string& path) {
    require_file(path);
    try {
      live_schema out = database(path, false);
      out.executor().introspect();
      return out;
    } catch (const hewn::error& failure) {
      if ((failure.native() & 0xff) != SQLITE_NOTADB) throw;
    }
    std::ifstream in(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return script(text, path);
  }

  hewn::schema_executor& executor() { return *executor_; }

 private:
  struct closer {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
  };

  live_schema(const std::string& path, int flags) {
    if ((flags & SQLITE_OPEN_MEMORY) == 0) require_file(path);
    sqlite3* db = nullptr;
    const int code = sqlite3_open_v2(path.c_str(), &db, flags, nullptr);
    handle_.reset(db);
    if (code != SQLITE_OK)
      throw hewn::error(hewn::errc::cannot_open,
                        "hewn: the database " + path + " cannot be opened; check its permissions");
    sqlite3_busy_timeout(db, 5000);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
    // This program has no functions of its own that a schema could call.
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, nullptr);
    executor_ = std::make_unique<hewn::sqlite::native_executor>(db);
  }

  static void require_file(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored) || !std::filesystem::exists(path, ignored))
      throw hewn::error(hewn::errc::cannot_open,
                        "hewn: " + path + " is not a file; name a database or a file of SQL");
  }

  std::unique_ptr<sqlite3, closer> handle_;
  std::unique_ptr<hewn::sqlite::native_executor> executor_;
};

}  // namespace schema_diff
