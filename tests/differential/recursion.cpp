// tests/differential/recursion.cpp - how the reference walks.
// SPDX-License-Identifier: BSL-1.0
#include "recursion.hpp"

#include "derived_tables.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace differential {
namespace {

bool is_same(const cells& left, const cells& right) {
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), agree);
}

bool has(const std::vector<cells>& rows, const cells& row) {
  return std::any_of(rows.begin(), rows.end(), [&](const cells& x) { return is_same(x, row); });
}

/// Those of the found rows that nobody has met.
std::vector<cells> fresh(const std::vector<cells>& met, const std::vector<cells>& found) {
  std::vector<cells> out;
  for (const cells& row : found)
    if (!has(met, row) && !has(out, row)) out.push_back(row);
  return out;
}

bool are_alike(const std::vector<cells>& rows) {
  return std::all_of(rows.begin(), rows.end(),
                     [&](const cells& row) { return is_same(row, rows.front()); });
}

}  // namespace

bool keep_walks(population& rows, const reference_recursion& query, wanted_rows wanted) {
  const auto most = static_cast<std::size_t>(query.rows);
  std::vector<cells> met;
  reference_result found = query.first(rows);
  for (;;) {
    if (found.uncertain || found.fails) return false;
    std::vector<cells> level = query.distinct ? fresh(met, found.rows) : std::move(found.rows);
    const std::size_t room = most - met.size();
    if (level.empty() || room == 0) break;
    const bool cut = level.size() > room;
    if (cut && wanted == wanted_rows::all && !are_alike(level)) return false;
    // SQLite goes on from the first rows of a step before it returns the last. So the step behind
    // the last row is computed, too.
    rows.found.walks.clear();
    for (const cells& row : level) add_row(rows.found.walks, row);
    found = run(query.step, rows);
    level.resize(std::min(level.size(), room));
    met.insert(met.end(), level.begin(), level.end());
  }
  rows.found.walks.clear();
  for (const cells& row : met) add_row(rows.found.walks, row);
  return true;
}

}  // namespace differential
