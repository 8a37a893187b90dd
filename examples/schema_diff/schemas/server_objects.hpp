// examples/schema_diff/schemas/server_objects.hpp - what a PostgreSQL database has besides tables.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "live_schema.hpp"

#include <hewn/sync/model/executor.hpp>

#include <string>
#include <vector>

namespace schema_diff {

/// Views, functions, triggers, types, sequences, extensions and further schemas, which hewn does
/// not manage, with the server's own text of them. What belongs to an extension is not listed.
inline std::vector<object_text> server_objects(hewn::schema_executor& executor) {
  constexpr const char* sql =
      "WITH here AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = "
      "pg_catalog.current_schema()), of_extension AS (SELECT classid, objid FROM "
      "pg_catalog.pg_depend WHERE deptype = 'e') "
      "SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE "
      "'sequence' END, c.relname::text, '', CASE WHEN c.relkind = 'S' THEN (SELECT "
      "pg_catalog.concat_ws(' ', seqtypid::pg_catalog.regtype, seqstart, seqincrement, seqmin, "
      "seqmax, seqcycle) FROM pg_catalog.pg_sequence q WHERE q.seqrelid = c.oid) ELSE "
      "pg_catalog.pg_get_viewdef(c.oid) END FROM pg_catalog.pg_class c JOIN here ON "
      "c.relnamespace = here.oid WHERE c.relkind IN ('v', 'm', 'S') AND NOT EXISTS (SELECT FROM "
      "pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND "
      "d.objid = c.oid AND d.deptype IN ('a', 'i', 'e') AND (c.relkind = 'S' OR d.deptype = 'e')) "
      "UNION ALL SELECT CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE "
      "'function' END, p.oid::pg_catalog.regprocedure::text, '', CASE WHEN p.prokind <> 'a' THEN "
      "pg_catalog.pg_get_functiondef(p.oid) ELSE (SELECT pg_catalog.concat_ws(' ', "
      "g.aggtransfn, g.aggfinalfn, g.agginitval) FROM pg_catalog.pg_aggregate g WHERE g.aggfnoid "
      "= p.oid) END FROM pg_catalog.pg_proc p JOIN here ON p.pronamespace = here.oid WHERE "
      "p.proname NOT LIKE 'hewn\\_updated\\_%' AND ('pg_catalog.pg_proc'::pg_catalog.regclass, "
      "p.oid) NOT IN (SELECT classid, objid FROM of_extension) "
      "UNION ALL SELECT 'trigger', t.tgname::text, c.relname::text, "
      "pg_catalog.pg_get_triggerdef(t.oid) FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c "
      "ON c.oid = t.tgrelid JOIN here ON c.relnamespace = here.oid WHERE NOT t.tgisinternal AND "
      "t.tgname NOT LIKE 'hewn\\_updated\\_%' "
      "UNION ALL SELECT CASE y.typtype WHEN 'd' THEN 'domain' WHEN 'r' THEN 'range type' ELSE "
      "'composite type' END, y.typname::text, '', pg_catalog.concat_ws(' ', CASE WHEN y.typtype = "
      "'d' THEN pg_catalog.format_type(y.typbasetype, y.typtypmod) END, y.typnotnull, "
      "y.typdefault, (SELECT pg_catalog.string_agg(pg_catalog.pg_get_constraintdef(k.oid), ' ' "
      "ORDER BY k.conname) FROM pg_catalog.pg_constraint k WHERE k.contypid = y.oid), (SELECT "
      "pg_catalog.string_agg(a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod), "
      "', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = y.typrelid AND "
      "a.attnum > 0 AND NOT a.attisdropped), (SELECT r.rngsubtype::pg_catalog.regtype::text FROM "
      "pg_catalog.pg_range r WHERE r.rngtypid = y.oid)) FROM pg_catalog.pg_type y JOIN here ON "
      "y.typnamespace = here.oid LEFT JOIN pg_catalog.pg_class c ON c.oid = y.typrelid WHERE "
      "(y.typtype IN ('d', 'r') OR (y.typtype = 'c' AND c.relkind = 'c')) AND "
      "('pg_catalog.pg_type'::pg_catalog.regclass, y.oid) NOT IN (SELECT classid, objid FROM "
      "of_extension) "
      "UNION ALL SELECT 'extension', extname::text, '', extversion FROM pg_catalog.pg_extension "
      "WHERE extname <> 'plpgsql' "
      "UNION ALL SELECT 'schema', n.nspname::text, '', '' FROM pg_catalog.pg_namespace n WHERE "
      "n.oid NOT IN (SELECT oid FROM here) AND n.nspname <> 'information_schema' AND n.nspname NOT "
      "LIKE 'pg\\_%' AND n.nspname NOT LIKE 'hewn\\_dropped%' ORDER BY 1, 2, 3";
  std::vector<object_text> out;
  for (const hewn::text_row& row : executor.query(sql))
    out.push_back({{row.at(0).value_or(""), row.at(1).value_or(""), row.at(2).value_or("")},
                   row.at(3).value_or("")});
  return out;
}

}  // namespace schema_diff
