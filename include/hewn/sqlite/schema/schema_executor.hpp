// hewn/sqlite/schema/schema_executor.hpp - the library's own SQLite connection as sync sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/sqlite/client/driver.hpp>
#include <hewn/sqlite/client/setting.hpp>
#include <hewn/sqlite/failure/errors.hpp>
#include <hewn/sqlite/schema/native_executor.hpp>
#include <hewn/sync/model/executor.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::sqlite {

/// A SQLite connection of the library as sync sees it. Statements that change the schema and
/// transactions go through the connection, so that it knows its state.
template <class Driver>
class basic_schema_executor : public native_executor {
 public:
  basic_schema_executor(hewn::detail::connection<Driver>& c, sqlite3* native)
      : native_executor(native), connection_(&c) {}

  void execute(std::string_view sql) override {
    const detail::lenient_renaming lenient(native(), sql);
    connection_->execute(sql, hewn::detail::running_call());
  }

  void call_out(const std::function<void()>& callback) override {
    native_executor::call_out([&] { hewn::detail::call_paused(connection_->state(), callback); });
  }

 protected:
  void release_statements() override {
    // A rollback that failed once may succeed now, and must before anything is looked at.
    connection_->check_state(hewn::detail::running_call());
    // Those in use are refused; the idle ones hold no lock, but a table is not rebuilt under them.
    if (!connection_->in_use()) connection_->cache().clear();
  }

  void hold_lock(const std::function<void()>& body) override {
    hewn::detail::transaction_scope<Driver> scope(*connection_, transaction_mode::immediate,
                                                  hewn::detail::running_call());
    body();
    scope.commit();
  }

  hewn::detail::connection<Driver>& connection() noexcept { return *connection_; }

 private:
  hewn::detail::connection<Driver>* connection_;
};

/// The same where all statements do, so that its observer sees them.
class schema_executor : public basic_schema_executor<driver> {
 public:
  explicit schema_executor(hewn::detail::connection<driver>& c)
      : basic_schema_executor(c, c.native().native()) {}

  std::vector<text_row> query(std::string_view sql, const text_row& parameters = {}) override {
    const hewn::detail::lease<driver> l(connection().acquire(sql, hewn::detail::running_call()));
    for (std::size_t i = 0; i != parameters.size(); ++i) {
      const int at = static_cast<int>(i) + 1;
      if (parameters[i])
        l.statement().bind(at, std::string_view(*parameters[i]), false);
      else
        l.statement().bind_null(at);
    }
    if (l.statement().problem() != value_problem::none)
      throw error(error_details{
          .code = errc::usage,
          .message = "hewn: the statement does not take these parameters; count its question marks",
          .sql = std::string(sql)});
    std::vector<text_row> out;
    while (l.step()) {
      text_row& row = out.emplace_back();
      sqlite3_stmt* const raw = l.statement().native();
      for (int i = 0; i != l.statement().column_count(); ++i) {
        // Asked first: a number whose text finds no memory becomes NULL.
        if (sqlite3_column_type(raw, i) == SQLITE_NULL) {
          row.emplace_back();
          continue;
        }
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, i));
        if (text == nullptr) throw error(sqlite::describe(SQLITE_NOMEM, {}));
        row.emplace_back(std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(raw, i))));
      }
    }
    return out;
  }
};

#if HEWN_DEFINES_SQLITE

HEWN_API std::unique_ptr<hewn::schema_executor> driver::schema_executor_of(
    hewn::detail::connection<driver>& c) {
  return std::unique_ptr<hewn::schema_executor>(new schema_executor(c));
}

#endif

}  // namespace hewn::sqlite
