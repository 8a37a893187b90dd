// hewn/sync/facts/row_sums.hpp - what the rows of a table of PostgreSQL add up to.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sync/model/executor.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// A column whose values are to be the same before and after, as expressions over `hewn_row`.
struct summed_column {
  std::string name;
  std::string before;
  std::string after;
  bool key = false;
};

/// What one pass over a table says: how many rows it has, and for each column a sum that does not
/// depend on their order.
struct row_sums {
  std::string rows = {};
  std::vector<std::string> columns = {};
};

/// Reads `table` once. A value counts together with the key of its row, so that values which rows
/// have exchanged are found; a key counts by itself. Cost: every row, under the caller's lock.
HEWN_COLD inline row_sums sum_rows(schema_executor& in, std::string_view table,
                                   const std::vector<summed_column>& columns, bool after) {
  std::string key;
  std::string all;
  std::string sums;
  for (const summed_column& c : columns) {
    const std::string& value = after ? c.after : c.before;
    append_separated(all, ", ", {value});
    if (c.key) append_separated(key, ", ", {value});
    append(sums,
           {", pg_catalog.sum(pg_catalog.hashtextextended((", value, ")::pg_catalog.text COLLATE ",
            "pg_catalog.\"C\", ", c.key ? "0" : "hewn_key.h", "))::pg_catalog.text"});
  }
  const std::vector<text_row> answer = in.query(concat(
      {"SELECT pg_catalog.count(*)::pg_catalog.text", sums, " FROM ", quote_identifier(table),
       " AS hewn_row CROSS JOIN LATERAL (SELECT pg_catalog.hashtextextended(ROW(",
       key.empty() ? all : key,
       ")::pg_catalog.text COLLATE pg_catalog.\"C\", 0) AS h) AS hewn_key"}));
  row_sums out{.rows = answer.at(0).at(0).value_or("")};
  for (std::size_t i = 0; i != columns.size(); ++i)
    out.columns.push_back(answer[0].at(i + 1).value_or(""));
  return out;
}

/// The names of the columns in which `now` differs from `before`, both of `columns`.
inline std::string differing_columns(const std::vector<summed_column>& columns,
                                     const row_sums& before, const row_sums& now) {
  std::string out;
  for (std::size_t i = 0; i != columns.size(); ++i)
    if (now.columns[i] != before.columns[i]) append_separated(out, ", ", {columns[i].name});
  return out;
}

}  // namespace hewn::detail
