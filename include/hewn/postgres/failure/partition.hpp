// hewn/postgres/failure/partition.hpp - errors of partitions and shards as those of their table.
// SPDX-License-Identifier: BSL-1.0
//
// A partition has a name and constraints of its own, and the server reports those. Citus reports a
// shard's in the words of its message alone. The struct knows the table that was written to.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/postgres/failure/server_report.hpp>
#include <hewn/postgres/wire/result_ptr.hpp>

#include <libpq-fe.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace hewn::postgres::detail {

/// The table that an INSERT, UPDATE, DELETE or COPY names; empty for other statements.
HEWN_COLD inline std::string written_table(std::string_view sql) {
  using hewn::detail::token_kind;
  hewn::detail::tokenizer tokens(sql);
  int depth = 0;
  bool writes = false;
  for (hewn::detail::token t = tokens.next(); t.kind != token_kind::end; t = tokens.next()) {
    depth += t.kind == token_kind::open ? 1 : t.kind == token_kind::close ? -1 : 0;
    if (depth != 0) continue;
    const bool named_next =
        t.is("update") || t.is("copy") || (writes && (t.is("into") || t.is("from")));
    writes |= t.is("insert") || t.is("delete");
    if (!named_next) continue;
    for (t = tokens.next(); t.is("only"); t = tokens.next()) {
    }
    std::string name = hewn::detail::unquoted(t);
    for (t = tokens.next(); t.text == "."; t = tokens.next()) name = unquoted(tokens.next());
    return name;
  }
  return {};
}

/// Whether `name` is that of a part of `table`: "agents_p1", "agents_2024_05", "agents_102008".
HEWN_COLD inline bool is_part_name(std::string_view name, std::string_view table) {
  if (!name.starts_with(table) || !name.substr(table.size()).starts_with('_')) return false;
  const std::string_view rest = name.substr(table.size() + 1);
  return rest == "default" || rest.find_first_of("0123456789") != rest.npos;
}

/// Without the number that Citus gives to the shard's objects.
HEWN_COLD inline std::string_view without_shard(std::string_view name) {
  const std::size_t digits = name.find_last_not_of("0123456789");
  return digits != name.npos && digits != 0 && name[digits] == '_' && name.size() - digits > 5
             ? name.substr(0, digits)
             : name;
}

// 'duplicate key value violates unique constraint "agents_email_key_102008"' without the fields
// that would name it: what the message quotes, where that is named after the table.
HEWN_COLD inline void take_names(const server_report& r, std::string_view table, error_details& d) {
  std::string_view rest = r.message;
  for (std::size_t open = rest.find('"'); open != rest.npos; open = rest.find('"')) {
    const std::string_view before = rest.substr(0, open);
    rest.remove_prefix(open + 1);
    const std::size_t close = rest.find('"');
    if (close == rest.npos) return;
    const std::string_view name = without_shard(rest.substr(0, close));
    rest.remove_prefix(close + 1);
    if (name == table)
      d.table = table;
    else if (d.code == errc::not_null && before.ends_with("column "))
      d.column = name;
    else if (name.starts_with(table) && name.substr(table.size()).starts_with('_'))
      d.constraint = name;
  }
  if (!d.constraint.empty() || !d.column.empty()) d.table = table;
}

// Asks the catalogue for the top of the tree, and how the constraint is called there.
HEWN_COLD inline bool ask_for_parent(PGconn* handle, const server_report& r, error_details& d) {
  const std::string schema(r.schema);
  const char* const values[] = {schema.c_str(), d.table.c_str(), d.constraint.c_str()};
  const result_ptr answer(PQexecParams(
      handle,
      "WITH RECURSIVE part AS (SELECT c.oid, r.relname, pg_catalog.pg_partition_root(c.oid) AS root"
      " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " JOIN pg_catalog.pg_class r ON r.oid = pg_catalog.pg_partition_root(c.oid)"
      " WHERE n.nspname = $1 AND c.relname = $2 AND c.relispartition),"
      " up AS (SELECT k.conname, k.conparentid FROM pg_catalog.pg_constraint k, part"
      " WHERE k.conrelid = part.oid AND k.conname = $3 UNION ALL"
      " SELECT k.conname, k.conparentid FROM pg_catalog.pg_constraint k JOIN up"
      " ON k.oid = up.conparentid)"
      " SELECT part.relname, coalesce((SELECT conname FROM up WHERE conparentid = 0),"
      " (SELECT t.relname FROM pg_catalog.pg_class i JOIN pg_catalog.pg_namespace n"
      " ON n.oid = i.relnamespace JOIN pg_catalog.pg_class t"
      " ON t.oid = pg_catalog.pg_partition_root(i.oid)"
      " WHERE n.nspname = $1 AND i.relname = $3), $3) FROM part",
      3, nullptr, values, nullptr, nullptr, 0));
  if (PQresultStatus(answer.get()) != PGRES_TUPLES_OK || PQntuples(answer.get()) != 1) return false;
  d.table = PQgetvalue(answer.get(), 0, 0);
  d.constraint = PQgetvalue(answer.get(), 0, 1);
  return true;
}

/// Names the table that the statement writes to in the place of its part. `r` is the report of the
/// failure. In a transaction that has failed the server answers nothing, and names have to tell.
HEWN_COLD inline void name_whole(PGconn* handle, const server_report& r, std::string_view sql,
                                 error_details& d) {
  const std::string table = written_table(sql);
  if (table.empty() || d.table == table) return;
  if (d.table.empty()) {
    // What RAISE says may be anything.
    if (r.function != "exec_stmt_raise") take_names(r, table, d);
    return;
  }
  if (PQtransactionStatus(handle) == PQTRANS_IDLE && ask_for_parent(handle, r, d)) return;
  if (PQtransactionStatus(handle) != PQTRANS_INERROR || !is_part_name(d.table, table)) return;
  if (d.constraint.starts_with(d.table)) d.constraint.replace(0, d.table.size(), table);
  d.table = table;
}

}  // namespace hewn::postgres::detail
