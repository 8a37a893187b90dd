// hewn/postgres/migrate/stored_tables.hpp - the tables of a database, and which of them a
// transaction has changed.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/client/connection.hpp>

#include <map>
#include <string>
#include <vector>

namespace hewn::postgres::detail {

/// A table as far as it tells whether it was changed. Oids are text.
struct stored_table {
  std::string oid;
  std::string root;  // of a partition: the table that it is part of in the end; otherwise the same
  std::string schema;
  std::string name;
  bool visible = false;  // by its name alone
  char kind = 'r';       // r: table, p: partitioned, f: foreign
  std::string file;      // another one when it was written anew
  std::string columns;   // numbers and types
  std::string changes;   // rows updated and deleted in this transaction; empty: perhaps some

  std::string quoted() const {
    return quote_identifier(schema, dialect::postgres) + "." +
           quote_identifier(name, dialect::postgres);
  }
  /// As a FROM item with the rows that are its own.
  std::string rows() const { return (kind == 'p' ? "" : "ONLY ") + quoted(); }
  /// As a person calls it.
  std::string called() const { return visible ? name : schema + "." + name; }
};

struct stored_column {
  std::string number;
  std::string name;
  std::string type;
  bool collated = false;
  bool computed = false;
  bool key = false;   // part of the primary key
  bool made = false;  // its type or collation is none of the server's own, and could be dropped
};

/// By oid.
using stored_tables = std::map<std::string, stored_table>;

/// All but the server's own and temporary ones. The counters of the server are of this transaction
/// and of what was undone in it; where it keeps none, a lock tells as much.
HEWN_COLD inline stored_tables read_tables(connection& c) {
  stored_tables out;
  for (catalog_query q(
           c,
           "SELECT c.oid, CASE WHEN c.relispartition THEN pg_catalog.pg_partition_root(c.oid)::oid "
           "ELSE c.oid END, n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid), "
           "c.relkind, coalesce(pg_catalog.pg_relation_filenode(c.oid), 0), (SELECT "
           "pg_catalog.string_agg(a.attnum || ' ' || a.atttypid || ' ' || a.atttypmod || ',', '' "
           "ORDER BY a.attnum) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND "
           "a.attnum > 0 AND NOT a.attisdropped), CASE WHEN c.relkind <> 'f' AND "
           "pg_catalog.current_setting('track_counts') = 'on' THEN "
           "(pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) + "
           "pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid))::text WHEN c.oid IN (SELECT "
           "l.relation FROM pg_catalog.pg_locks l WHERE l.pid = pg_catalog.pg_backend_pid() AND "
           "l.locktype = 'relation' AND l.mode IN ('RowExclusiveLock', 'ShareRowExclusiveLock', "
           "'ExclusiveLock', 'AccessExclusiveLock')) THEN '' ELSE '0' END "
           "FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
           "WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't' AND n.nspname !~ "
           "'^pg_' AND n.nspname <> 'information_schema'");
       q.next();)
    out[q.text(0)] = {.oid = q.text(0),
                      .root = q.text(1),
                      .schema = q.text(2),
                      .name = q.text(3),
                      .visible = q.flag(4),
                      .kind = q.letter(5),
                      .file = q.text(6),
                      .columns = q.text(7),
                      .changes = q.text(8)};
  return out;
}

/// Whether a table may have lost something since it was `before`.
inline bool may_have_lost(const stored_table& before, const stored_table& now) {
  // New columns are added behind the old ones.
  return now.changes.empty() || now.changes != before.changes || now.file != before.file ||
         !now.columns.starts_with(before.columns) || now.root != before.root;
}

/// In their order.
HEWN_COLD inline std::vector<stored_column> read_columns(connection& c, const std::string& oid) {
  std::vector<stored_column> out;
  for (catalog_query q(
           c,
           "SELECT a.attnum, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), "
           "a.attcollation <> 0, a.attgenerated <> '', EXISTS (SELECT 1 FROM pg_catalog.pg_index "
           "i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey)), "
           "t.typnamespace <> 11 OR coalesce(l.collnamespace, 11) <> 11 FROM "
           "pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN "
           "pg_catalog.pg_collation l ON l.oid = a.attcollation WHERE a.attrelid = "
           "$1::pg_catalog.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
           {oid});
       q.next();)
    out.push_back({.number = q.text(0),
                   .name = q.text(1),
                   .type = q.text(2),
                   .collated = q.flag(3),
                   .computed = q.flag(4),
                   .key = q.flag(5),
                   .made = q.flag(6)});
  return out;
}

}  // namespace hewn::postgres::detail
