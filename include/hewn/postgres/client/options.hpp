// hewn/postgres/client/options.hpp - how a connection to PostgreSQL is opened.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace hewn::postgres {

/// What is empty or zero here comes from the URL, then from libpq's PG* variables and service file,
/// then from libpq's own defaults. What is set here wins over the URL.
struct options {
  std::string host = {};  ///< a name, an address, or the folder of a unix socket
  int port = 0;
  std::string database = {};
  std::string user = {};
  std::string password = {};  ///< better left to PGPASSFILE or the service file

  /// libpq's sslmode. Empty and named nowhere else: `verify-full` for every host that is not this
  /// machine, because libpq's own default goes on without encryption when it fails.
  std::string sslmode = {};

  std::string application_name = {};
  std::chrono::seconds connect_timeout{10};

  /// The server ends a statement, a wait for a lock, and a transaction in which nothing happens,
  /// after so long. Zero: the server's own limits.
  std::chrono::milliseconds statement_timeout{0};
  std::chrono::milliseconds lock_timeout{0};
  std::chrono::milliseconds idle_in_transaction_timeout{0};

  /// Schemas in which names are looked for, after the server's own; tables are created in the
  /// first. Pinned, so that nobody's settings decide what a name means.
  std::vector<std::string> search_path = {"public"};

  /// For a proxy that gives each transaction another server connection (pgbouncer's pool_mode =
  /// transaction): nothing is prepared by name and nothing set for the session. search_path and
  /// the timeouts are then the role's or the database's (ALTER ROLE ... SET).
  bool transaction_pooling = false;

  std::size_t statement_cache_capacity = 64;  ///< idle statements of run-time text
};

}  // namespace hewn::postgres
