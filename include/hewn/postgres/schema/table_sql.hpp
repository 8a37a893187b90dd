// hewn/postgres/schema/table_sql.hpp - what the catalog is asked about tables and their columns.
// SPDX-License-Identifier: BSL-1.0
//
// The model has no place for many of the answers. They come as texts, as near to what a statement
// says as they can be, and are named as left alone.
#pragma once

#include <hewn/base/config.hpp>

#include <string>

namespace hewn::postgres::detail {

/// One row per relation: oid, name, kind, whether it is a partition, and from first_table_clause on
/// clauses of a table, each a text or NULL. `schema` is an SQL expression for the namespace's oid.
/// The sequences behind serial and identity columns belong to their tables.
HEWN_COLD inline std::string relations_sql(const std::string& schema) {
  return "SELECT c.oid, c.relname, c.relkind, c.relispartition, CASE WHEN c.relpersistence = 'u' "
         "THEN 'UNLOGGED' END, CASE WHEN c.relrowsecurity THEN 'ROW LEVEL SECURITY' END, CASE WHEN "
         "c.relforcerowsecurity THEN 'FORCE ROW LEVEL SECURITY' END, 'INHERITS ' || (SELECT "
         "string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM "
         "pg_catalog.pg_inherits i WHERE i.inhrelid = c.oid AND NOT c.relispartition), CASE WHEN "
         "EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid AND c.relkind = "
         "'r') THEN 'children by INHERITS' END, 'WITH (' || "
         "pg_catalog.array_to_string(c.reloptions, ', ') || ')', 'WITH (toast.' || "
         "pg_catalog.array_to_string(o.reloptions, ', toast.') || ')', 'TABLESPACE ' || s.spcname, "
         "'USING ' || CASE WHEN m.amname <> 'heap' THEN m.amname END, CASE WHEN c.reloftype <> 0 "
         "THEN 'OF ' || c.reloftype::regtype::text END, 'REPLICA IDENTITY ' || CASE c.relreplident "
         "WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' WHEN 'i' THEN coalesce('USING INDEX ' || "
         "x.replica, 'NOTHING') END, 'CLUSTER ON ' || x.clustered FROM pg_catalog.pg_class c LEFT "
         "JOIN pg_catalog.pg_class o ON o.oid = c.reltoastrelid LEFT JOIN pg_catalog.pg_tablespace "
         "s ON s.oid = c.reltablespace LEFT JOIN pg_catalog.pg_am m ON m.oid = c.relam LEFT JOIN "
         "(SELECT i.indrelid, max(n.relname::text) FILTER (WHERE i.indisreplident) AS replica, "
         "max(n.relname::text) FILTER (WHERE i.indisclustered) AS clustered FROM "
         "pg_catalog.pg_index i JOIN pg_catalog.pg_class n ON n.oid = i.indexrelid WHERE "
         "i.indisreplident OR i.indisclustered GROUP BY i.indrelid) AS x ON x.indrelid = c.oid "
         "WHERE c.relnamespace = " +
         schema +
         " AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND NOT EXISTS (SELECT FROM "
         "pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = "
         "c.oid AND c.relkind = 'S' AND d.deptype IN ('a', 'i')) ORDER BY c.relname";
}
inline constexpr int first_table_clause = 4;

/// One row per column of a table, with clauses from first_column_clause on. `version` is a
/// server_version_num. Cost: without subqueries and LATERAL for each column, see indexes_sql.
HEWN_COLD inline std::string columns_sql(const std::string& schema, int version) {
  std::string sql =
      "SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), "
      "a.attnotnull, a.attidentity, a.attgenerated, pg_catalog.pg_get_expr(d.adbin, "
      "d.adrelid), CASE WHEN a.attcollation <> t.typcollation THEN l.collname END, "
      // The default takes its numbers from a sequence that belongs to the column. An index on
      // the column depends on it in the same way and is no sequence.
      "EXISTS (SELECT FROM pg_catalog.pg_depend s JOIN pg_catalog.pg_depend u ON u.refclassid = "
      "s.classid AND u.refobjid = s.objid WHERE s.classid = 'pg_catalog.pg_class'::regclass AND "
      "s.refobjid = a.attrelid AND s.refobjsubid = a.attnum AND s.deptype = 'a' AND u.classid = "
      "'pg_catalog.pg_attrdef'::regclass AND u.objid = d.oid), 'STORAGE ' || CASE WHEN "
      "a.attstorage <> t.typstorage THEN CASE a.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN "
      "'EXTERNAL' WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END END, 'STATISTICS ' || CASE WHEN "
      "a.attstattarget >= 0 THEN a.attstattarget END, 'SET (' || "
      "pg_catalog.array_to_string(a.attoptions, ', ') || ')', w.options, ";
  sql += version >= 140000
             ? "'COMPRESSION ' || CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' "
               "END "
             : "NULL ";
  sql +=
      "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN "
      "pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = "
      "a.attrelid AND d.adnum = a.attnum LEFT JOIN pg_catalog.pg_collation l ON l.oid = "
      "a.attcollation LEFT JOIN (SELECT d.refobjid, d.refobjsubid, string_agg(o.options, ', ') AS "
      "options FROM pg_catalog.pg_sequence q JOIN pg_catalog.pg_depend d ON d.classid = "
      "'pg_catalog.pg_class'::regclass AND d.objid = q.seqrelid AND d.refobjsubid > 0 AND "
      "d.deptype IN ('a', 'i') CROSS JOIN LATERAL pg_catalog.concat_ws(' ', 'START ' || "
      "NULLIF(q.seqstart, 1), 'INCREMENT ' || NULLIF(q.seqincrement, 1), 'MINVALUE ' || "
      "NULLIF(q.seqmin, 1), 'MAXVALUE ' || NULLIF(q.seqmax, CASE q.seqtypid WHEN 21 THEN 32767 "
      "WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END), 'CACHE ' || NULLIF(q.seqcache, 1), "
      "CASE WHEN q.seqcycle THEN 'CYCLE' END) AS o(options) WHERE o.options <> '' GROUP BY "
      "d.refobjid, d.refobjsubid) AS w ON w.refobjid = a.attrelid AND w.refobjsubid = a.attnum "
      "WHERE c.relnamespace = " +
      schema +
      " AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attrelid, "
      "a.attnum";
  return sql;
}
inline constexpr int first_column_clause = 9;

/// What hangs on tables by a name of its own: its kind, the text and the table. Triggers are
/// objects; a rule sends what is written elsewhere, policies wait for row-level security. Of a time
/// trigger of hewn's also: the column, or NULL where somebody has changed it, how the server writes
/// it, and the body of its function.
HEWN_COLD inline std::string attached_sql(const std::string& schema) {
  const std::string of_tables = "c.relkind = 'r' AND c.relnamespace = " + schema;
  return "SELECT 'trigger', t.tgname::text, c.relname, CASE WHEN t.tgtype = 19 AND t.tgattr::text "
         "= '' AND t.tgenabled = 'O' AND t.tgnargs = 0 AND p.proname = t.tgname AND l.lanname = "
         "'plpgsql' AND NOT p.prosecdef AND p.proconfig IS NULL AND "
         "pg_catalog.strpos(pg_catalog.pg_get_triggerdef(t.oid, true), pg_catalog.format(' FOR "
         "EACH ROW WHEN (NOT new.%1$I IS DISTINCT FROM old.%1$I) EXECUTE ', coalesce(w.attname, "
         "''))) > 0 THEN "
         "w.attname::text END, CASE WHEN w.own THEN pg_catalog.pg_get_triggerdef(t.oid) END, CASE "
         "WHEN w.own THEN p.prosrc END FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON "
         "c.oid = t.tgrelid JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN "
         "pg_catalog.pg_language l ON l.oid = p.prolang LEFT JOIN LATERAL (SELECT true AS own, "
         "min(a.attname::text) AS attname FROM pg_catalog.pg_depend d JOIN "
         "pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE "
         "d.classid = 'pg_catalog.pg_trigger'::pg_catalog.regclass AND d.objid = t.oid AND "
         "d.refobjid = t.tgrelid AND d.refobjsubid > 0) w ON t.tgname LIKE 'hewn\\_updated\\_%' "
         "WHERE NOT t.tgisinternal AND c.relnamespace = " +
         schema +
         " UNION ALL SELECT 'clause', 'RULE ' || r.rulename || ' ON ' || CASE r.ev_type WHEN '2' "
         "THEN 'UPDATE' WHEN '3' THEN 'INSERT' ELSE 'DELETE' END || CASE WHEN r.is_instead THEN ' "
         "DO INSTEAD' ELSE ' DO ALSO' END, c.relname, NULL, NULL, NULL FROM pg_catalog.pg_rewrite "
         "r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class WHERE " +
         of_tables +
         " UNION ALL SELECT 'clause', 'POLICY ' || p.polname, c.relname, NULL, NULL, NULL FROM "
         "pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid WHERE " +
         of_tables +
         " UNION ALL SELECT 'clause', 'STATISTICS ' || s.stxname, c.relname, NULL, NULL, NULL FROM "
         "pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_class c ON c.oid = s.stxrelid WHERE " +
         of_tables + " ORDER BY 2, 3";
}
inline constexpr int time_trigger_column = 3;
inline constexpr int time_trigger_definition = 4;
inline constexpr int time_trigger_body = 5;

}  // namespace hewn::postgres::detail
