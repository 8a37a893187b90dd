// hewn/sync/plan/creation_order.hpp - referenced tables before those that refer to them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/schema/database_model.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// A table to create. `late_keys` refer to tables that come after it, which happens in cycles.
struct creation {
  const schema::table* table = nullptr;
  std::vector<schema::foreign_key> early_keys = {};
  std::vector<schema::foreign_key> late_keys = {};
};

/// Orders `tables` so that a table follows those it refers to; where a cycle forbids that, and
/// among equals, the order given stays.
inline std::vector<creation> creation_order(const std::vector<const schema::table*>& tables,
                                            dialect d) {
  const std::size_t none = tables.size();
  const auto index_of = [&](const std::string& name) {
    for (std::size_t i = 0; i != tables.size(); ++i)
      if (same_name(d, tables[i]->name, name)) return i;
    return none;
  };
  // Per table and foreign key, the index of the target; `none`: not among the tables.
  std::vector<std::vector<std::size_t>> targets(tables.size());
  for (std::size_t i = 0; i != tables.size(); ++i)
    for (const schema::foreign_key& k : tables[i]->foreign_keys)
      targets[i].push_back(index_of(k.target_table));

  std::vector<bool> created(tables.size());
  const auto is_late = [&](std::size_t table, std::size_t target) {
    return target != none && target != table && !created[target];
  };
  const auto is_ready = [&](std::size_t table) {
    for (const std::size_t target : targets[table])
      if (is_late(table, target)) return false;
    return true;
  };
  std::vector<creation> out;
  while (out.size() != tables.size()) {
    std::size_t next = none;
    for (std::size_t i = 0; i != tables.size(); ++i) {
      if (created[i]) continue;
      if (next == none) next = i;  // the start of a cycle, unless one is ready
      if (!is_ready(i)) continue;
      next = i;
      break;
    }
    creation c{.table = tables[next]};
    for (std::size_t k = 0; k != targets[next].size(); ++k)
      (is_late(next, targets[next][k]) ? c.late_keys : c.early_keys)
          .push_back(c.table->foreign_keys[k]);
    created[next] = true;
    out.push_back(std::move(c));
  }
  return out;
}

}  // namespace hewn::detail
