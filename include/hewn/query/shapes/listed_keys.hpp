// hewn/query/shapes/listed_keys.hpp - the condition that finds rows by a list of keys.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/shapes/relation_path.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <string>

namespace hewn::detail {

HEWN_RARE HEWN_API void write_field(std::string& out, const table_info& table, std::size_t field);

/// The names of the fields, with commas.
HEWN_RARE HEWN_API void write_fields(std::string& out, const table_info& table,
                                     const reference_fields& fields);

/// The condition that the fields are in the list of keys, which takes the next parameters.
HEWN_RARE HEWN_API void write_listed(sql_writer& out, const table_info& table,
                                     const reference_fields& fields);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/concat.hpp>
#  include <hewn/dialect/text/quote.hpp>
#  include <hewn/query/pieces/rowid_name.hpp>
#  include <hewn/schema/column_info.hpp>
#  include <hewn/schema/types.hpp>

#  include <string_view>

namespace hewn::detail {

HEWN_API void write_field(std::string& out, const table_info& table, std::size_t field) {
  append_identifier(out, table.columns[field].name);
}

HEWN_API void write_fields(std::string& out, const table_info& table,
                           const reference_fields& fields) {
  for (std::size_t i = 0; i != fields.size; ++i) {
    if (i != 0) out += ", ";
    write_field(out, table, fields[i]);
  }
}

/// `json_extract(<list>value, '$[<i>]')`
HEWN_API void write_part(std::string& out, std::string_view list, std::size_t i) {
  append(out, {"json_extract(", list, "value, '$[", std::to_string(i), "]')"});
}

/// Whether SQLite finds rows by all of these columns of an index when they are compared with a list
/// of lists: it takes the affinity of the first for that of each.
HEWN_API bool have_one_affinity(const table_info& table, const reference_fields& fields) {
  const auto is_number = [&](std::size_t i) {
    const column_type type = table.columns[fields[i]].type;
    return is_integer(type) || type == column_type::boolean;
  };
  for (std::size_t i = 1; i != fields.size; ++i)
    if (is_number(i) != is_number(0)) return false;
  return true;
}

/// `(<fields>) IN (SELECT ...)`, or the rows that such a list finds one by one.
HEWN_API void write_in_json(sql_writer& out, const table_info& table,
                            const reference_fields& fields) {
  std::string& text = out.out;
  const bool one_by_one = !table.without_rowid && !have_one_affinity(table, fields);
  std::string name;
  append_identifier(name, table.name);
  if (one_by_one) {
    append(text, {name, ".", rowid_name_of(table), " IN (SELECT ", name, ".", rowid_name_of(table),
                  " FROM json_each("});
  } else {
    text += '(';
    write_fields(text, table, fields);
    text += ") IN (SELECT ";
    for (std::size_t i = 0; i != fields.size; ++i) {
      if (i != 0) text += ", ";
      write_part(text, {}, i);
    }
    text += " FROM json_each(";
  }
  out.parameter();
  for (std::size_t i = 0; one_by_one && i != fields.size; ++i) {
    append(text, {i == 0 ? ") AS \"hewn_asked\" CROSS JOIN " + name + " ON " : std::string(" AND "),
                  name, "."});
    write_field(text, table, fields[i]);
    text += " = ";
    write_part(text, "\"hewn_asked\".", i);
  }
  text += one_by_one ? ")" : "))";
}

/// The same on PostgreSQL, which has an array for each column.
HEWN_API void write_in_arrays(sql_writer& out, const table_info& table,
                              const reference_fields& fields) {
  std::string& text = out.out;
  // Never computed: it tells the server the types of its parameters, as those of one column are
  // told, and unnest() could not.
  text += '(';
  for (std::size_t i = 0; i != fields.size; ++i) {
    write_field(text, table, fields[i]);
    text += ' ';
    out.list();
    text += i + 1 != fields.size ? " AND " : " OR TRUE) AND (";
  }
  write_fields(text, table, fields);
  text += ") IN (SELECT * FROM unnest(";
  for (std::size_t i = 0; i != fields.size; ++i) {
    if (i != 0) text += ", ";
    out.again(static_cast<int>(fields.size - i));
  }
  text += "))";
}

HEWN_API void write_listed(sql_writer& out, const table_info& table,
                           const reference_fields& fields) {
  if (fields.size == 1) {
    write_field(out.out, table, fields[0]);
    out.out += ' ';
    out.list();
  } else if (out.dialect == dialect::postgres) {
    write_in_arrays(out, table, fields);
  } else {
    write_in_json(out, table, fields);
  }
}

}  // namespace hewn::detail

#endif
