// hewn/sync/model/check_names.hpp - names that no database could hold, found before any SQL runs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/own_tables.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

inline void refuse_equal_names(std::vector<std::string> names, const std::string& where,
                               dialect d) {
  for (std::string& n : names) n = folded_name(d, n);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice == names.end()) return;
  throw error(errc::usage, "hewn: " + where + " has two objects called " + *twice +
                               (d == dialect::sqlite ? ", letter case aside" : "") +
                               "; rename one of them");
}

inline void check_optional_name(const std::string& name, dialect d) {
  if (!name.empty()) check_identifier(name, d);
}

// `declared`: not read from a database. SQLite itself takes constraints of one name.
inline void check_table_names(const schema::table& t, bool declared, dialect d) {
  std::vector<std::string> columns;
  for (const schema::column& c : t.columns) {
    check_identifier(c.name, d);
    columns.push_back(c.name);
  }
  refuse_equal_names(std::move(columns), "the table " + t.name, d);

  std::vector<std::string> constraints;
  const auto add = [&](const std::string& name) {
    check_optional_name(name, d);
    if (!name.empty()) constraints.push_back(name);
  };
  add(t.primary_key_name);
  for (const schema::unique_key& k : t.unique_keys) add(k.name);
  for (const schema::check& k : t.checks) add(k.name);
  for (const schema::foreign_key& k : t.foreign_keys) add(k.name);
  if (declared || d != dialect::sqlite)
    refuse_equal_names(std::move(constraints), "the table " + t.name, d);
}

}  // namespace detail

/// Refuses a schema with impossible or clashing names. Throws: errc::usage.
inline void check_names(const schema::database& wanted, dialect d) {
  // Tables and indexes share one set of names in both databases.
  std::vector<std::string> names;
  std::vector<std::string> triggers;
  for (const schema::table& t : wanted.tables) {
    check_identifier(t.name, d);
    for (const schema::time_trigger& each : t.time_triggers) triggers.push_back(each.name);
    if (d == dialect::sqlite && detail::same_word(std::string_view(t.name).substr(0, 7), "sqlite_"))
      throw error(errc::usage, "hewn: the table name " + t.name +
                                   " begins with sqlite_, which SQLite keeps for itself; "
                                   "choose another one");
    // What was read from a database may have them, and they are passed over there.
    const bool declared = wanted.sources.empty();
    if (declared && detail::is_reserved_table(t.name))
      throw error(errc::usage, "hewn: the table name " + t.name +
                                   " is one that hewn keeps for itself; choose another one");
    names.push_back(t.name);
    for (const schema::index& i : t.indexes) {
      check_identifier(i.name, d);
      names.push_back(i.name);
    }
    detail::check_table_names(t, declared, d);
  }
  // So do types there: every table makes one of its name.
  for (const schema::enumeration& e : wanted.enumerations) {
    check_identifier(e.name, d);
    for (const std::string& label : e.labels) check_identifier(label, d);
    names.push_back(e.name);
  }
  detail::refuse_equal_names(std::move(names), "the schema", d);
  detail::refuse_equal_names(std::move(triggers), "the schema", d);
}

}  // namespace hewn
