// examples/schema_diff/schemas/sqlite_schema.hpp - a SQLite database, or a file of SQL run on one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "live_schema.hpp"

#include <hewn/base/error.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/sqlite/schema/native_executor.hpp>
#include <hewn/sqlite/schema_source.hpp>

#include <sqlite3.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace schema_diff {

class sqlite_schema : public live_schema {
 public:
  /// A database that exists; with `writable`, to be changed. Its settings stay as they are.
  static std::unique_ptr<live_schema> database(const std::string& path, bool writable) {
    return std::unique_ptr<live_schema>(
        new sqlite_schema(path, path, writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY));
  }

  /// The database that a script makes in memory, with its rows. Throws: as run_schema_script.
  static std::unique_ptr<live_schema> script(const std::string& text, const std::string& name) {
    std::unique_ptr<sqlite_schema> out(
        new sqlite_schema(name, ":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY));
    hewn::sqlite::run_schema_script(out->handle_.get(), text, name);
    return out;
  }

  hewn::schema_executor& executor() override { return *executor_; }
  std::string name() const override { return name_; }

  std::vector<object_text> others(const hewn::schema::database& in) override {
    std::vector<object_text> out;
    for (const hewn::schema::other_object& o : in.others)
      if (o.kind != "view" && o.kind != "trigger") out.push_back({o, content_of(o, in)});
    return out;
  }

 private:
  struct closer {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
  };

  sqlite_schema(std::string name, const std::string& path, int flags) : name_(std::move(name)) {
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

  // What an object is made by, spelling aside; of a clause there is only its name.
  static std::string content_of(const hewn::schema::other_object& o,
                                const hewn::schema::database& in) {
    for (const hewn::schema::source& s : in.sources)
      if (o.table.empty() && hewn::detail::same_word(s.name, o.name))
        return hewn::detail::canonical_expression(s.sql, hewn::dialect::sqlite);
    return {};
  }

  std::string name_;
  std::unique_ptr<sqlite3, closer> handle_;
  std::unique_ptr<hewn::sqlite::native_executor> executor_;
};

}  // namespace schema_diff
