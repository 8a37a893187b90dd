// examples/schema_diff/command/intents.hpp - what the options mean to the planner.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "arguments.hpp"

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/intent.hpp>

#include <optional>
#include <string>
#include <vector>

namespace schema_diff {

namespace detail {

struct name {
  std::string table;
  std::string column;  // empty: the table itself
};

/// What `text` is in `schema`: names may hold dots, so every place for the dot is tried.
inline std::optional<name> find_name(const hewn::schema::database& schema,
                                     const std::string& text) {
  const auto same = [](std::string_view a, std::string_view b) {
    return hewn::detail::same_word(a, b);
  };
  for (const hewn::schema::table& t : schema.tables) {
    if (same(t.name, text)) return name{t.name, {}};
    for (const hewn::schema::column& c : t.columns)
      if (same(t.name + "." + c.name, text)) return name{t.name, c.name};
  }
  return std::nullopt;
}

inline name require_name(const hewn::schema::database& schema, const std::string& text,
                         const std::string& file) {
  if (auto found = find_name(schema, text)) return *found;
  throw usage_error(text + " is neither a table nor a column of " + file);
}

}  // namespace detail

/// Throws: usage_error for a name that neither schema has, and a renaming from one table to
/// another.
inline std::vector<hewn::intent> intents_of(const arguments& in,
                                            const hewn::schema::database& before,
                                            const std::string& old_name,
                                            const hewn::schema::database& after,
                                            const std::string& new_name) {
  std::vector<hewn::intent> out;
  const auto present_table = [&out](const std::string& former) {
    for (const hewn::intent& i : out)
      if (i.kind == hewn::intent_kind::rename_table && i.former == former) return i.table;
    return former;
  };
  std::vector<std::pair<detail::name, detail::name>> columns;
  for (const auto& [former, now] : in.renames) {
    const detail::name from = detail::require_name(before, former, old_name);
    const detail::name to = detail::require_name(after, now, new_name);
    if (from.column.empty() != to.column.empty())
      throw usage_error(former + "=" + now + " is a table on one side and a column on the other");
    if (!from.column.empty()) {
      columns.emplace_back(from, to);
      continue;
    }
    out.push_back({.kind = hewn::intent_kind::rename_table,
                   .table = to.table,
                   .former = from.table,
                   .once = true});
  }
  for (const auto& [from, to] : columns) {
    if (!hewn::detail::same_word(present_table(from.table), to.table))
      throw usage_error(from.table + "." + from.column + " cannot move to table " + to.table);
    out.push_back({.kind = hewn::intent_kind::rename_column,
                   .table = to.table,
                   .column = to.column,
                   .former = from.column,
                   .once = true});
  }
  for (const std::string& text : in.drops) {
    const detail::name gone = detail::require_name(before, text, old_name);
    out.push_back({.kind = gone.column.empty() ? hewn::intent_kind::drop_table
                                               : hewn::intent_kind::drop_column,
                   .table = gone.column.empty() ? gone.table : present_table(gone.table),
                   .column = gone.column});
  }
  const auto add_values = [&](const auto& list, hewn::intent_kind kind, const char* option) {
    for (const auto& [text, sql] : list) {
      const detail::name column = detail::require_name(after, text, new_name);
      if (column.column.empty())
        throw usage_error(text + " is a table, and " + option + " is about a column");
      out.push_back(
          {.kind = kind, .table = column.table, .column = column.column, .expression = sql});
    }
  };
  add_values(in.backfills, hewn::intent_kind::backfill, "--backfill");
  add_values(in.conversions, hewn::intent_kind::convert, "--convert");
  return out;
}

}  // namespace schema_diff
