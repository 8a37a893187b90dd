// hewn/dialect/write/declared_text.hpp - an expression of a declaration as text for one database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace hewn::detail {

// Marks of columns become quoted names, now that every renaming is known.
HEWN_RARE HEWN_API std::string resolve(const table_info& table, text_range range, dialect d);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API std::string resolve(const table_info& table, text_range range, dialect d) {
  const std::string_view text = table.expressions.substr(range.begin, range.size);
  std::string out;
  for (std::size_t i = 0; i != text.size(); ++i) {
    if (text[i] == clause_writer::column_mark)
      append_identifier(out, table.columns[static_cast<unsigned char>(text[++i]) - 1u].name);
    else if (text[i] == clause_writer::empty_list_mark)
      out += d == dialect::sqlite ? "'[]'" : "'{}'";
    else
      out += text[i];
  }
  return out;
}

}  // namespace hewn::detail

#endif
