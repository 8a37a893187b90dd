// hewn/query/bulk/drawn_keys.hpp - keys that are drawn for rows before these are inserted.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/distinct.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/write/key_source.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hewn::detail {

template <class Driver, class T>
struct key_source_text {
  static constexpr const table_info* table = nullptr;
  HEWN_COLD static std::string render(const void*, dialect) { return key_source_sql(table_of<T>); }
};

/// How the database makes the keys of a table; see key_source_sql.
struct key_source {
  bool keeps_given = false;  // otherwise rows go one by one
  bool overriding = false;
  std::string type = {};
  std::string draw = {};  // the statement that draws keys; empty: none can be drawn
};

template <class Driver>
HEWN_COLD key_source read_key_source(const lease<Driver>& query) {
  key_source found;
  query->reported = true;
  if (!query.step()) return found;
  auto& row = query.statement();
  found.keeps_given = row.read(0, found.overriding);
  std::string expression;
  if (row.read(1, found.type) && !row.is_null(2) && row.read(2, expression) &&
      (found.type == "bigint" || found.type == "integer" || found.type == "smallint"))
    found.draw = draw_keys_sql(expression);
  return found;
}

/// False: what the expression makes are no numbers, or not another one each time, as where it looks
/// for the highest key that is there.
template <class Driver>
HEWN_COLD bool draw_keys(const lease<Driver>& query, std::size_t count,
                         std::vector<std::int64_t>& keys) {
  query->reported = true;
  query.statement().bind(1, static_cast<std::int64_t>(count));
  check_parameters(query);
  keys.clear();
  bool rising = true;
  std::int64_t key = 0;
  while (query.step()) {
    if (query.statement().is_null(0) || !query.statement().read(0, key)) return false;
    rising = rising && (keys.empty() || keys.back() < key);
    keys.push_back(key);
  }
  if (keys.size() != count) return false;
  return rising || are_distinct(keys);
}

}  // namespace hewn::detail
