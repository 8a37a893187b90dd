// hewn/query/writer.hpp - where an expression writes its SQL text and its values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/field.hpp>
#include <hewn/dialect/dialect.hpp>
#include <hewn/dialect/dml.hpp>
#include <hewn/dialect/quote.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// The columns of one table that an expression names.
struct mentioned_columns {
  const table_info* table;
  std::vector<std::size_t> fields = {};

  bool has(std::size_t field) const {
    for (const std::size_t f : fields)
      if (f == field) return true;
    return false;
  }
};

/// Writes an expression as text with placeholders, numbering them from where the statement is.
struct sql_writer {
  std::string& out;
  hewn::dialect dialect;
  int parameters = 0;
  mentioned_columns* mentioned = nullptr;

  void text(std::string_view s) { out += s; }

  void mention(std::size_t field, const table_info& table) {
    if (mentioned != nullptr && mentioned->table == &table) mentioned->fields.push_back(field);
  }

  void column(std::size_t field, const table_info& (*table)()) {
    mention(field, table());
    append_identifier(out, table().columns[field].name);
  }

  void parameter() { append_parameter(out, ++parameters, dialect); }

  /// Equality in which NULL equals NULL.
  void null_safe(bool negated) {
    if (dialect == hewn::dialect::postgres)
      out += negated ? " IS DISTINCT FROM " : " IS NOT DISTINCT FROM ";
    else
      out += negated ? " IS NOT " : " IS ";
  }

  /// What stands around a column whose elements the value before it is compared with.
  void begin_elements() {
    // Of a list that is NULL nobody knows what is in it; json_each would say nothing is.
    out += dialect == hewn::dialect::postgres ? " = ANY ("
                                              : " IN (SELECT value FROM json_each(coalesce(";
  }
  void end_elements() { out += dialect == hewn::dialect::postgres ? ")" : ", '[null]')))"; }

  void list() { append_list(out, ++parameters, dialect); }
};

/// Binds the values of an IN list: as JSON, or as the driver knows better.
template <class Statement>
void bind_list(Statement& statement, int i, std::string_view json, bool copy) {
  if constexpr (requires { statement.bind_list(i, json); })
    statement.bind_list(i, json);
  else
    statement.bind(i, json, copy);
}

/// The same for a list that is compared as a whole.
template <class Statement>
void bind_vector(Statement& statement, int i, std::string_view json, bool copy) {
  if constexpr (requires { statement.bind_array_text(i, json); })
    statement.bind_array_text(i, json);
  else
    statement.bind(i, json, copy);
}

/// Binds the values of an expression in the order in which it wrote its placeholders.
template <class Statement>
struct value_binder {
  Statement& statement;
  bool copy;
  int parameters = 0;

  template <class F>
  void value(const F& v) {
    bind_field(statement, ++parameters, v, copy);
  }

  void list(std::string_view json) { bind_list(statement, ++parameters, json, true); }
};

}  // namespace hewn::detail
