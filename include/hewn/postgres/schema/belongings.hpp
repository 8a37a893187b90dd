// hewn/postgres/schema/belongings.hpp - what parts of a table have beside the model.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sync/model/executor.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace hewn::postgres::detail {

/// Comments, of columns also privileges, targets of statistics, options, and how values are stored.
HEWN_COLD inline std::vector<belonging> belongings_of(hewn::schema_executor& in,
                                                      std::string_view table) {
  std::vector<belonging> out;
  for (
      const text_row& row : in.query(
          "WITH t AS (SELECT pg_catalog.to_regclass($1)::pg_catalog.oid AS oid), c AS (SELECT a.*, "
          "y.typstorage FROM pg_catalog.pg_attribute a JOIN t ON a.attrelid = t.oid JOIN "
          "pg_catalog.pg_type y ON y.oid = a.atttypid WHERE a.attnum > 0 AND NOT "
          "a.attisdropped) "
          "SELECT 'c', c.attname::text, 'f', 'COMMENT ON COLUMN ', '.', ' IS ' || "
          "pg_catalog.quote_literal(pg_catalog.col_description(c.attrelid, c.attnum)) FROM c "
          "UNION ALL SELECT 'c', c.attname, 't', 'GRANT ' || g.privilege_type || ' (', ') ON "
          "TABLE ', ' TO ' || CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE "
          "pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END || CASE WHEN "
          "g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END FROM c CROSS JOIN LATERAL "
          "pg_catalog.aclexplode(c.attacl) g UNION ALL SELECT 'c', c.attname, 'f', 'ALTER TABLE ', "
          "' ALTER COLUMN ', s.what FROM c CROSS JOIN LATERAL (VALUES (' SET STATISTICS ' || CASE "
          "WHEN c.attstattarget >= 0 THEN c.attstattarget END), (' SET (' || "
          "pg_catalog.array_to_string(c.attoptions, ', ') || ')'), (' SET COMPRESSION ' || CASE "
          "c.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END), (' SET STORAGE ' || "
          "CASE "
          "WHEN c.attstorage <> c.typstorage THEN CASE c.attstorage WHEN 'p' THEN 'PLAIN' WHEN 'e' "
          "THEN 'EXTERNAL' WHEN 'x' THEN 'EXTENDED' ELSE 'MAIN' END END)) AS s(what) UNION ALL "
          "SELECT 'k', k.conname, 't', 'COMMENT ON CONSTRAINT ', ' ON ', ' IS ' || "
          "pg_catalog.quote_literal(pg_catalog.obj_description(k.oid, 'pg_constraint')) FROM "
          "pg_catalog.pg_constraint k JOIN t ON k.conrelid = t.oid UNION ALL SELECT 'i', "
          "x.relname, "
          "'t', 'COMMENT ON INDEX ', NULL, ' IS ' || "
          "pg_catalog.quote_literal(pg_catalog.obj_description(x.oid, 'pg_class')) FROM "
          "pg_catalog.pg_index i JOIN t ON i.indrelid = t.oid JOIN pg_catalog.pg_class x ON x.oid "
          "= "
          "i.indexrelid ORDER BY 1, 2, 4, 6",
          {quote_identifier(std::string(table), dialect::postgres)})) {
    if (!row.at(5)) continue;
    out.push_back({.kind = row[0] == "c"   ? belonging::of::column
                           : row[0] == "k" ? belonging::of::constraint
                                           : belonging::of::index,
                   .name = row[1].value(),
                   .name_first = row[2] == "t",
                   .before = row[3].value(),
                   .between = row[4].value_or(std::string()),
                   .behind = *row[5]});
  }
  return out;
}

}  // namespace hewn::postgres::detail
