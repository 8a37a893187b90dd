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

#  include <hewn/dialect/text/quote.hpp>
#  include <hewn/dialect/write/keys_in_json.hpp>

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

HEWN_API void write_in_json(sql_writer& out, const table_info& table,
                            const reference_fields& fields) {
  const keys_in_json condition = write_keys_in_json(table, {fields.fields, fields.size});
  out.out += condition.before;
  out.parameter();
  out.out += condition.behind;
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
