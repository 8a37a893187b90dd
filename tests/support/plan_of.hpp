// tests/support/plan_of.hpp - plans from two pieces of SQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sync/plan.hpp>

#include <support/raw_sqlite.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace support {

inline hewn::schema::database schema_of(const std::string& sql) {
  raw_sqlite db;
  db.run(sql);
  return db.introspect();
}

/// The plan that leads from one SQLite schema to another.
inline hewn::plan plan_of(const std::string& live, const std::string& wanted) {
  hewn::schema::database target = schema_of(wanted);
  target.others.clear();
  return hewn::plan(schema_of(live), target, hewn::dialect::sqlite);
}

/// `add column nick`, with `wait: ` before those that wait.
inline std::vector<std::string> changes_of(const hewn::plan& p) {
  std::vector<std::string> out;
  for (const hewn::change& c : p.changes()) {
    std::string line = c.waits() ? "wait: " : "";
    line += hewn::to_string(c.kind);
    if (!c.object.empty()) line += ' ' + c.object;
    out.push_back(line);
  }
  return out;
}

inline std::vector<std::string> changes_of(const std::string& live, const std::string& wanted) {
  return changes_of(plan_of(live, wanted));
}

}  // namespace support
