// tests/support/place.hpp - where the tests of this program keep their data.
// SPDX-License-Identifier: BSL-1.0
//
// Tests in tests/live are written once. They are compiled for SQLite and, with HEWN_TEST_POSTGRES,
// for PostgreSQL, and with HEWN_TEST_ANY besides for a database that is chosen when the program
// runs; those for SQLite run in memory and, with HEWN_TEST_PLACE=file in the environment,
// in files; those for PostgreSQL run, with HEWN_TEST_PLACE=pgbouncer, through one that pools
// transactions. With HEWN_TEST_PLACE=listened somebody listens to all changes, on SQLite in files,
// and counts all statements.
#pragma once

#include <hewn/watch.hpp>

#ifdef HEWN_TEST_ANY
#  include <hewn/any.hpp>
#  include <hewn/any/listen.hpp>
#endif
#ifdef HEWN_TEST_POSTGRES
#  include <hewn/postgres.hpp>
#  include <hewn/postgres/listen.hpp>
#  include <support/pgbouncer.hpp>
#  include <support/postgres_server.hpp>
#else
#  include <hewn/sqlite.hpp>
#  include <hewn/sqlite/listen.hpp>
#  include <support/temporary_file.hpp>
#endif

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

inline bool place_is(std::string_view kind) {
  const char* const wanted = std::getenv("HEWN_TEST_PLACE");
  return wanted != nullptr && wanted == kind;
}

/// Listens to `source` as long as the program runs.
template <class Source>
void keep_listening(Source& source) {
  static std::mutex mutex;
  static std::vector<hewn::listener> listeners;
  const std::lock_guard lock(mutex);
  listeners.push_back(hewn::listen(source));
}

/// Counts what runs on `source` as long as the program runs, or it.
template <class Source>
void keep_watching(Source& source) {
  static std::mutex mutex;
  static std::vector<hewn::repeat_watch> watches;
  const std::lock_guard lock(mutex);
  watches.emplace_back(source, hewn::repeat_limits{.most = 1},
                       [](const hewn::repeated_statement&) {});
}

#ifdef HEWN_TEST_POSTGRES

/// From now on every table that is made announces its changes.
inline void announce_all_changes() {
  using namespace hewn::postgres::detail;
  const std::string announce =
      announce_changes_sql({std::vector<std::string_view>{"hewn_new_table"}});
  postgres_server::get().run(
      "CREATE FUNCTION public.announce_new_tables() RETURNS event_trigger LANGUAGE plpgsql AS " +
      hewn::quote_literal(
          "DECLARE made record;\nBEGIN\n"
          "FOR made IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP\n"
          "  CONTINUE WHEN made.object_type <> 'table' OR made.schema_name LIKE 'pg_%' OR "
          "strpos(made.object_identity, chr(39)) > 0;\n"
          "  EXECUTE replace(" +
          hewn::quote_literal(announce) +
          ", '\"hewn_new_table\"', made.object_identity);\n"
          "END LOOP;\nEND") +
      "; CREATE EVENT TRIGGER announce_new_tables ON ddl_command_end WHEN TAG IN ('CREATE TABLE', "
      "'CREATE TABLE AS', 'SELECT INTO') EXECUTE FUNCTION public.announce_new_tables()");
}

inline constexpr bool on_postgres = true;
#  ifdef HEWN_TEST_ANY
using database = hewn::any::database;
#  else
using database = hewn::postgres::database;
#  endif
using options = hewn::postgres::options;

/// A schema of its own in the server of this program; behind pgbouncer, where a session has no
/// search_path, a database.
class place {
 public:
  place() : schema_(postgres_server::fresh_name()) {
    postgres_server::get().run((is_pooled() ? "CREATE DATABASE " : "CREATE SCHEMA ") + schema_);
    if (place_is("listened")) {
      static const int once = (announce_all_changes(), 0);
      static_cast<void>(once);
    }
  }

  database open(options wanted = {}) const {
    wanted.search_path = {schema_};
    wanted.transaction_pooling |= is_pooled();
    const std::string url =
        is_pooled() ? pgbouncer::get().url(schema_) : postgres_server::get().url();
#  ifdef HEWN_TEST_ANY
    database opened = hewn::any::detail::open_postgres(url, wanted);
#  else
    database opened = hewn::postgres::open(url, wanted);
#  endif
    if (place_is("listened")) keep_watching(opened);
    return opened;
  }

  /// Whether a second connection sees what the first has committed.
  static bool is_shared() { return true; }

  /// For open_at in another process.
  std::string address() const { return schema_ + " " + postgres_server::get().url(); }

 private:
  static bool is_pooled() { return place_is("pgbouncer"); }

  std::string schema_;
};

inline database open_at(const std::string& address) {
  const std::size_t blank = address.find(' ');
  const options wanted{.search_path = {address.substr(0, blank)}};
#  ifdef HEWN_TEST_ANY
  return hewn::any::detail::open_postgres(address.substr(blank + 1), wanted);
#  else
  return hewn::postgres::open(address.substr(blank + 1), wanted);
#  endif
}

#else

inline constexpr bool on_postgres = false;
#  ifdef HEWN_TEST_ANY
using database = hewn::any::database;
#  else
using database = hewn::sqlite::database;
#  endif
using options = hewn::sqlite::options;

/// A database in memory, or a file that is removed with it.
class place {
 public:
  place() {
    static std::atomic<int> count = 0;
    if (is_shared()) file_.emplace("place" + std::to_string(++count) + ".db");
  }

  database open(const options& wanted = {}) const {
    const std::string path = file_ ? file_->path : ":memory:";
#  ifdef HEWN_TEST_ANY
    database opened = hewn::open("sqlite:" + path, {.sqlite = wanted});
#  else
    database opened = hewn::sqlite::open(path, wanted);
#  endif
    if (place_is("listened")) keep_watching(opened);
    if (place_is("listened") && !wanted.read_only) keep_listening(opened);
    return opened;
  }

  static bool is_shared() { return place_is("file") || place_is("listened"); }

  /// For open_at in another process.
  std::string address() const { return file_ ? file_->path : ":memory:"; }

 private:
  std::optional<temporary_file> file_;
};

inline database open_at(const std::string& address) {
  const options wanted{.busy_timeout = std::chrono::seconds(60)};
#  ifdef HEWN_TEST_ANY
  return hewn::open("sqlite:" + address, {.sqlite = wanted});
#  else
  return hewn::sqlite::open(address, wanted);
#  endif
}

#endif

/// A place that lasts as long as the program.
inline const place& new_place() {
  static std::vector<std::unique_ptr<place>> places;
  return *places.emplace_back(std::make_unique<place>());
}

/// An empty database.
inline database open_new(const options& wanted = {}) { return new_place().open(wanted); }

/// Whether no transaction is open, whoever began it.
inline bool idle(const database& db) { return !db.connection().native().in_transaction(); }

/// What differs in the text of statements and types.
inline std::string either(std::string sqlite, std::string postgres) {
  return on_postgres ? std::move(postgres) : std::move(sqlite);
}

/// A statement that the library writes, with its places as this database numbers them.
inline std::string numbered(std::string_view sql) {
  if (sql == "BEGIN IMMEDIATE" && on_postgres) return "BEGIN";
  return on_postgres ? hewn::detail::number_places(sql) : std::string(sql);
}

}  // namespace support
