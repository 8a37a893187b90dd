// hewn/postgres/schema/rehearse.hpp - what steps tried on temporary copies say about the tables
// themselves.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/step.hpp>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

/// Whether the step adds a value to a type. The type itself is tried, because a value of a copy
/// could be used in the same transaction; that keeps nobody waiting but who does the same.
HEWN_COLD inline bool adds_value(const step& s) {
  return s.sql.starts_with("ALTER TYPE ") && s.sql.find(" ADD VALUE ") != s.sql.npos;
}

/// Whether the steps only create and add, so that copies of the tables that they name tell all.
HEWN_COLD inline bool only_adds(const std::vector<step>& steps) {
  return std::all_of(steps.begin(), steps.end(), [](const step& s) {
    for (const std::string_view verb :
         {"CREATE TABLE ", "CREATE INDEX ", "CREATE UNIQUE INDEX ", "CREATE TYPE "})
      if (s.sql.starts_with(verb)) return true;
    if (adds_value(s)) return true;
    return s.sql.starts_with("ALTER TABLE ") && s.sql.find(" ADD ") != s.sql.npos &&
           s.sql.find(" RENAME ") == s.sql.npos;
  });
}

template <class Part>
void append_new(std::vector<Part>& to, const std::vector<Part>& before, std::vector<Part>& after) {
  for (Part& p : after)
    if (std::find(before.begin(), before.end(), p) == before.end()) to.push_back(std::move(p));
}

/// `live` with what the copies have after the steps and had not before.
HEWN_COLD inline schema::database with_additions(schema::database live,
                                                 const schema::database& before,
                                                 schema::database after) {
  append_new(live.enumerations, before.enumerations, after.enumerations);
  append_new(live.others, before.others, after.others);
  for (schema::table& copy : after.tables) {
    const schema::table* const old = before.find_table(copy.name);
    if (old == nullptr) {
      live.tables.push_back(std::move(copy));
      continue;
    }
    for (schema::table& t : live.tables) {
      if (t.name != copy.name) continue;
      append_new(t.columns, old->columns, copy.columns);
      append_new(t.unique_keys, old->unique_keys, copy.unique_keys);
      append_new(t.checks, old->checks, copy.checks);
      append_new(t.foreign_keys, old->foreign_keys, copy.foreign_keys);
      append_new(t.indexes, old->indexes, copy.indexes);
    }
  }
  return live;
}

}  // namespace hewn::postgres::detail
