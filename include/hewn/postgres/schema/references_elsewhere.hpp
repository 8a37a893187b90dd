// hewn/postgres/schema/references_elsewhere.hpp - references of temporary copies that lead out of
// their schema, or into it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/client/connection.hpp>

#include <string>
#include <vector>

namespace hewn::postgres::detail {

/// Statements for the references of copies to tables that the search_path does not lead to, of
/// which as much is copied as that takes. `home`: as an expression for its oid, the schema of the
/// originals.
HEWN_COLD inline std::vector<std::string> references_to_elsewhere(connection& native,
                                                                  const std::string& home) {
  const std::string sql =
      "SELECT pg_catalog.quote_ident(c.relname), pg_catalog.quote_ident(k.conname), "
      "string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY u.n), "
      "string_agg(pg_catalog.quote_ident(f.attname) || ' ' || "
      "pg_catalog.format_type(f.atttypid, f.atttypmod), ', ' ORDER BY u.n), "
      "string_agg(pg_catalog.quote_ident(f.attname), ', ' ORDER BY u.n) FROM "
      "pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN "
      "pg_catalog.pg_class copy ON copy.relname = c.relname AND copy.relnamespace = "
      "pg_catalog.pg_my_temp_schema(), LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS "
      "u(here, there, n), pg_catalog.pg_attribute a, pg_catalog.pg_attribute f WHERE a.attrelid "
      "= c.oid AND a.attnum = u.here AND f.attrelid = k.confrelid AND f.attnum = u.there AND "
      "k.contype = 'f' AND k.conparentid = 0 AND c.relnamespace = " +
      home +
      " AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint there WHERE there.conrelid = "
      "copy.oid AND there.conname = k.conname) GROUP BY k.oid, c.relname, k.conname ORDER BY "
      "k.oid";
  std::vector<std::string> all;
  for (catalog_query q(native, sql); q.next();) {
    const std::string target = "hewn_target_" + std::to_string(all.size() / 2);
    all.push_back("CREATE TEMPORARY TABLE " + target + " (" + q.text(3) + ", UNIQUE (" + q.text(4) +
                  "))");
    all.push_back("ALTER TABLE pg_temp." + q.text(0) + " ADD CONSTRAINT " + q.text(1) +
                  " FOREIGN KEY (" + q.text(2) + ") REFERENCES " + target + " (" + q.text(4) + ")");
  }
  return all;
}

/// The same for references of tables of other schemas, and of partitioned ones, to copies.
HEWN_COLD inline std::vector<std::string> references_from_elsewhere(connection& native,
                                                                    const std::string& home) {
  const std::string sql =
      "SELECT pg_catalog.quote_ident(k.conname), string_agg(pg_catalog.quote_ident(a.attname) || "
      "' ' || pg_catalog.format_type(a.atttypid, a.atttypmod), ', ' ORDER BY u.n), "
      "string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY u.n), "
      "pg_catalog.quote_ident(p.relname), string_agg(pg_catalog.quote_ident(f.attname), ', ' "
      "ORDER BY u.n) FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = "
      "k.conrelid JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_class "
      "copy ON copy.relname = p.relname AND copy.relnamespace = pg_catalog.pg_my_temp_schema(), "
      "LATERAL unnest(k.conkey, k.confkey) WITH ORDINALITY AS u(here, there, n), "
      "pg_catalog.pg_attribute a, pg_catalog.pg_attribute f WHERE a.attrelid = c.oid AND "
      "a.attnum = u.here AND f.attrelid = p.oid AND f.attnum = u.there AND k.contype = 'f' AND "
      "k.conparentid = 0 AND p.relnamespace = " +
      home +
      " AND (c.relnamespace <> p.relnamespace OR c.relkind <> 'r') GROUP BY k.oid, "
      "k.conname, p.relname ORDER BY k.oid";
  std::vector<std::string> tables;
  for (catalog_query q(native, sql); q.next();)
    tables.push_back("CREATE TEMPORARY TABLE hewn_elsewhere_" + std::to_string(tables.size()) +
                     " (" + q.text(1) + ", CONSTRAINT " + q.text(0) + " FOREIGN KEY (" + q.text(2) +
                     ") REFERENCES " + q.text(3) + " (" + q.text(4) + "))");
  return tables;
}

}  // namespace hewn::postgres::detail
