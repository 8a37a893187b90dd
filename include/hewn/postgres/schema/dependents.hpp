// hewn/postgres/schema/dependents.hpp - what keeps a column from changing or going.
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

/// Views, rules, triggers, policies, functions and publications that name the column. The server
/// refuses a change of its type, and drops it only together with them. A plan puts the triggers of
/// hewn's own aside. What else depends on a column is a part of its table. Without a column: what
/// needs the primary key, such as a view that groups by it and shows other columns.
HEWN_COLD inline std::vector<std::string> dependents_of(hewn::schema_executor& in,
                                                        std::string_view table,
                                                        std::string_view column) {
  std::vector<std::string> out;
  for (const text_row& row : in.query(
           "SELECT DISTINCT CASE WHEN v.relkind = 'v' THEN 'view ' || v.oid::regclass "
           "WHEN v.relkind = 'm' THEN 'materialized view ' || v.oid::regclass "
           "ELSE pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) END "
           "FROM pg_catalog.pg_depend d "
           "LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = "
           "d.refobjsubid AND d.refclassid = 'pg_class'::regclass "
           "LEFT JOIN pg_catalog.pg_constraint k ON k.oid = d.refobjid AND k.contype = 'p' AND "
           "d.refclassid = 'pg_constraint'::regclass LEFT JOIN pg_catalog.pg_rewrite r ON "
           "d.classid = 'pg_rewrite'::regclass AND r.oid = "
           "d.objid LEFT JOIN pg_catalog.pg_class v ON v.oid = r.ev_class "
           "WHERE coalesce(a.attrelid, k.conrelid) = "
           "pg_catalog.to_regclass($1) AND coalesce(a.attname, '') = $2 AND d.deptype = 'n' AND "
           "d.classid IN "
           "('pg_rewrite'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass, "
           "'pg_proc'::regclass, 'pg_publication_rel'::regclass) AND NOT EXISTS (SELECT FROM "
           "pg_catalog.pg_trigger t WHERE d.classid = "
           "'pg_trigger'::regclass AND t.oid = d.objid AND t.tgname LIKE 'hewn\\_updated\\_%') "
           "ORDER BY 1",
           {quote_identifier(std::string(table), dialect::postgres), std::string(column)}))
    if (row.at(0)) out.push_back(*row[0]);
  return out;
}

/// Statistics objects, exclusion constraints, keys that hold the column, and foreign keys that
/// refer to it.
HEWN_COLD inline std::vector<std::string> bound_to(hewn::schema_executor& in,
                                                   std::string_view table,
                                                   std::string_view column) {
  std::vector<std::string> out;
  for (
      const text_row& row : in.query(
          "SELECT DISTINCT CASE k.contype WHEN 'p' THEN 'the primary key' ELSE "
          "pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid) END FROM "
          "pg_catalog.pg_attribute a JOIN pg_catalog.pg_depend d ON d.refclassid = "
          "'pg_class'::regclass AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum LEFT JOIN "
          "pg_catalog.pg_constraint k ON d.classid = 'pg_constraint'::regclass AND k.oid = "
          "d.objid WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attname = $2 AND (d.classid "
          "= 'pg_statistic_ext'::regclass OR k.contype IN ('p', 'x') OR (k.contype = 'f' AND "
          "k.confrelid = a.attrelid AND a.attnum = ANY (k.confkey))) ORDER BY 1",
          {quote_identifier(std::string(table), dialect::postgres), std::string(column)}))
    if (row.at(0)) out.push_back(*row[0]);
  return out;
}

}  // namespace hewn::postgres::detail
