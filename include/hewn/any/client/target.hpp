// hewn/any/client/target.hpp - which database a URL names.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>

#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::any::detail {

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

struct target {
  bool server = false;
  std::string name;  // the URL of the server, which may be empty; otherwise the path of the file
};

/// What hewn::open says of URLs. Throws: usage.
HEWN_COLD inline target target_of(std::string url) {
  const bool given = !url.empty();
  if (!given) url = environment("HEWN_URL");
  if (url.starts_with("postgresql://") || url.starts_with("postgres://") ||
      (url.empty() && names_server()))
    return {.server = true, .name = std::move(url)};
  constexpr std::string_view sqlite_scheme = "sqlite:";
  std::string path =
      url.starts_with(sqlite_scheme) ? url.substr(sqlite_scheme.size()) : std::string();
  if (!path.empty() && !path.starts_with("//")) return {.server = false, .name = std::move(path)};
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

}  // namespace hewn::any::detail
