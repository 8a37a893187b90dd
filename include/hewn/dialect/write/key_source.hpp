// hewn/dialect/write/key_source.hpp - the query that tells how PostgreSQL makes the keys of a
// table.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/table_info.hpp>

#include <string>

namespace hewn::detail {

/// One row about the table and the first column of its key: whether a key that is given needs
/// OVERRIDING SYSTEM VALUE; the type of the column; the expression of which each value is a new
/// key, or NULL where this role cannot use it. No row where something may give an inserted row
/// another key than it brings: a view, a rule, a trigger, be it of a partition.
///
/// A column GENERATED AS IDENTITY draws from its sequence without asking who may use it; nextval()
/// asks.
HEWN_RARE HEWN_API std::string key_source_sql(const table_info& table);

/// So many new keys as the parameter says, by an expression from key_source_sql.
HEWN_RARE HEWN_API std::string draw_keys_sql(const std::string& expression);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API std::string key_source_sql(const table_info& table) {
  std::string quoted;
  append_identifier(quoted, table.name);
  const std::string name = quote_literal(quoted);
  const std::string key = quote_literal(table.columns[table.key[0]].name);
  const std::string sequence = concat({"pg_catalog.pg_get_serial_sequence(", name, ", ", key, ")"});
  return concat(
      {"WITH RECURSIVE part (oid) AS (SELECT ", name,
       "::pg_catalog.regclass::pg_catalog.oid UNION ALL SELECT i.inhrelid FROM part JOIN "
       "pg_catalog.pg_inherits i ON i.inhparent = part.oid) SELECT a.attidentity = 'a', "
       "pg_catalog.format_type(a.atttypid, NULL), CASE WHEN NOT "
       "pg_catalog.has_column_privilege(c.oid, a.attnum, 'INSERT') THEN NULL WHEN a.attidentity "
       "= '' THEN pg_catalog.pg_get_expr(d.adbin, d.adrelid) WHEN "
       "pg_catalog.has_sequence_privilege(",
       sequence, ", 'USAGE') THEN 'pg_catalog.nextval(' || pg_catalog.quote_literal(", sequence,
       ") || '::pg_catalog.regclass)' END FROM pg_catalog.pg_class c JOIN "
       "pg_catalog.pg_attribute a ON a.attrelid = c.oid LEFT JOIN pg_catalog.pg_attrdef d ON "
       "d.adrelid = c.oid AND d.adnum = a.attnum WHERE c.oid = ",
       name,
       "::pg_catalog.regclass AND c.relkind IN ('r', 'p') AND NOT c.relhasrules AND "
       "a.attname = ",
       key,  // Of triggers: for each row, before, at INSERT (pg_trigger.h).
       " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_trigger t JOIN part ON t.tgrelid = part.oid "
       "WHERE NOT t.tgisinternal AND (t.tgtype & 7) = 7)"});
}

HEWN_API std::string draw_keys_sql(const std::string& expression) {
  return concat({"SELECT ", expression, " FROM pg_catalog.generate_series(1, $1::bigint)"});
}

}  // namespace hewn::detail

#endif
