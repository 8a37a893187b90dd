// hewn/any.hpp - SQLite or PostgreSQL, as a URL says when the program runs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/any/driver.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/hewn.hpp>
#include <hewn/postgres/connect.hpp>
#include <hewn/postgres/options.hpp>
#include <hewn/query/database.hpp>
#include <hewn/sqlite/open.hpp>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace hewn {

namespace any {

/// A database that is one or the other.
using database = hewn::database<driver>;

/// A transaction of such a database.
using transaction = hewn::basic_transaction<driver>;

/// The writes of a batch of such a database.
using batch = hewn::basic_batch<driver>;

/// What each would be opened with; the URL wins where it says something.
struct options {
  sqlite::options sqlite = {};
  postgres::options postgres = {};
};

namespace detail {

HEWN_COLD inline std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

/// Whether libpq's variables name a server, so that it need not be named otherwise.
HEWN_COLD inline bool names_server() {
  for (const char* name : {"PGHOST", "PGHOSTADDR", "PGDATABASE", "PGSERVICE"})
    if (!environment(name).empty()) return true;
  return false;
}

HEWN_COLD inline database open_sqlite(const std::string& path, const sqlite::options& wanted) {
  sqlite::connection native(sqlite::detail::open_handle(path, wanted));
  sqlite::detail::opener(native, wanted, path).run();
  return database(std::make_unique<hewn::detail::connection<driver>>(
      connection(std::move(native)), wanted.statement_cache_capacity));
}

HEWN_COLD inline database open_postgres(const std::string& url, const postgres::options& wanted) {
  postgres::connection native(postgres::detail::open_handle(url, wanted),
                              wanted.transaction_pooling);
  return database(std::make_unique<hewn::detail::connection<driver>>(
      connection(std::move(native)), wanted.statement_cache_capacity));
}

}  // namespace detail
}  // namespace any

/// Opens what the URL names: `sqlite:app.db`, `sqlite::memory:`, `postgresql://...`,
/// `postgres://...`. An empty URL is HEWN_URL of the environment, and without that PostgreSQL by
/// libpq's variables where one of them names a host, database or service. Throws: usage for another
/// URL; what opening throws.
inline any::database open(std::string url = {}, const any::options& wanted = {}) {
  const bool given = !url.empty();
  if (!given) url = any::detail::environment("HEWN_URL");
  if (url.starts_with("postgresql://") || url.starts_with("postgres://") ||
      (url.empty() && any::detail::names_server()))
    return any::detail::open_postgres(url, wanted.postgres);
  constexpr std::string_view sqlite_scheme = "sqlite:";
  const std::string path =
      url.starts_with(sqlite_scheme) ? url.substr(sqlite_scheme.size()) : std::string();
  if (!path.empty() && !path.starts_with("//"))
    return any::detail::open_sqlite(path, wanted.sqlite);
  // The URL is not repeated: what it is meant for, and what is secret in it, is not known.
  if (url.empty())
    throw error(errc::usage, "hewn: no database is named; pass a URL, or set HEWN_URL");
  const std::string subject = given ? "the URL" : "the URL in HEWN_URL";
  // Some read three slashes as a relative path, some as an absolute one.
  if (path.starts_with("//"))
    throw error(errc::usage, "hewn: " + subject +
                                 " has slashes after sqlite: that do not all mean the same; "
                                 "write sqlite:PATH");
  if (url == sqlite_scheme)
    throw error(errc::usage,
                "hewn: " + subject + " names no file; write sqlite:PATH or sqlite::memory:");
  throw error(errc::usage, "hewn: " + subject +
                               " names no database that is known; write sqlite:PATH or "
                               "postgresql://...");
}

/// As open, without throwing hewn::error.
inline result<any::database> try_open(const std::string& url = {},
                                      const any::options& wanted = {}) {
  return as_result([&] { return open(url, wanted); });
}

}  // namespace hewn
