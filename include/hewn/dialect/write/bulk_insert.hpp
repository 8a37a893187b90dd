// hewn/dialect/write/bulk_insert.hpp - the statements by which PostgreSQL takes many rows at once.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/schema/table_info.hpp>

#include <span>
#include <string>
#include <string_view>

namespace hewn {

/// `COPY <table> (...) FROM STDIN (FORMAT binary)`, for the columns of an insert.
HEWN_RARE HEWN_API std::string copy_sql(const table_info& table, detail::row_write kind);

/// One row with the numbers and modifiers of the types of the columns of an insert, domains
/// included, whether COPY stores what an INSERT stores, and whether the name still is that of the
/// table that this is about, which may have been planned before. COPY ignores rules, and refuses
/// views and tables with row-level security.
HEWN_RARE HEWN_API std::string written_types_sql(const table_info& table, detail::row_write kind);

/// A key that is not among the columns that an insert of arrays writes, but given all the same.
struct drawn_key {
  std::string_view type = {};  // empty: none
  bool overriding = false;     // the column is GENERATED ALWAYS AS IDENTITY
};

/// An insert of as many rows as its arrays have elements. `types`: of the columns that are written;
/// empty for one that has a type of its own. `drawn`: the last array holds the keys.
HEWN_RARE HEWN_API std::string insert_arrays_sql(const table_info& table, detail::row_write kind,
                                                 std::span<const std::string_view> types,
                                                 bool returning, drawn_key drawn = {});

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/base/concat.hpp>
#  include <hewn/dialect/text/dialect.hpp>
#  include <hewn/dialect/text/quote.hpp>
#  include <hewn/dialect/write/column_type.hpp>

#  include <cstddef>

namespace hewn {

HEWN_API std::string copy_sql(const table_info& table, detail::row_write kind) {
  std::string out = "COPY ";
  append_identifier(out, table.name);
  const char* separator = " (";
  for (const column_info& c : table.columns) {
    if (!detail::is_written(c, kind)) continue;
    out += separator;
    separator = ", ";
    append_identifier(out, c.name);
  }
  return out + ") FROM STDIN (FORMAT binary)";
}

HEWN_API std::string written_types_sql(const table_info& table, detail::row_write kind) {
  std::string types, columns, names, name;
  append_identifier(name, table.name);
  const std::string relation = quote_literal(name) + "::pg_catalog.regclass";
  for (const column_info& c : table.columns) {
    if (!detail::is_written(c, kind)) continue;
    if (!columns.empty()) columns += ", ", types += ", ", names += ", ";
    append_identifier(columns, c.name);
    names += quote_literal(c.name);
    types += "pg_catalog.pg_typeof(none.";
    append_identifier(types, c.name);
    types +=
        ")::pg_catalog.oid, coalesce((SELECT a.atttypmod FROM pg_catalog.pg_attribute a "
        "WHERE a.attrelid = ";
    types += relation;
    types += " AND a.attname = ";
    types += quote_literal(c.name);
    types += "), -1)";
  }
  return detail::concat(
      {"SELECT ", types,
       ", (SELECT c.relkind IN ('r', 'p') AND NOT c.relhasrules AND NOT c.relrowsecurity AND NOT "
       "EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND "
       "a.attidentity = 'a' AND a.attname IN (",
       names, ")) FROM pg_catalog.pg_class c WHERE c.oid = ", relation,
       "), pg_catalog.to_regclass(", quote_literal(name), ") = ", relation,
       " FROM (VALUES (1)) AS one LEFT JOIN (SELECT ", columns, " FROM ", name,
       " LIMIT 0) AS none ON true"});
}

HEWN_API std::string insert_arrays_sql(const table_info& table, detail::row_write kind,
                                       std::span<const std::string_view> types, bool returning,
                                       drawn_key drawn) {
  std::string columns, arrays, names, values;
  int number = 0;
  bool casts = false;
  for (const column_info& c : table.columns) {
    if (!detail::is_written(c, kind)) continue;
    if (number != 0) columns += ", ", arrays += ", ", names += ", ", values += ", ";
    append_identifier(columns, c.name);
    append_identifier(names, c.name);
    append_identifier(values, c.name);
    detail::append_parameter(arrays, ++number, dialect::postgres);
    arrays += "::";
    const std::string_view type = types[static_cast<std::size_t>(number) - 1];
    if (!type.empty() && !is_array(c.type)) {
      (arrays += type) += "[]";
      continue;
    }
    // An array of arrays has one length for all of them, so they go as text, each for itself; and
    // so do types that are known by name only.
    casts = true;
    arrays += "text[]";
    values += "::";
    if (!c.enum_type.empty())
      append_identifier(values, c.enum_type);
    else
      values +=
          c.declared_type.empty() ? column_type_sql(c.type, dialect::postgres) : c.declared_type;
  }
  if (!drawn.type.empty()) {
    columns += ", ", arrays += ", ", names += ", ", values += ", ";
    for (std::string* to : {&columns, &names, &values})
      append_identifier(*to, table.columns[table.key[0]].name);
    detail::append_parameter(arrays, ++number, dialect::postgres);
    arrays += "::";
    (arrays += drawn.type) += "[]";
  }
  std::string out = "INSERT INTO ";
  append_identifier(out, table.name);
  detail::append(
      out, {" (", columns, (drawn.overriding ? ") OVERRIDING SYSTEM VALUE SELECT " : ") SELECT ")});
  out += casts ? values + " FROM unnest(" + arrays + ") AS row(" + names + ")"
               : "* FROM unnest(" + arrays + ")";
  if (returning) detail::append_returning(out, table);
  return out;
}

}  // namespace hewn

#endif
