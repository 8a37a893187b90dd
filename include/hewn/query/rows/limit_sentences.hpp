// hewn/query/rows/limit_sentences.hpp - what is said of a value that a declaration does not allow.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/dialect/write/limit_sql.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/kept_list.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/types.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace hewn::detail {

HEWN_COLD inline std::string range_sentence(range_ends ends, const clause& c, column_type type) {
  using limits = std::numeric_limits<std::int64_t>;
  const bool real = type == column_type::real;  // whose infinite ends are empty already
  if (!real && c.low == limits::min()) ends.low.clear();
  if (!real && c.high == limits::max()) ends.high.clear();
  if (ends.low.empty()) return concat({"must be at most ", ends.high});
  if (ends.high.empty()) return concat({"must be at least ", ends.low});
  return concat({"must lie between ", ends.low, " and ", ends.high});
}

HEWN_COLD inline std::string length_sentence(const clause& c) {
  const std::string_view unit = c.high == 1 ? " character" : " characters";
  if (c.low == c.high) return concat({"must have exactly ", std::to_string(c.high), unit});
  if (c.low <= 0) return concat({"must have at most ", std::to_string(c.high), unit});
  if (c.high == std::numeric_limits<std::int64_t>::max())
    return concat(
        {"must have at least ", std::to_string(c.low), c.low == 1 ? " character" : " characters"});
  return concat({"must have ", std::to_string(c.low), " to ", std::to_string(c.high), unit});
}

/// What the value must be, without the value.
HEWN_COLD inline std::string limit_sentence(const table_info& table, const clause& c) {
  switch (c.kind) {
    case clause_kind::length:
      return length_sentence(c);
    case clause_kind::range:
      return range_sentence(ends_of(table, c), c, table.columns[c.columns[0]].type);
    case clause_kind::one_of:
      return concat({"must be one of ", list_sql(table, c)});
    case clause_kind::not_blank:
      return "must have a character that is no white space";
    case clause_kind::pattern: {
      const std::string patterns = list_sql(table, c);
      const bool several = list_of(table, c).find('\0') + 1 != list_of(table, c).size();
      return concat({several ? "must match one of " : "must match ", patterns});
    }
    case clause_kind::characters: {
      std::string_view list = list_of(table, c);
      return concat({"must have only the characters [", take_value(list), "]"});
    }
    case clause_kind::email:
      return "must be an e-mail address";
    case clause_kind::url:
      return "must be a URL that begins with http:// or https://";
    default:
      return {};
  }
}

}  // namespace hewn::detail
