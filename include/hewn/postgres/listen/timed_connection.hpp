// hewn/postgres/listen/timed_connection.hpp - a connection that is never waited for but with a
// deadline.
// SPDX-License-Identifier: BSL-1.0
//
// Legal order: advance() until it says that the connection is open; then ask() and take(). After a
// failure only its destructor.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/listen/notification.hpp>
#include <hewn/postgres/client/connect.hpp>
#include <hewn/postgres/client/shared_state.hpp>
#include <hewn/postgres/failure/errors.hpp>
#include <hewn/postgres/listen/wait.hpp>

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

struct free_notify {
  void operator()(PGnotify* n) const noexcept { PQfreemem(n); }
};

/// How long opening a connection may take: libpq's connect_timeout for each host of the list.
HEWN_COLD inline std::chrono::seconds connect_limit(const settings& s) {
  int seconds = 0;
  if (const auto given = s.find("connect_timeout"); given != s.end())
    std::from_chars(given->second.data(), given->second.data() + given->second.size(), seconds);
  std::ptrdiff_t hosts = 1;
  if (const auto given = s.find("host"); given != s.end())
    hosts += std::count(given->second.begin(), given->second.end(), ',');
  return std::chrono::seconds(seconds > 0 ? seconds : 10) * hosts;
}

/// The settings of another connection as those of one that mostly waits.
HEWN_COLD inline settings listening_settings(settings s) {
  // The server must not end it for its silence, and when the server has vanished without a word,
  // nothing but these probes finds that out.
  s["options"] += " -c idle_session_timeout=0 -c hewn.listens=on";
  s.emplace("keepalives_idle", "30");
  s.emplace("keepalives_interval", "10");
  s.emplace("keepalives_count", "3");
  return s;
}

class timed_connection {
 public:
  explicit timed_connection(const settings& s)
      : settings_(&s), ends_(wait_clock::now() + connect_limit(s)), state_(start(s), false) {}

  bool open() const noexcept { return open_; }
  int socket() const noexcept { return PQsocket(state_.handle()); }

  /// Goes on connecting, at most until the deadline; `ready`: look at open(). Throws: what opening
  /// a connection throws.
  awaited advance(const wake_pipe* wake, wait_clock::time_point deadline) {
    while (!open_) {
      if (PQstatus(state_.handle()) == CONNECTION_BAD)
        throw error(connect_failure(state_.handle()));
      const awaited how =
          wait_for(socket(), reading_ ? POLLIN : POLLOUT, wake, std::min(deadline, ends_));
      if (how == awaited::woken) return how;
      if (how == awaited::timed_out && wait_clock::now() < ends_) return how;
      if (how == awaited::timed_out)
        throw error(errc::cannot_open,
                    "hewn: the database cannot be opened (the server does not answer); check "
                    "address and port, or raise connect_timeout");
      switch (PQconnectPoll(state_.handle())) {
        case PGRES_POLLING_OK:
          open_ = true;
          break;
        case PGRES_POLLING_READING:
          reading_ = true;
          break;
        case PGRES_POLLING_WRITING:
          reading_ = false;
          break;
        default:
          throw error(connect_failure(state_.handle()));
      }
    }
    return awaited::ready;
  }

  /// Runs a statement and returns its result. Throws: what the server reports; connection_lost,
  /// also when there is no answer in time.
  result_ptr ask(const std::string& sql, std::initializer_list<const char*> values = {}) {
    PGconn* const c = state_.handle();
    const auto deadline = wait_clock::now() + connect_limit(*settings_);
    // Without values several statements may be sent at once.
    const int sent = values.size() == 0
                         ? PQsendQuery(c, sql.c_str())
                         : PQsendQueryParams(c, sql.c_str(), static_cast<int>(values.size()),
                                             nullptr, values.begin(), nullptr, nullptr, 0);
    if (sent == 0) lose();
    result_ptr first;
    for (;;) {
      while (PQisBusy(c) != 0)
        if (wait_for(socket(), POLLIN, nullptr, deadline) == awaited::timed_out ||
            PQconsumeInput(c) == 0)
          lose();
      result_ptr r(PQgetResult(c));
      if (!r) break;
      if (!first || PQresultStatus(first.get()) != PGRES_FATAL_ERROR) first = std::move(r);
    }
    if (PQstatus(c) == CONNECTION_BAD) lose();
    if (PQresultStatus(first.get()) == PGRES_FATAL_ERROR)
      throw error(postgres::describe(first.get(), sql));
    return first;
  }

  /// Whether the session has its settings; a proxy that drops them keeps no session.
  bool settled() {
    const result_ptr r = ask("SELECT current_setting('hewn.listens', true)");
    return std::string_view(PQgetvalue(r.get(), 0, 0)) == "on";
  }

  /// Appends what has arrived, under the names that it was sent with. False: the connection is
  /// lost.
  bool take(std::vector<notification>& out) {
    const bool alive = PQconsumeInput(state_.handle()) != 0;
    while (const std::unique_ptr<PGnotify, free_notify> n{PQnotifies(state_.handle())})
      out.push_back({.channel = n->relname, .payload = n->extra});
    return alive && PQstatus(state_.handle()) == CONNECTION_OK;
  }

 private:
  static PGconn* start(const settings& s) {
    const parameter_arrays given(s);
    PGconn* const handle = PQconnectStartParams(given.keywords.data(), given.values.data(), 0);
    if (handle == nullptr) throw error(connect_failure(handle));
    PQsetNoticeReceiver(handle, &ignore_notice, nullptr);
    return handle;
  }

  [[noreturn]] HEWN_COLD static void lose() {
    throw error(describe_client_failure(client_failure::connection_lost));
  }

  const settings* settings_;
  wait_clock::time_point ends_;  // of the attempt to connect
  shared_state state_;
  bool reading_ = false;
  bool open_ = false;
};

}  // namespace hewn::postgres::detail
