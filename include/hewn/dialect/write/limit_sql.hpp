// hewn/dialect/write/limit_sql.hpp - the CHECK of what a declaration says of a column's values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/kept_list.hpp>
#include <hewn/schema/table_info.hpp>

#include <string>
#include <string_view>

namespace hewn::detail {

/// An end of a range as text; empty: it is open.
struct range_ends {
  std::string low;
  std::string high;
};

HEWN_RARE HEWN_API range_ends ends_of(const table_info& table, const clause& c);

/// The values of a list, as SQL writes them.
HEWN_RARE HEWN_API std::string list_sql(const table_info& table, const clause& c);

/// What stands behind table and column in the name of the CHECK.
constexpr std::string_view limit_suffix(clause_kind kind) {
  switch (kind) {
    case clause_kind::length:
      return "_length";
    case clause_kind::range:
      return "_range";
    case clause_kind::one_of:
      return "_one_of";
    case clause_kind::not_blank:
      return "_not_blank";
    case clause_kind::pattern:
      return "_pattern";
    case clause_kind::characters:
      return "_characters";
    case clause_kind::email:
      return "_email";
    case clause_kind::url:
      return "_url";
    default:
      return "";
  }
}

/// The condition of the CHECK.
HEWN_RARE HEWN_API std::string limit_sql(const table_info& table, const clause& c, dialect d);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/write/pattern_text.hpp>
#  include <hewn/schema/text_forms.hpp>
#  include <hewn/schema/white_space.hpp>

#  include <vector>

namespace hewn::detail {

HEWN_API range_ends ends_of(const table_info& table, const clause& c) {
  if (table.columns[c.columns[0]].type == column_type::real) {
    std::string_view list = list_of(table, c);
    const std::string_view low = take_value(list);
    return {std::string(low), std::string(take_value(list))};
  }
  return {std::to_string(c.low), std::to_string(c.high)};
}

HEWN_API std::string list_sql(const table_info& table, const clause& c) {
  const bool quoted = table.columns[c.columns[0]].type == column_type::text;
  std::string out;
  for (std::string_view list = list_of(table, c); !list.empty();) {
    if (!out.empty()) out += ", ";
    const std::string_view value = take_value(list);
    if (quoted)
      out += quote_literal(value);
    else
      out += value;
  }
  return out;
}

/// The column as a text that is compared by its code points, whatever its type and collation.
inline std::string compared_text(const column_info& c, dialect d) {
  std::string out;
  append_identifier(out, c.name);
  if (c.type != column_type::text) return out;
  if (d == dialect::sqlite) {
    if (!c.collation.empty()) out += " COLLATE BINARY";
  } else if (!c.collation.empty() || !c.declared_type.empty() || !c.enum_type.empty()) {
    out = concat({"CAST(", out, " AS text) COLLATE \"C\""});
  }
  return out;
}

inline std::string range_sql(const std::string& column, const range_ends& ends) {
  if (!ends.low.empty() && !ends.high.empty())
    return concat({column, " BETWEEN ", ends.low, " AND ", ends.high});
  if (!ends.low.empty()) return concat({column, " >= ", ends.low});
  if (!ends.high.empty()) return concat({column, " <= ", ends.high});
  return concat({column, " = ", column});
}

struct pattern_lists {
  std::vector<std::string_view> may_be;
  std::vector<std::string_view> may_not_be;
};

inline std::string not_blank_sql(const column_info& column, dialect d) {
  std::string characters;
  for (const code_point_range& r : white_space) {
    if (d == dialect::postgres) {
      append_range(characters, r.first, r.last);
      continue;
    }
    for (char32_t c = r.first; c <= r.last; ++c)
      append(characters, {characters.empty() ? "" : ", ", std::to_string(c)});
  }
  if (d == dialect::postgres) return concat({compared_text(column, d), " ~ '[^", characters, "]'"});
  return concat({"trim(", quote_identifier(column.name), ", char(", characters, ")) <> ''"});
}

// A text with a NUL is as no pattern, but GLOB reads it to there.
inline std::string form_sql(const column_info& column, const pattern_lists& form, dialect d) {
  const std::string compared = compared_text(column, d);
  std::string out;
  if (d == dialect::postgres) {
    if (!form.may_be.empty())
      out = concat({compared, " ~ ", quote_literal(any_regex(form.may_be))});
    if (!form.may_not_be.empty())
      append(out, {out.empty() ? "" : " AND ", compared, " !~ ",
                   quote_literal(any_regex(form.may_not_be))});
    return out;
  }
  const std::string name = quote_identifier(column.name);
  out = concat({"instr(", name, ", char(0)) = 0"});
  std::string any;
  for (const std::string_view p : form.may_be)
    append(any, {any.empty() ? "" : " OR ", name, " GLOB ", quote_literal(glob_of(p))});
  if (form.may_be.size() == 1) append(out, {" AND ", any});
  if (form.may_be.size() > 1) append(out, {" AND (", any, ")"});
  for (const std::string_view p : form.may_not_be)
    append(out, {" AND ", name, " NOT GLOB ", quote_literal(glob_of(p))});
  return out;
}

inline pattern_lists patterns_of(const text_form& form) {
  return {{form.may_be.begin(), form.may_be.end()},
          {form.may_not_be.begin(), form.may_not_be.end()}};
}

inline std::vector<std::string_view> values_of(std::string_view list) {
  std::vector<std::string_view> out;
  while (!list.empty()) out.push_back(take_value(list));
  return out;
}

HEWN_API std::string limit_sql(const table_info& table, const clause& c, dialect d) {
  const column_info& column = table.columns[c.columns[0]];
  switch (c.kind) {
    case clause_kind::length:
      return range_sql("length(" + quote_identifier(column.name) + ")", ends_of(table, c));
    case clause_kind::range:
      return range_sql(quote_identifier(column.name), ends_of(table, c));
    case clause_kind::one_of:
      return concat({compared_text(column, d), " IN (", list_sql(table, c), ")"});
    case clause_kind::not_blank:
      return not_blank_sql(column, d);
    case clause_kind::pattern:
      return form_sql(column, {values_of(list_of(table, c)), {}}, d);
    case clause_kind::characters: {
      std::string_view list = list_of(table, c);
      const std::string other = concat({"*[^", take_value(list), "]*"});
      return form_sql(column, {{}, {other}}, d);
    }
    case clause_kind::email:
      return form_sql(column, patterns_of(email_form), d);
    case clause_kind::url:
      return form_sql(column, patterns_of(url_form), d);
    default:
      return {};
  }
}

}  // namespace hewn::detail

#endif
