// hewn/dialect/write/tenant_mark.hpp - where a statement compares the tenant of its session.
// SPDX-License-Identifier: BSL-1.0
//
// Whoever writes a text does not know how many values it will have. So the tenant is a mark there,
// which becomes the last parameter when the whole text is known, and is one however often the text
// has it.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/types.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

/// Behind it comes what is known of the column, see kinds_of_column. No SQL has this character but
/// in quotes and comments, where none is a mark.
inline constexpr char tenant_mark = '\x03';

/// How a tenant is stored; bits, because a statement may read columns of several kinds.
enum class tenant_kind : std::uint8_t { integer = 1, text = 2, uuid = 4 };

/// Besides, of columns of integers that hold fewer than 64 bits.
inline constexpr unsigned of_32_bits = 8;
inline constexpr unsigned of_16_bits = 16;

constexpr unsigned kinds_of_column(column_type type) {
  const auto kind = is_integer(type)            ? tenant_kind::integer
                    : type == column_type::uuid ? tenant_kind::uuid
                                                : tenant_kind::text;
  return static_cast<unsigned>(kind) | (type == column_type::int32   ? of_32_bits
                                        : type == column_type::int16 ? of_16_bits
                                                                     : 0u);
}

constexpr bool is_one_kind(unsigned kinds) {
  kinds &= 7u;
  return (kinds & (kinds - 1)) == 0;
}

/// Whether columns of these kinds can hold a tenant; the number is that of an integer.
constexpr bool can_hold_tenant(unsigned kinds, tenant_kind kind, std::int64_t number) {
  if ((kinds & 7u) != static_cast<unsigned>(kind)) return false;
  if ((kinds & of_16_bits) != 0) return std::in_range<std::int16_t>(number);
  return (kinds & of_32_bits) == 0 || std::in_range<std::int32_t>(number);
}

HEWN_RARE HEWN_API bool has_mark_outside_quotes(std::string_view text, dialect d);

inline bool has_tenant_mark(std::string_view text, dialect d) {
  return text.find(tenant_mark) != text.npos && has_mark_outside_quotes(text, d);
}

/// `<before><qualifier>"organisation_id" = <mark>`; nothing for a table without tenant<>.
HEWN_RARE HEWN_API void append_tenant(std::string& out, const table_info& table,
                                      std::string_view before, std::string_view qualifier = {});

/// The mark of the column alone.
HEWN_RARE HEWN_API void append_tenant_value(std::string& out, const table_info& table);

/// A text whose marks are a parameter.
struct tenant_text {
  std::string sql;
  int parameter = 0;   ///< the last one, from 1 on
  unsigned kinds = 0;  ///< of the columns
};

HEWN_RARE HEWN_API tenant_text settle_tenant(std::string_view marked, dialect d);

/// The text as a session for one tenant runs it, for people.
inline std::string shown_text(std::string text, dialect d) {
  return has_tenant_mark(text, d) ? settle_tenant(text, d).sql : std::move(text);
}

/// The statement over the rows of all tenants: a tenant column is never NULL. Empty: it needs one.
HEWN_RARE HEWN_API std::string text_of_all_tenants(std::string_view marked, dialect d);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/text/ascii.hpp>
#  include <hewn/dialect/text/placeholders.hpp>
#  include <hewn/dialect/text/quote.hpp>

#  include <vector>

namespace hewn::detail {

HEWN_API void append_tenant_value(std::string& out, const table_info& table) {
  out += tenant_mark;
  const column_info& column = table.columns[static_cast<std::size_t>(table.tenant)];
  out += static_cast<char>('0' + static_cast<char>(kinds_of_column(column.type)));
}

HEWN_API void append_tenant(std::string& out, const table_info& table, std::string_view before,
                            std::string_view qualifier) {
  if (!table.has_tenant()) return;
  out += before;
  out += qualifier;
  append_identifier(out, table.columns[static_cast<std::size_t>(table.tenant)].name);
  out += " = ";
  append_tenant_value(out, table);
}

constexpr bool is_tenant_mark(std::string_view text, std::size_t i) {
  return text[i] == tenant_mark && i + 1 < text.size() && text[i + 1] > '0';
}

HEWN_API bool has_mark_outside_quotes(std::string_view text, dialect d) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_tenant_mark(text, i)) return true;
    i = skip_quoted_or_word(text, i, bracket_of(d));
  }
  return false;
}

// SQLite counts a place without a number from the highest before it, so all get theirs.
HEWN_API tenant_text settle_tenant(std::string_view marked, dialect d) {
  const char place = d == dialect::sqlite ? '?' : '$';
  tenant_text settled;
  std::string& sql = settled.sql;
  std::vector<std::size_t> marks;
  int highest = 0;
  for (std::size_t i = 0; i < marked.size(); ++i) {
    if (is_tenant_mark(marked, i)) {
      marks.push_back(sql.size());
      settled.kinds |= static_cast<unsigned>(marked[++i] - '0');
      continue;
    }
    const std::size_t end = skip_quoted_or_word(marked, i, bracket_of(d));
    if (end != i || marked[i] != place) {
      sql += marked.substr(i, end + 1 - i);
      i = end;
      continue;
    }
    int number = 0;
    while (i + 1 < marked.size() && is_digit(marked[i + 1]))
      number = 10 * number + (marked[++i] - '0');
    if (number == 0) number = highest + 1;
    if (number > highest) highest = number;
    sql += place;
    sql += std::to_string(number);
  }
  settled.parameter = highest + 1;
  const std::string tenant = place + std::to_string(settled.parameter);
  for (std::size_t i = marks.size(); i != 0; --i) sql.insert(marks[i - 1], tenant);
  return settled;
}

HEWN_API std::string text_of_all_tenants(std::string_view marked, dialect d) {
  constexpr std::string_view compared = " = ";
  std::string text;
  for (std::size_t i = 0; i < marked.size(); ++i) {
    if (is_tenant_mark(marked, i)) {
      if (!text.ends_with(compared)) return {};
      text.replace(text.size() - compared.size(), compared.size(), " IS NOT NULL");
      ++i;
    } else {
      const std::size_t end = skip_quoted_or_word(marked, i, bracket_of(d));
      text += marked.substr(i, end + 1 - i);
      i = end;
    }
  }
  return text;
}

}  // namespace hewn::detail

#endif
