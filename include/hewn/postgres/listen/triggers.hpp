// hewn/postgres/listen/triggers.hpp - the triggers by which tables announce their changes.
// SPDX-License-Identifier: BSL-1.0
//
// One function per schema, which finds out by itself what it is called for, so that renaming a
// table or its key breaks nothing; three triggers per table, each run once per statement.
#pragma once

#include <hewn/base/config.hpp>

#include <string>
#include <string_view>
#include <vector>

#if HEWN_DEFINES_POSTGRES
#  include <hewn/dialect/text/quote.hpp>
#endif

namespace hewn::postgres::detail {

/// The channel of the table $1, a quoted name, and whether it announces; no row: no such table.
/// The channel's name is that of trigger_function.
inline constexpr const char* change_channel_query =
    "SELECT CASE WHEN octet_length(n.name) <= 63 THEN n.name ELSE 'hewn:' || md5(n.name) END, "
    "EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND "
    "t.tgname = 'hewn_announce_insert') "
    "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace s ON s.oid = c.relnamespace, "
    "LATERAL (SELECT 'hewn:' || s.nspname || '.' || c.relname AS name) n "
    "WHERE c.oid = pg_catalog.to_regclass($1)";

// The names of channels have at most 63 bytes. The key is told where it is one integer.
inline constexpr const char* trigger_function = R"(
DECLARE
  channel text := 'hewn:' || TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME;
  action text := CASE TG_OP WHEN 'INSERT' THEN 'insert' WHEN 'UPDATE' THEN 'update'
                 ELSE 'remove' END;
  key text;
BEGIN
  IF octet_length(channel) > 63 THEN channel := 'hewn:' || md5(channel); END IF;
  SELECT a.attname INTO key FROM pg_index i
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indrelid = TG_RELID AND i.indisprimary AND i.indnkeyatts = 1
      AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype);
  IF key IS NOT NULL THEN
    EXECUTE format('SELECT pg_notify($1, $2 || %I) FROM hewn_rows', key)
      USING channel, action || ' ';
  ELSIF EXISTS (SELECT FROM hewn_rows) THEN
    PERFORM pg_notify(channel, action);
  END IF;
  RETURN NULL;
END
)";

/// Creates what is missing of the function and the triggers, in one statement. Nothing is locked
/// when all is there; otherwise one program does it at a time.
HEWN_RARE HEWN_API std::string announce_changes_sql(const std::vector<std::string_view>& tables);

#if HEWN_DEFINES_POSTGRES

HEWN_API std::string announce_changes_sql(const std::vector<std::string_view>& tables) {
  std::string names;
  for (const std::string_view table : tables) {
    if (!names.empty()) names += ", ";
    names += quote_literal(quote_identifier(table, dialect::postgres));
  }
  return "DO " + quote_literal(R"(
DECLARE
  body text := )" + quote_literal(trigger_function) +
                               R"(;
  name text;
  event text;
  function oid;
BEGIN
  SELECT p.oid INTO function FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace
      AND p.proname = 'hewn_announce_changes' AND p.prosrc = body;
  IF function IS NULL THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('hewn_announce_changes', 0));
    EXECUTE format('CREATE OR REPLACE FUNCTION %I.hewn_announce_changes() RETURNS trigger '
      'LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS %L', current_schema(), body);
    function := to_regproc(quote_ident(current_schema()) || '.hewn_announce_changes');
  END IF;
  FOREACH name IN ARRAY ARRAY[)" +
                               names +
                               R"(]::text[] LOOP
    FOREACH event IN ARRAY ARRAY['insert', 'update', 'delete'] LOOP
      CONTINUE WHEN EXISTS (SELECT FROM pg_catalog.pg_trigger t
        WHERE t.tgrelid = name::regclass AND t.tgname = 'hewn_announce_' || event
          AND t.tgfoid = function);
      PERFORM pg_advisory_xact_lock(hashtextextended('hewn_announce_changes', 0));
      EXECUTE format('CREATE OR REPLACE TRIGGER %I AFTER %s ON %s REFERENCING %s TABLE AS '
        'hewn_rows FOR EACH STATEMENT EXECUTE FUNCTION %I.hewn_announce_changes()',
        'hewn_announce_' || event, event, name::regclass,
        CASE event WHEN 'delete' THEN 'OLD' ELSE 'NEW' END, current_schema());
    END LOOP;
  END LOOP;
END
)");
}

#endif

}  // namespace hewn::postgres::detail
