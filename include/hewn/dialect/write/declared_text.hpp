// hewn/dialect/write/declared_text.hpp - an expression of a declaration as text for one database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/types.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace hewn::detail {

// Marks of columns become quoted names, now that every renaming is known.
HEWN_RARE HEWN_API std::string resolve(const table_info& table, text_range range, dialect d);

/// The same of a value for this column.
HEWN_RARE HEWN_API std::string resolve_value(const table_info& table, const column_info& column,
                                             text_range range, dialect d);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

// The forms are those that hewn stores, see schema/time_text.hpp: SQLite's clock has milliseconds,
// and there is a fraction only where it is not 0.
HEWN_COLD inline std::string_view clock_sql(char unit, dialect d) {
  const bool sqlite = d == dialect::sqlite;
  switch (unit) {
    case 'M':
      return sqlite ? "strftime('%Y-%m-%d %H:%M:00', 'now')"
                    : "date_trunc('minute', CURRENT_TIMESTAMP)";
    case 's':
      return sqlite ? "CURRENT_TIMESTAMP" : "date_trunc('second', CURRENT_TIMESTAMP)";
    case 'm':
      if (!sqlite) return "date_trunc('milliseconds', CURRENT_TIMESTAMP)";
      break;
    default:
      if (!sqlite) return "CURRENT_TIMESTAMP";
      break;
  }
  return "replace(strftime('%Y-%m-%d %H:%M:%f000', 'now'), '.000000', '')";
}

HEWN_API std::string resolve(const table_info& table, text_range range, dialect d) {
  const std::string_view text = table.expressions.substr(range.begin, range.size);
  std::string out;
  for (std::size_t i = 0; i != text.size(); ++i) {
    if (text[i] == clause_writer::column_mark)
      append_identifier(out, table.columns[static_cast<unsigned char>(text[++i]) - 1u].name);
    else if (text[i] == clause_writer::empty_list_mark)
      out += d == dialect::sqlite ? "'[]'" : "'{}'";
    else if (text[i] == clause_writer::clock_mark)
      out += clock_sql(text[++i], d);
    else
      out += text[i];
  }
  return out;
}

HEWN_API std::string resolve_value(const table_info& table, const column_info& column,
                                   text_range range, dialect d) {
  std::string out = resolve(table, range, d);
  const bool time = column.type == column_type::instant || column.type == column_type::day;
  // PostgreSQL's calendar has no year 0: that is 1 BC.
  if (d == dialect::postgres && time && out.starts_with("'0000-") &&
      out.find('\'', 1) == out.size() - 1) {
    out.replace(1, 4, "0001");
    out.insert(out.size() - 1, " BC");
  }
  return out;
}

}  // namespace hewn::detail

#endif
