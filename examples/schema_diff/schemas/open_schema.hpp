// examples/schema_diff/schemas/open_schema.hpp - what the command line names as a schema.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../command/arguments.hpp"
#include "live_schema.hpp"
#include "script_schema.hpp"
#include "server_schema.hpp"
#include "sqlite_schema.hpp"

#include <hewn/base/error.hpp>

#include <sqlite3.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>

namespace schema_diff {

namespace detail {

inline void require_file(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored) || !std::filesystem::exists(path, ignored))
    throw hewn::error(hewn::errc::cannot_open,
                      "hewn: " + path + " is not a file; name a database or a file of SQL");
}

/// `role`: OLD, NEW, ..., because the URL itself is not said.
inline std::unique_ptr<live_schema> open_server(const std::string& url, const std::string& role) {
  try {
    return std::make_unique<server_schema>(url);
  } catch (const hewn::error& failure) {
    hewn::error_details d = failure.details();
    d.message = role + ": " + failure.what();
    throw hewn::error(std::move(d));
  }
}

}  // namespace detail

/// Else it is taken for a file of SQL. Throws: cannot_open where there is no file.
inline bool is_sqlite_database(const std::string& path) {
  detail::require_file(path);
  try {
    sqlite_schema::database(path, false)->executor().introspect();
    return true;
  } catch (const hewn::error& failure) {
    if ((failure.native() & 0xff) != SQLITE_NOTADB) throw;
    return false;
  }
}

/// A database that exists, to be changed.
inline std::unique_ptr<live_schema> open_target(const std::string& place, const std::string& role) {
  if (is_url(place)) return detail::open_server(place, role);
  detail::require_file(place);
  return sqlite_schema::database(place, true);
}

/// A database, or what a file of SQL makes: on `server`, or in memory where that is empty.
inline std::unique_ptr<live_schema> open_schema(const std::string& place, const std::string& role,
                                                const std::string& server) {
  if (is_url(place)) return detail::open_server(place, role);
  const bool sqlite = is_sqlite_database(place);
  // An empty file is either: for a server, it is a script that makes nothing.
  const bool script = !sqlite || (!server.empty() && std::filesystem::is_empty(place));
  if (!script) return sqlite_schema::database(place, false);
  std::ifstream in(place, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  if (server.empty()) return sqlite_schema::script(text, place);
  return std::make_unique<script_schema>(text, place, server);
}

}  // namespace schema_diff
