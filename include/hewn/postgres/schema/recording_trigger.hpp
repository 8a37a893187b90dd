// hewn/postgres/schema/recording_trigger.hpp - what would be set off by what hewn records on a
// server.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/listen/triggers.hpp>

#include <string>

namespace hewn::postgres::detail {

/// What hangs on hewn's own tables and is set off when hewn writes to them: `trigger x on the table
/// hewn_audit`; empty: nothing. What a function does nobody can tell, so only the triggers of
/// announce_changes() are known to look on.
HEWN_COLD inline std::string recording_trigger(connection& c) {
  // hewn inserts entries into some, and changes rows of others. The bits of tgtype are those of
  // INSERT (4), DELETE (8) and UPDATE (16), ev_type is UPDATE (2), INSERT (3) or DELETE (4).
  catalog_query q(
      c,
      "SELECT 'trigger ' || t.tgname || ' on the table ' || r.relname FROM pg_catalog.pg_trigger t "
      "JOIN pg_catalog.pg_class r ON r.oid = t.tgrelid "
      "JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid "
      "WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') "
      "AND (t.tgrelid IN (pg_catalog.to_regclass('hewn_audit'), "
      "pg_catalog.to_regclass('hewn_migrations')) AND t.tgtype & 4 <> 0 "
      "OR t.tgrelid IN (pg_catalog.to_regclass('hewn_identity'), "
      "pg_catalog.to_regclass('hewn_kept')) AND t.tgtype & 20 <> 0 "
      "OR t.tgrelid IN (pg_catalog.to_regclass('hewn_migration_steps'), "
      "pg_catalog.to_regclass('hewn_online')) AND t.tgtype & 28 <> 0) "
      "AND NOT (p.proname = 'hewn_announce_changes' AND p.prosrc = $1) "
      "UNION ALL SELECT 'rule ' || w.rulename || ' on the table ' || r.relname "
      "FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class r ON r.oid = w.ev_class "
      "WHERE w.ev_enabled IN ('O', 'A') "
      "AND (w.ev_class IN (pg_catalog.to_regclass('hewn_audit'), "
      "pg_catalog.to_regclass('hewn_migrations')) AND w.ev_type = '3' "
      "OR w.ev_class IN (pg_catalog.to_regclass('hewn_identity'), "
      "pg_catalog.to_regclass('hewn_kept')) AND w.ev_type IN ('2', '3') "
      "OR w.ev_class IN (pg_catalog.to_regclass('hewn_migration_steps'), "
      "pg_catalog.to_regclass('hewn_online')) AND w.ev_type IN ('2', '3', '4')) "
      "ORDER BY 1 LIMIT 1",
      {std::string(trigger_function)});
  return q.next() ? q.text(0) : std::string();
}

}  // namespace hewn::postgres::detail
