// hewn/postgres/migrate/migration_lock.hpp - one runner of migrations at a time on a server.
// SPDX-License-Identifier: BSL-1.0
//
// The lock is an advisory one of a transaction, on a connection of its own that does nothing else.
// So it ends with the process, keeps its server connection behind a proxy that pools transactions,
// and is asked about from the connection that migrates, which shows whether both have come to the
// same server and whether the lock is still there. The transaction has no snapshot between its
// statements, so CREATE INDEX CONCURRENTLY does not wait for it.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/client/connect.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/client/shared_state.hpp>
#include <hewn/postgres/listen/wait.hpp>
#include <hewn/postgres/wire/result_ptr.hpp>

#include <libpq-fe.h>
#include <poll.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace hewn::postgres::detail {

/// The settings that a connection was opened with, of the server that it has come to.
HEWN_COLD inline settings settings_of(PGconn* c) {
  settings s = named_values(conninfo_ptr(PQconninfo(c)).get());
  const auto pin = [&](const char* keyword, const char* value) {
    if (value != nullptr && value[0] != '\0')
      s[keyword] = value;
    else
      s.erase(keyword);
  };
  pin("host", PQhost(c));
  pin("hostaddr", PQhostaddr(c));
  pin("port", PQport(c));
  pin("password", PQpass(c));
  s.erase("service");
  s["application_name"] = "hewn migration lock";
  return s;
}

class migration_lock {
 public:
  /// `main`: the connection that migrates, outside transactions. Does not wait for other runners.
  /// False: another one has it.
  HEWN_COLD bool try_lock(connection& main) {
    if (key_.empty()) key_ = key_in(main);
    if (!session_ || session_->lost()) open(main);
    ask("BEGIN ISOLATION LEVEL READ COMMITTED");
    // Nothing happens here while the migrations run.
    ask("SELECT pg_catalog.set_config(name, '0', true) FROM pg_catalog.pg_settings WHERE name IN "
        "('idle_in_transaction_session_timeout', 'transaction_timeout')");
    const result_ptr got = ask("SELECT pg_catalog.pg_try_advisory_xact_lock(" + key_ +
                               "), pg_catalog.pg_backend_pid()");
    if (PQgetvalue(got.get(), 0, 0)[0] != 't') {
      ask("ROLLBACK");
      return false;
    }
    holder_ = PQgetvalue(got.get(), 0, 1);
    if (!seen_by(main)) {
      unlock();
      if (main.lost()) catalog_query(main, "SELECT 1");  // which says what has become of it
      throw error(errc::cannot_open,
                  "hewn: the connection that holds the lock of the migrations has come to another "
                  "server than the one that migrates; name one server in the URL");
    }
    return true;
  }

  void unlock() noexcept {
    session_.reset();
    holder_.clear();
  }

  /// Throws connection_lost when the lock is not held any more.
  HEWN_COLD void check(connection& main) const {
    if (holder_.empty()) return;
    catalog_query q(main, holds());
    if (q.next()) return;
    throw error(errc::connection_lost,
                "hewn: the connection that holds the lock of the migrations is lost, so another "
                "process may be migrating, and nothing more was done; run again");
  }

 private:
  static std::string key_in(connection& main) {
    catalog_query q(main,
                    "SELECT pg_catalog.hashtextextended('hewn migrations ' || "
                    "coalesce(pg_catalog.current_schema(), ''), 0)::text");
    q.next();
    return "(" + q.text(0) + ")::bigint";
  }

  void open(connection& main) {
    const settings s = settings_of(main.native());
    const parameter_arrays given(s);
    PGconn* const handle = PQconnectdbParams(given.keywords.data(), given.values.data(), 0);
    session_ = std::make_unique<connection>(handle, true);
    if (PQstatus(handle) == CONNECTION_OK) {
      PQsetNoticeReceiver(handle, &ignore_notice, nullptr);
      return;
    }
    error_details d = connect_failure(handle);
    session_.reset();
    std::string_view why = d.message;
    if (why.starts_with("hewn: ")) why.remove_prefix(6);
    d.message = "hewn: migrations are locked by a second connection, which cannot be opened (" +
                std::string(why) + "); allow this role one more";
    throw error(std::move(d));
  }

  result_ptr ask(const std::string& sql) {
    session_->shared().begin_command();
    result_ptr r(PQexec(session_->shared().handle(), sql.c_str()));
    const ExecStatusType status = PQresultStatus(r.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return r;
    const error failure(session_->describe(session_->shared().failed(std::move(r)), sql));
    session_.reset();
    throw failure;
  }

  // The server tells a lock by both halves of its key.
  std::string holds() const {
    return "SELECT 1 FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = "
           "l.database WHERE d.datname = pg_catalog.current_database() AND l.locktype = "
           "'advisory' AND l.objsubid = 1 AND l.granted AND l.pid = " +
           holder_ + " AND (l.classid::bigint << 32) | l.objid::bigint = " + key_;
  }

  // Behind a proxy that has but one server connection the answer would never come.
  bool seen_by(connection& main) {
    shared_state& shared = main.shared();
    shared.begin_command();
    if (PQsendQuery(shared.handle(), holds().c_str()) == 0) return false;
    const auto deadline = wait_clock::now() + std::chrono::seconds(10);
    bool answered = true;
    while (answered && PQisBusy(shared.handle()) != 0)
      answered = wait_for(PQsocket(shared.handle()), POLLIN, nullptr, deadline) == awaited::ready &&
                 PQconsumeInput(shared.handle()) != 0;
    if (!answered) unlock();  // which lets the answer come
    bool found = false;
    while (PGresult* const r = PQgetResult(shared.handle())) {
      const result_ptr kept(r);
      found |= PQntuples(r) == 1;
    }
    if (!answered && !shared.lost())
      throw error(errc::busy,
                  "hewn: the database gives the migrations no second connection while the first "
                  "one holds their lock; let the proxy open at least two server connections (of "
                  "pgbouncer pool_size and max_db_connections)");
    return found;
  }

  std::unique_ptr<connection> session_;
  std::string key_;
  std::string holder_;  // the process of the server that holds it; empty: nobody
};

}  // namespace hewn::postgres::detail
