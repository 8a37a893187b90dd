// hewn/sync/facts/row_gate.hpp - a question to the rows of one table.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/fact.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// Counts those of `rows`, a FROM item that stands for `t`, for which `condition` holds; an empty
/// condition means all. They are named by `row`, a text expression; by their keys without it.
inline gate row_gate(const schema::table& t, dialect d, fact_kind kind, const std::string& rows,
                     const std::string& condition, const std::string& row = {}) {
  const std::string tail = concat({" FROM ", rows, condition.empty() ? "" : " WHERE ", condition});
  gate out{.kind = kind, .count = concat({"SELECT count(*)", tail})};
  if (kind != fact_kind::rows_lost)
    out.sample = concat({"SELECT ", row.empty() ? row_name(t, d) : row, tail, " LIMIT ",
                         std::to_string(fact::max_samples)});
  return out;
}

/// Whether there is a value, also one that has parts: PostgreSQL says of a row without one of its
/// fields that it IS NOT NULL is false.
inline std::string holds_value(std::string_view value, dialect d) {
  return concat({value, d == dialect::postgres ? " IS DISTINCT FROM NULL" : " IS NOT NULL"});
}

/// `a IS NULL OR b IS NULL`; empty for no columns.
inline std::string any_is_null(const std::vector<std::string>& columns) {
  std::string out;
  for (const std::string& c : columns)
    append_separated(out, " OR ", {quote_identifier(c), " IS NULL"});
  return out;
}

}  // namespace hewn::detail
