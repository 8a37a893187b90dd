// hewn/postgres/migrate/kept_session.hpp - what a session keeps until it ends, put back.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/client/shared_state.hpp>

#include <map>
#include <string>
#include <utility>

namespace hewn::postgres::detail {

/// What statements can leave in a session: settings without LOCAL, the role, temporary tables and
/// views, statements prepared by SQL, cursors, channels that are listened to, advisory locks. It is
/// put back as it was when this was made, also when this dies, but for what was there and is gone.
/// Not among it: settings that no extension has declared (`app.user`), which the server does not
/// list, and, behind a proxy that pools transactions, what is left outside of them.
class kept_session {
 public:
  /// Throws: what the server reports.
  explicit kept_session(connection& c)
      : connection_(&c),
        before_(content()),
        elsewhere_(c.shared().pooling() && !c.in_transaction()) {
    for (catalog_query q(c, "SELECT pg_catalog.current_setting('search_path')"); q.next();)
      path_ = q.text(0);
  }
  kept_session(const kept_session&) = delete;
  kept_session& operator=(const kept_session&) = delete;
  ~kept_session() {
    // In a transaction that has failed the rollback does it.
    if (connection_->lost() || connection_->transaction_failed()) return;
    try {
      put_back();
    } catch (...) {
      // Nothing else can be done; what has failed before says why.
    }
  }

  /// Until the transaction ends, names and rights mean what they did. Throws: what the server
  /// reports.
  HEWN_COLD void use_in_transaction() const {
    for (const char* const name : {"session_authorization", "role"})
      catalog_query(*connection_, "SELECT pg_catalog.set_config($1, $2, true)",
                    {name, before_.at({"setting", name})});
    catalog_query(*connection_, "SELECT pg_catalog.set_config('search_path', $1, true)", {path_});
    connection_->definitions_changed();
  }

  /// Only what has changed is touched. Throws: what the server reports.
  HEWN_COLD void put_back() {
    if (elsewhere_) return;
    const values now = content();
    if (now == before_) return;
    // First, because another role may not do the rest.
    for (const char* const name : {"session_authorization", "role"}) restore(now, name);
    for (const auto& [what, value] : now)
      if (what.first != "setting" && !before_.contains(what)) remove(what);
    for (const auto& [what, value] : now)
      if (what.first == "setting" && !before_.contains(what))
        run("RESET " + quote_identifier(what.second, dialect::postgres));
    for (const auto& [what, value] : before_)
      if (what.first == "setting") restore(now, what.second);
    connection_->definitions_changed();  // names may mean other tables
  }

 private:
  using values = std::map<std::pair<std::string, std::string>, std::string>;

  values content() const {
    values out;
    for (catalog_query q(
             *connection_,
             "SELECT 'setting', name, setting FROM pg_catalog.pg_settings WHERE source = 'session' "
             "UNION ALL SELECT 'setting', 'role', pg_catalog.current_setting('role') "
             "UNION ALL SELECT 'setting', 'session_authorization', session_user::text "
             "UNION ALL SELECT CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE "
             "'TABLE' END, relname, '' FROM pg_catalog.pg_class WHERE relnamespace = "
             "pg_catalog.pg_my_temp_schema() AND relkind IN ('r', 'p', 'v', 'S') AND oid NOT IN "
             "(SELECT objid FROM pg_catalog.pg_depend WHERE classid = 1259 AND refclassid = 1259 "
             "AND deptype IN ('a', 'i')) "
             "UNION ALL SELECT 'prepared', name, '' FROM pg_catalog.pg_prepared_statements WHERE "
             "from_sql "
             "UNION ALL SELECT 'cursor', name, '' FROM pg_catalog.pg_cursors WHERE is_holdable "
             "UNION ALL SELECT 'channel', c, '' FROM pg_catalog.pg_listening_channels() AS c "
             "UNION ALL SELECT 'lock', l.classid::text || ' ' || l.objid::text || ' ' || "
             "l.objsubid::text, '' FROM pg_catalog.pg_locks l WHERE l.locktype = 'advisory' AND "
             "l.pid = pg_catalog.pg_backend_pid()");
         q.next();)
      out[{q.text(0), q.text(1)}] = q.text(2);
    return out;
  }

  void restore(const values& now, const std::string& name) {
    const auto before = before_.find({"setting", name});
    const auto after = now.find({"setting", name});
    if (before == before_.end() || (after != now.end() && after->second == before->second)) return;
    catalog_query(*connection_, "SELECT pg_catalog.set_config($1, $2, false)",
                  {name, before->second});
  }

  void remove(const std::pair<std::string, std::string>& what) {
    const std::string name = quote_identifier(what.second, dialect::postgres);
    if (what.first == "prepared") {
      run("DEALLOCATE " + name);
    } else if (what.first == "cursor") {
      run("CLOSE " + name);
    } else if (what.first == "channel") {
      run("UNLISTEN " + name);
    } else if (what.first == "lock") {
      unlock(what.second);
    } else {
      run("DROP " + what.first + " IF EXISTS pg_temp." + name + " CASCADE");
    }
  }

  // Those of a transaction end with it, and the server says of them that it knows none.
  void unlock(const std::string& lock) {
    const std::size_t first = lock.find(' ');
    const std::size_t second = lock.rfind(' ');
    const std::string high = lock.substr(0, first);
    const std::string low = lock.substr(first + 1, second - first - 1);
    const std::string one = "(" + high + "::bigint << 32) | " + low;
    const std::string two =
        "(" + high + "::bigint << 32 >> 32)::integer, (" + low + "::bigint << 32 >> 32)::integer";
    const std::string key = lock.ends_with(" 1") ? one : two;
    // Whoever has it several times has to give it back as often.
    for (const char* const function : {"pg_advisory_unlock(", "pg_advisory_unlock_shared("})
      while (held(std::string("SELECT pg_catalog.") + function + key + ")")) {
      }
  }

  bool held(const std::string& sql) const {
    catalog_query q(*connection_, sql);
    return q.next() && q.flag(0);
  }

  void run(const std::string& sql) { catalog_query(*connection_, sql); }

  connection* connection_;
  values before_;
  std::string path_;
  bool elsewhere_;  // behind a proxy each transaction may have another session
};

}  // namespace hewn::postgres::detail
