// tests/support/plan_of.hpp - plans from two pieces of SQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/plan/plan.hpp>
#include <hewn/sync/plan/planner.hpp>

#include <support/raw_sqlite.hpp>

#include <string>
#include <utility>
#include <vector>

namespace support {

inline hewn::schema::database schema_of(const std::string& sql) {
  raw_sqlite db;
  db.run(sql);
  return db.introspect();
}

/// The schema of some SQL, as a declaration has it: further objects may exist.
inline hewn::wanted_schema declared(const std::string& sql,
                                    std::vector<hewn::intent> intents = {}) {
  hewn::wanted_schema out{.schema = schema_of(sql), .intents = std::move(intents)};
  out.schema.others.clear();
  out.schema.sources.clear();
  return out;
}

/// The same as the whole of a database.
inline hewn::wanted_schema whole(const std::string& sql, std::vector<hewn::intent> intents = {}) {
  return {.schema = schema_of(sql), .intents = std::move(intents), .complete = true};
}

/// The plan that leads from one SQLite schema to another.
inline hewn::plan plan_of(const std::string& live, const std::string& wanted) {
  raw_sqlite db;
  db.run(live);
  return hewn::make_plan(db, declared(wanted));
}

/// The statements of the plan.
inline std::vector<std::string> steps_of(const hewn::plan& p) {
  std::vector<std::string> out;
  for (const hewn::step& s : p.steps()) out.push_back(s.sql);
  return out;
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
