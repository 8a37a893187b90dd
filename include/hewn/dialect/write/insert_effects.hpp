// hewn/dialect/write/insert_effects.hpp - the queries that tell whether inserted rows may not stay
// as they are.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/dialect/text/quote.hpp>

#include <string>
#include <string_view>

namespace hewn::detail {

/// SQLite: a row where something in this schema fires when a row is inserted into the table $1, or,
/// with `updates`, changed by an upsert, or where the table may replace rows. A word that stands
/// elsewhere in the declaration does no harm; calls of replace(), which the DEFAULT of
/// created<>(hewn::in_database) has, do not count. A time trigger of hewn's that inserts, deletes
/// and raises nothing does not either.
HEWN_RARE HEWN_API std::string insert_effects_sql(std::string_view schema, bool updates);

/// PostgreSQL: the events of the triggers that fire after the fact on the table $1, a quoted name,
/// or on a part of it, in the bits of pg_trigger.tgtype; and trigger_before_insert. 0 where the
/// role could not look for its rows: without SELECT on the table, and under row-level security.
/// Those by which the library announces changes change nothing. Besides, one_key_per_statement.
/// With them come the columns, each in a row, with their types and modifiers, such as the 8 of
/// varchar(8).
inline constexpr const char* triggers_query =
    "WITH RECURSIVE part (oid) AS (SELECT $1::pg_catalog.regclass::pg_catalog.oid UNION ALL SELECT "
    "i.inhrelid FROM part JOIN pg_catalog.pg_inherits i ON i.inhparent = part.oid) SELECT e.bits | "
    "CASE WHEN EXISTS (SELECT 1 FROM pg_catalog.pg_index x JOIN pg_catalog.pg_attrdef d ON "
    "d.adrelid = x.indrelid AND d.adnum = x.indkey[0] JOIN pg_catalog.pg_depend n ON n.classid = "
    "'pg_catalog.pg_attrdef'::pg_catalog.regclass AND n.objid = d.oid AND n.refclassid = "
    "'pg_catalog.pg_proc'::pg_catalog.regclass JOIN pg_catalog.pg_proc p ON p.oid = n.refobjid "
    "WHERE x.indrelid = $1::pg_catalog.regclass AND x.indisunique AND p.provolatile <> 'v') THEN "
    "512 ELSE 0 END, a.attname, a.atttypid, a.atttypmod FROM (SELECT "
    "coalesce(pg_catalog.bit_or(CASE WHEN (t.tgtype & 7) = 7 THEN 256 WHEN (t.tgtype & 66) = 0 "
    "THEN t.tgtype ELSE 0 END), 0) AS bits FROM part JOIN pg_catalog.pg_trigger t ON t.tgrelid "
    "= part.oid WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND "
    "t.tgname <> 'hewn_announce_insert' AND t.tgname <> 'hewn_announce_update' AND EXISTS (SELECT "
    "1 FROM pg_catalog.pg_class c WHERE c.oid = $1::pg_catalog.regclass AND c.relkind IN ('r', "
    "'p') AND NOT c.relrowsecurity AND pg_catalog.has_table_privilege(c.oid, 'SELECT'))) e LEFT "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = $1::pg_catalog.regclass AND a.attnum > 0 AND "
    "NOT a.attisdropped";

// Source: pg_trigger.h; 66 are BEFORE and INSTEAD OF, and 7 is for each row, before, at INSERT.
inline constexpr int trigger_on_insert = 4;
inline constexpr int trigger_on_update = 16;
inline constexpr int trigger_before_insert = 256;  // it may change the row, which fits no other bit

/// A key is by default what a function says that is the same for all rows of one statement, such as
/// the highest number that is there and one.
inline constexpr int one_key_per_statement = 512;

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/write/time_trigger.hpp>

namespace hewn::detail {

HEWN_API std::string insert_effects_sql(std::string_view schema, bool updates) {
  const std::string fires =
      updates ? concat({"type = 'trigger' AND NOT (name GLOB '", time_trigger_prefix,
                        "*' AND instr(lower(sql), 'insert') + instr(lower(sql), 'delete') + "
                        "instr(lower(sql), 'raise') = 0)"})
              : std::string("type = 'trigger' AND instr(lower(sql), 'insert') <> 0");
  return concat(
      {"SELECT 1 FROM ", quote_identifier(schema),
       ".sqlite_schema WHERE tbl_name = ? COLLATE NOCASE AND ((", fires,
       ") OR (type = 'table' AND instr(replace(lower(sql), 'replace(', ''), 'replace') <> 0))"});
}

}  // namespace hewn::detail

#endif
