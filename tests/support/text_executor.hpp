// tests/support/text_executor.hpp - the part of a schema executor that runs SQL, on SQLite.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/sync/model/executor.hpp>

#include <sqlite3.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// Runs SQL and transactions; everything else that sync asks of an executor throws.
class text_executor final : public hewn::schema_executor {
 public:
  explicit text_executor(const std::string& path = ":memory:") {
    sqlite3_open(path.c_str(), &db_);
    sqlite3_busy_timeout(db_, 10'000);
  }
  ~text_executor() override { sqlite3_close(db_); }

  hewn::dialect dialect() const override { return hewn::dialect::sqlite; }
  int version() const override { return sqlite3_libversion_number(); }
  void execute(std::string_view sql) override { query(sql); }

  std::vector<hewn::text_row> query(std::string_view sql,
                                    const hewn::text_row& parameters = {}) override {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(db_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr),
          sql);
    for (std::size_t i = 0; i != parameters.size(); ++i)
      if (parameters[i])
        sqlite3_bind_text(statement, static_cast<int>(i + 1), parameters[i]->data(),
                          static_cast<int>(parameters[i]->size()), SQLITE_TRANSIENT);
    std::vector<hewn::text_row> rows;
    int rc = SQLITE_OK;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
      hewn::text_row& row = rows.emplace_back();
      for (int c = 0; c != sqlite3_column_count(statement); ++c) {
        const unsigned char* text = sqlite3_column_text(statement, c);
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, c));
        if (text)
          row.emplace_back(std::string(reinterpret_cast<const char*>(text), size));
        else
          row.emplace_back(std::nullopt);
      }
    }
    sqlite3_finalize(statement);
    check(rc == SQLITE_DONE ? SQLITE_OK : rc, sql);
    return rows;
  }

  void transaction(const hewn::apply_scope&, const std::function<void()>& body) override {
    const bool outermost = sqlite3_get_autocommit(db_) != 0;
    execute(outermost ? "BEGIN IMMEDIATE" : "SAVEPOINT support");
    try {
      body();
    } catch (...) {
      if (!outermost) execute("ROLLBACK TO support");
      execute(outermost ? "ROLLBACK" : "RELEASE support");
      throw;
    }
    execute(outermost ? "COMMIT" : "RELEASE support");
  }

  hewn::schema::database introspect() override { throw unsupported(); }
  hewn::schema::database normalise(const hewn::schema::database&) override { throw unsupported(); }
  hewn::rehearsal rehearse(const hewn::schema::database&, const std::vector<hewn::step>&) override {
    throw unsupported();
  }
  conversion count_conversion(std::string_view, std::string_view, std::string_view,
                              std::string_view) override {
    throw unsupported();
  }
  std::vector<std::string> broken_references() override { throw unsupported(); }
  std::vector<std::string> broken_objects() override { throw unsupported(); }
  std::vector<std::string> temporary_objects(std::string_view) override { throw unsupported(); }
  std::string backup(std::string_view, std::string_view) override { throw unsupported(); }

 private:
  static hewn::error unsupported() { return {hewn::errc::usage, "the test needs no more"}; }

  void check(int rc, std::string_view sql) const {
    if (rc == SQLITE_OK) return;
    const int native = sqlite3_extended_errcode(db_);
    const bool conflict =
        native == SQLITE_CONSTRAINT_UNIQUE || native == SQLITE_CONSTRAINT_PRIMARYKEY;
    throw hewn::error(
        hewn::error_details{.code = conflict ? hewn::errc::conflict : hewn::errc::other,
                            .message = sqlite3_errmsg(db_),
                            .sql = std::string(sql),
                            .native = native});
  }

  sqlite3* db_ = nullptr;
};

}  // namespace support
