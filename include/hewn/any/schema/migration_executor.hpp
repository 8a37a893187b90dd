// hewn/any/schema/migration_executor.hpp - either database as the migration runner sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/any/client/driver.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/postgres/migrate/migration_executor.hpp>
#include <hewn/sqlite/schema/migration_executor.hpp>
#include <hewn/sync/model/loss.hpp>
#include <hewn/sync/model/loss_watch.hpp>
#include <hewn/sync/model/sealed_copy.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::any {

/// Forwards everything to the executor of the database that it is. What only one of them needs is
/// nothing, or empty, on the other.
class migration_executor {
 public:
  using connection_type = hewn::detail::connection<driver>;
  using sqlite_executor = sqlite::basic_migration_executor<driver>;

  /// Throws: usage when the database object is over.
  explicit migration_executor(connection_type& c) {
    c.check_state(hewn::detail::running_call());
    if (auto* server = c.native().as_postgres())
      server_.emplace(*server);
    else
      file_.emplace(c);
  }

  // ---- both

  bool begin_excludes_others() const { return file_.has_value(); }
  bool can_roll_back(std::string_view sql) const {
    return server_ ? server_->can_roll_back(sql) : file_->can_roll_back(sql);
  }
  bool has_table(std::string_view name) const {
    return server_ ? server_->has_table(name) : file_->has_table(name);
  }
  bool foreign_keys() const { return server_ ? server_->foreign_keys() : file_->foreign_keys(); }
  void set_foreign_keys(bool on) {
    server_ ? server_->set_foreign_keys(on) : file_->set_foreign_keys(on);
  }
  std::vector<std::string> foreign_key_violations() const {
    return server_ ? server_->foreign_key_violations() : file_->foreign_key_violations();
  }
  std::string recording_trigger() const {
    return server_ ? server_->recording_trigger() : file_->recording_trigger();
  }
  bool try_lock() { return server_ ? server_->try_lock() : file_->try_lock(); }
  void unlock() noexcept { server_ ? server_->unlock() : file_->unlock(); }

  /// What the connection keeps until it is closed.
  class kept_settings {
   public:
    explicit kept_settings(const migration_executor& of) {
      if (of.server_)
        server_.emplace(of.server_->native());
      else
        file_.emplace(of.file_->lite());
    }
    void use_in_transaction() const {
      if (server_) server_->use_in_transaction();
    }
    void put_back() { server_ ? server_->put_back() : file_->put_back(); }

   private:
    std::optional<postgres::detail::kept_session> server_;
    std::optional<sqlite::detail::kept_settings> file_;
  };
  kept_settings keep_settings() const { return kept_settings(*this); }

  // ---- SQLite, which tries migrations on copies

  bool is_private() const { return file_ && file_->is_private(); }
  std::unique_ptr<connection_type> copy() const { return file_ ? file_->copy() : nullptr; }
  std::unique_ptr<connection_type> empty() const { return file_ ? file_->empty() : nullptr; }
  std::unique_ptr<hewn::sealed_copy> seal(const migration_executor& real) const {
    return file_ ? file_->seal(*real.file_) : nullptr;
  }
  std::vector<loss> lost_since(hewn::sealed_copy& copy, bool everywhere) const {
    return file_->lost_since(copy, everywhere);
  }
  std::vector<std::string> unknown_names(const migration_executor& real) const {
    return file_ ? file_->unknown_names(*real.file_) : std::vector<std::string>();
  }
  std::string beyond_copies() const { return file_ ? file_->beyond_copies() : std::string(); }
  std::vector<std::string> temporary_triggers() const {
    return file_ ? file_->temporary_triggers() : std::vector<std::string>();
  }
  std::string temporary_recording_trigger() const {
    return file_ ? file_->temporary_recording_trigger() : std::string();
  }
  std::vector<std::string> broken_objects() const {
    return file_ ? file_->broken_objects() : std::vector<std::string>();
  }

  struct program_calls_of_either {
    std::optional<sqlite::detail::program_calls> file = {};
    bool possible_in(std::string_view sql) const { return file && file->possible_in(sql); }
  };
  program_calls_of_either program_calls(const std::vector<std::string>& more) const {
    if (server_) return {};
    return {file_->program_calls(more)};
  }

  struct computed_columns_of_either {
    std::optional<sqlite::detail::computed_columns> file = {};
    std::string problem_of_new(bool all) const {
      return file ? file->problem_of_new(all) : std::string();
    }
  };
  computed_columns_of_either computed_columns() const {
    if (server_) return {};
    return {file_->computed_columns()};
  }

  // ---- PostgreSQL, where a transaction is its own trial

  std::unique_ptr<loss_watch> watch() const { return server_ ? server_->watch() : nullptr; }
  struct replicas_of_either {
    std::optional<postgres::detail::replica_watch> server = {};
    std::string behind() { return server ? server->behind() : std::string(); }
  };
  replicas_of_either watch_replicas(std::chrono::milliseconds limit) const {
    if (!server_) return {};
    return {server_->watch_replicas(limit)};
  }
  bool enter_empty_schema() const { return server_ && server_->enter_empty_schema(); }
  void check_lock() const {
    if (server_) server_->check_lock();
  }
  void check_deferred() const {
    if (server_) server_->check_deferred();
  }
  static std::string reach_beyond(std::string_view sql) {
    return postgres::migration_executor::reach_beyond(sql);
  }
  static std::string for_trial(std::string_view sql) {
    return postgres::migration_executor::for_trial(sql);
  }
  static bool refuses_transaction(const error& failure) {
    return postgres::migration_executor::refuses_transaction(failure);
  }
  static bool exists_already(const error& failure) {
    return postgres::migration_executor::exists_already(failure);
  }
  static bool skipped_in_transaction(std::string_view sql) {
    return postgres::migration_executor::skipped_in_transaction(sql);
  }
  static void check_statement(std::string_view sql) {
    postgres::migration_executor::check_statement(sql);
  }
  bool before_again(std::string_view sql) const { return server_->before_again(sql); }
  void check_apart(std::string_view sql) const { server_->check_apart(sql); }

 private:
  std::optional<sqlite_executor> file_;
  std::optional<postgres::migration_executor> server_;
};

}  // namespace hewn::any
