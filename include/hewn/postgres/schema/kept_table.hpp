// hewn/postgres/schema/kept_table.hpp - rows and values that sync drops go to a schema of their
// own.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/step.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::postgres::detail {

/// The table of `DROP TABLE "name"`, quoted as it stands there; empty for any other statement.
inline std::string table_to_drop(std::string_view sql) {
  constexpr std::string_view verb = "DROP TABLE ";
  return std::string(sql.starts_with(verb) ? sql.substr(verb.size()) : std::string_view());
}

/// The first of `wanted`, `wanted_2`, ... that no schema has.
HEWN_COLD inline std::string free_schema_name(hewn::schema_executor& in,
                                              const std::string& wanted) {
  std::string name = wanted;
  const auto taken = [&] {
    return !in.query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", {name}).empty();
  };
  for (int i = 2; taken(); ++i) name = wanted + "_" + std::to_string(i);
  return name;
}

/// Whether `table` may have rows. Row security can hide them, so such a table counts as one that
/// has.
HEWN_COLD inline bool may_have_rows(hewn::schema_executor& in, const std::string& table) {
  const auto answer =
      in.query("SELECT c.relrowsecurity OR EXISTS (SELECT FROM " + table +
               ") FROM pg_catalog.pg_class c WHERE c.oid = " + quote_literal(table) +
               "::pg_catalog.regclass");
  return answer.size() != 1 || answer[0][0] != "f";
}

/// Moves `table` to `schema`, which is there, with its rows, indexes and sequences. References to
/// other tables would hold those up, so they become a part of its comment.
HEWN_COLD inline void keep_table(hewn::schema_executor& in, const std::string& table,
                                 const std::string& schema) {
  const std::string oid = quote_literal(table) + "::pg_catalog.regclass";
  const std::string elsewhere =
      " FROM pg_catalog.pg_constraint k WHERE k.conrelid = " + oid +
      " AND k.contype = 'f' AND k.conparentid = 0 AND k.confrelid <> k.conrelid";
  const auto comment =
      in.query("SELECT pg_catalog.concat_ws(E'\\n', pg_catalog.obj_description(" + oid +
               ", 'pg_class'), 'dropped by hewn from schema ' || current_schema(), (SELECT "
               "pg_catalog.string_agg('CONSTRAINT ' || pg_catalog.quote_ident(k.conname) || ' ' || "
               "pg_catalog.pg_get_constraintdef(k.oid), E'\\n' ORDER BY k.conname)" +
               elsewhere + "))");
  const auto keys = in.query("SELECT pg_catalog.quote_ident(k.conname)" + elsewhere);
  in.execute("COMMENT ON TABLE " + table + " IS " + quote_literal(comment.at(0).at(0).value()));
  for (const text_row& key : keys)
    in.execute("ALTER TABLE " + table + " DROP CONSTRAINT " + key.at(0).value());
  in.execute("ALTER TABLE " + table + " SET SCHEMA " + quote_identifier(schema, dialect::postgres));
}

/// The first of `wanted`, `wanted_2`, ... that no relation of `schema`, which may not be there,
/// has.
HEWN_COLD inline std::string free_table_name(hewn::schema_executor& in, const std::string& schema,
                                             const std::string& wanted) {
  std::string name = wanted;
  const auto taken = [&] {
    return !in.query(
                  "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid "
                  "= c.relnamespace WHERE n.nspname = $1 AND c.relname = $2",
                  {schema, name})
                .empty();
  };
  for (int i = 2; taken(); ++i) name = wanted + "_" + std::to_string(i);
  return name;
}

/// Copies the rows of `s.sql`, values of a column with the keys of their rows, to a table
/// `<table>_<column>` of `schema`, which is there.
HEWN_COLD inline kept_object keep_values(hewn::schema_executor& in, const step& s,
                                         const std::string& schema) {
  // The server cuts names after 63 bytes, of which a number may need some.
  std::string wanted = s.table + "_" + s.promise;
  if (std::size_t end = 56; wanted.size() > end) {
    // Not within a character.
    while (end != 0 && (static_cast<unsigned char>(wanted[end]) & 0xc0) == 0x80) --end;
    wanted.resize(end);
  }
  const std::string free = free_table_name(in, schema, wanted);
  const std::string name =
      quote_identifier(schema, dialect::postgres) + "." + quote_identifier(free, dialect::postgres);
  in.execute("CREATE TABLE " + name + " AS " + s.sql);
  const std::string from = in.query("SELECT current_schema()").at(0).at(0).value();
  in.execute("COMMENT ON TABLE " + name + " IS " +
             quote_literal("values of column " + s.promise + " of table " + s.table +
                           ", changed or dropped by hewn in schema " + from));
  return {.table = s.table,
          .column = s.promise,
          .schema = schema,
          .name = free,
          .whole_rows = s.sql.starts_with("SELECT ALL ")};
}

}  // namespace hewn::postgres::detail
