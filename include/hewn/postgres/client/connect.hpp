// hewn/postgres/client/connect.hpp - from options and URL to an open PGconn.
// SPDX-License-Identifier: BSL-1.0
//
// No credential may end up in a message. libpq's own words about a URL that it cannot read quote
// pieces of it, so they are never repeated; what else it says is chosen in connect_failure.hpp.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/postgres/client/options.hpp>
#include <hewn/postgres/failure/connect_failure.hpp>

#include <libpq-fe.h>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::postgres::detail {

/// Whether a part of the URL may begin elsewhere than where libpq takes it to: a password with an
/// `@` or a `/` that is not escaped ends there, and the rest counts as host, port or database.
HEWN_COLD inline bool is_ambiguous(std::string_view url) noexcept {
  if (!url.starts_with("postgresql://") && !url.starts_with("postgres://")) return false;
  url.remove_prefix(url.find("://") + 3);
  // Here role and password end, or there are none.
  const std::size_t end = url.find_first_of("@/");
  if (end == url.npos || (url[end] == '/' && url.find('?') < end)) return false;
  url.remove_prefix(end + 1);
  return url.substr(0, url.find('?')).find('@') != url.npos;  // in parameters it means nothing
}

/// What a URL or a connection string says. Throws: usage.
HEWN_COLD inline settings parse_url(const std::string& url) {
  char* problem = nullptr;
  const conninfo_ptr parsed(PQconninfoParse(url.c_str(), &problem));
  PQfreemem(problem);
  if (!parsed || url.find('\0') != url.npos || is_ambiguous(url))
    throw error(errc::usage,
                "hewn: the connection URL cannot be read; write it as "
                "postgresql://user@host:port/database?option=value, with %-escapes where a part "
                "contains : / @ ? # or a space");
  return named_values(parsed.get());
}

/// What the environment and the service file say.
HEWN_COLD inline settings defaults() { return named_values(conninfo_ptr(PQconndefaults()).get()); }

/// Whether every host of a list ("a,b") is this machine.
HEWN_COLD inline bool is_local(std::string_view hosts) {
  for (;;) {
    const std::size_t comma = hosts.find(',');
    const std::string_view host = hosts.substr(0, comma);
    const bool local = host.empty() || host.front() == '/' || host.front() == '@' ||
                       host == "localhost" || host == "::1" || host.starts_with("127.");
    if (!local) return false;
    if (comma == hosts.npos) return true;
    hosts.remove_prefix(comma + 1);
  }
}

// For the startup packet: the server splits at spaces that no backslash stands before.
HEWN_COLD inline void append_setting(std::string& out, std::string_view name,
                                     std::string_view value) {
  out += out.empty() ? "-c " : " -c ";
  out += name;
  out += '=';
  for (const char c : value) {
    if (c == ' ' || c == '\\') out += '\\';
    out += c;
  }
}

HEWN_COLD inline std::string search_path(const options& wanted) {
  std::string path;
  for (const std::string& schema : wanted.search_path)
    path += quote_identifier(schema, hewn::dialect::postgres) + ", ";
  // Last, because otherwise anybody's temporary table would stand before every other.
  return path + "pg_temp";
}

/// The session's settings, as defaults of the session: RESET ALL comes back to them.
HEWN_COLD inline std::string session_settings(const options& wanted) {
  std::string out;
  append_setting(out, "search_path", search_path(wanted));
  // Times are read and written in UTC; so are those that SQL computes.
  append_setting(out, "timezone", "UTC");
  append_setting(out, "standard_conforming_strings", "on");
  const auto limit = [&out](std::string_view name, std::chrono::milliseconds time) {
    if (time.count() > 0) append_setting(out, name, std::to_string(time.count()));
  };
  limit("statement_timeout", wanted.statement_timeout);
  limit("lock_timeout", wanted.lock_timeout);
  limit("idle_in_transaction_session_timeout", wanted.idle_in_transaction_timeout);
  return out;
}

HEWN_COLD inline settings connection_settings(const std::string& url, const options& wanted) {
  settings s = parse_url(url);
  const auto set = [&s](const char* keyword, const std::string& value) {
    if (!value.empty()) s[keyword] = value;
  };
  set("host", wanted.host);
  if (wanted.port != 0) s["port"] = std::to_string(wanted.port);
  set("dbname", wanted.database);
  set("user", wanted.user);
  set("password", wanted.password);
  set("sslmode", wanted.sslmode);
  set("application_name", wanted.application_name);
  if (!s.contains("connect_timeout"))
    s["connect_timeout"] = std::to_string(wanted.connect_timeout.count());
  s["client_encoding"] = "UTF8";

  const settings outside = defaults();
  const auto effective = [&](const char* keyword) -> std::string {
    if (const auto own = s.find(keyword); own != s.end()) return own->second;
    // A service named in the URL fills what the URL leaves out, unseen from here.
    const auto other = outside.find(keyword);
    return other != outside.end() ? other->second : std::string();
  };
  const bool by_service = s.contains("service") && !s.contains("host") && !s.contains("hostaddr");
  const bool local = is_local(effective("host")) && is_local(effective("hostaddr"));
  // PQconndefaults gives libpq's compiled-in mode as well, so the environment is asked itself.
  const bool chosen = s.contains("sslmode") || std::getenv("PGSSLMODE") != nullptr ||
                      std::getenv("PGREQUIRESSL") != nullptr || outside.contains("service");
  if (!chosen && (!local || by_service)) s["sslmode"] = "verify-full";
  if (!wanted.transaction_pooling) {
    const std::string given = effective("options");
    s["options"] = (given.empty() ? "" : given + " ") + session_settings(wanted);
  }
  return s;
}

/// Whether the session has the search_path that was asked for: a proxy may drop settings without a
/// word, and then anybody's names would count. How the server quotes is its own affair.
HEWN_COLD inline bool settings_arrived(PGconn* handle, const options& wanted) {
  const auto bare = [](std::string_view path) {
    std::string out;
    for (const char c : path)
      if (c != '"' && c != ' ') out += c;
    return out;
  };
  PGresult* const r = PQexec(handle, "SHOW search_path");
  const bool same = PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1 &&
                    bare(PQgetvalue(r, 0, 0)) == bare(search_path(wanted));
  PQclear(r);
  return same;
}

// What the server has to say besides results is for its log.
inline void ignore_notice(void*, const PGresult*) {}

/// Settings as libpq takes them. Lifetime: that of the settings.
struct parameter_arrays {
  explicit parameter_arrays(const settings& s) {
    for (const auto& [keyword, value] : s) {
      keywords.push_back(keyword.c_str());
      values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
  }

  std::vector<const char*> keywords = {};
  std::vector<const char*> values = {};
};

/// Throws: usage for a URL that cannot be read, cannot_open.
HEWN_COLD inline PGconn* open_handle(const std::string& url, const options& wanted) {
  if (wanted.connect_timeout.count() < 0 || wanted.statement_timeout.count() < 0 ||
      wanted.lock_timeout.count() < 0 || wanted.idle_in_transaction_timeout.count() < 0)
    throw error(errc::usage,
                "hewn: a timeout is less than nothing; use zero for the server's own limit");
  if (wanted.transaction_pooling &&
      (wanted.statement_timeout.count() != 0 || wanted.lock_timeout.count() != 0 ||
       wanted.idle_in_transaction_timeout.count() != 0))
    throw error(
        errc::usage,
        "hewn: timeouts are settings of a session, which transaction pooling does not keep; "
        "set them for the role (ALTER ROLE ... SET), or leave them out");
  const settings s = connection_settings(url, wanted);
  const parameter_arrays given(s);
  PGconn* const handle = PQconnectdbParams(given.keywords.data(), given.values.data(), 0);
  std::unique_ptr<PGconn, decltype(&PQfinish)> opened(handle, &PQfinish);
  if (PQstatus(handle) != CONNECTION_OK) throw error(connect_failure(handle));
  PQsetNoticeReceiver(handle, &ignore_notice, nullptr);
  if (!wanted.transaction_pooling && !settings_arrived(handle, wanted)) {
    if (PQstatus(handle) != CONNECTION_OK) throw error(connect_failure(handle));
    throw error(errc::cannot_open,
                "hewn: the session lacks the search_path that was asked for, because a proxy "
                "drops the session's settings (pgbouncer's ignore_startup_parameters = options); "
                "open with .transaction_pooling = true and set them for the role, or connect "
                "without the proxy");
  }
  return opened.release();
}

}  // namespace hewn::postgres::detail
