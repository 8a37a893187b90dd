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

namespace hewn::detail {

/// Writes an expression as text with placeholders, numbering them from where the statement is.
struct sql_writer {
  std::string& out;
  hewn::dialect dialect;
  int parameters = 0;

  void text(std::string_view s) { out += s; }

  void column(std::size_t field, const table_info& (*table)()) {
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

  // An IN list is one parameter whatever its length, so that it is one statement shape.
  void list() {
    if (dialect == hewn::dialect::postgres) {
      out += "= ANY(";
      parameter();
      out += ')';
    } else {
      out += "IN (SELECT value FROM json_each(";
      parameter();
      out += "))";
    }
  }
};

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

  void list(std::string_view json) { statement.bind(++parameters, json, true); }
};

/// The text of one JSON string (RFC 8259, section 7).
inline void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      constexpr char digits[] = "0123456789abcdef";
      out += "\\u00";
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace hewn::detail
