// hewn/sync/plan/time_trigger_steps.hpp - what PostgreSQL is told about the triggers of hewn's own.
// SPDX-License-Identifier: BSL-1.0
//
// Each has a function of its name, so that it can be changed and dropped without a look at others.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/time_trigger_diff.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/step.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

inline void append_time_trigger_drop(std::vector<step>& out, std::string_view trigger,
                                     const std::string& table) {
  const std::string name = quote_identifier(trigger, dialect::postgres);
  out.push_back({.sql = concat({"DROP TRIGGER IF EXISTS ", name, " ON ",
                                quote_identifier(table, dialect::postgres)}),
                 .table = table});
  out.push_back({.sql = concat({"DROP FUNCTION IF EXISTS ", name, "()"}), .table = table});
}

/// Whether the trigger must be away meanwhile: it would date the rows that sync fills, and the
/// server changes no type of a column that a trigger names.
inline bool puts_time_triggers_aside(const plan_context& in, const change& c) {
  return c.kind == change_kind::change_type || c.kind == change_kind::fill_column ||
         (c.kind == change_kind::add_column &&
          find_intent(in.wanted.intents, intent_kind::backfill, c.table, c.object, in.dialect));
}

/// Whether a change of the trigger itself says what becomes of it.
inline bool changes_trigger(const std::vector<change>& changes, std::string_view trigger) {
  for (const change& c : changes)
    if ((c.kind == change_kind::create_trigger || c.kind == change_kind::drop_trigger ||
         c.kind == change_kind::change_trigger) &&
        c.object == trigger)
      return true;
  return false;
}

/// Those that are put aside: they are as they are wanted.
inline std::vector<std::pair<std::string, schema::time_trigger>> time_triggers_aside(
    const plan_context& in, const std::vector<change>& changes) {
  std::vector<std::pair<std::string, schema::time_trigger>> out;
  for (const schema::table& t : in.live.tables)
    for (const schema::time_trigger& each : t.time_triggers) {
      if (changes_trigger(changes, each.name)) continue;
      for (const change& c : changes)
        if (same_name(in.dialect, c.table, t.name) && puts_time_triggers_aside(in, c)) {
          out.emplace_back(t.name, each);
          break;
        }
    }
  return out;
}

/// Before what they would be in the way of, such as the drop of the column.
inline void append_time_trigger_drops(std::vector<step>& out, const plan_context& in,
                                      const std::vector<change>& changes) {
  for (const change& c : changes) {
    if (c.kind == change_kind::drop_trigger || c.kind == change_kind::change_trigger)
      append_time_trigger_drop(out, c.object, c.table);
    if (c.kind != change_kind::drop_table) continue;
    if (const schema::table* t = find_table(in.live, c.table, in.dialect))
      for (const schema::time_trigger& each : t->time_triggers)
        append_time_trigger_drop(out, each.name, c.table);
  }
  for (const auto& [table, trigger] : time_triggers_aside(in, changes))
    append_time_trigger_drop(out, trigger.name, table);
}

/// Makes those that are new or other, and those that were aside.
inline void append_time_trigger_creations(std::vector<step>& out, const plan_context& in,
                                          const std::vector<change>& changes) {
  const auto create = [&out](const std::string& table, const schema::time_trigger& t) {
    out.push_back({.sql = t.function, .table = table});
    out.push_back({.sql = t.sql, .table = table});
  };
  for (const auto& [table, trigger] : time_triggers_aside(in, changes)) create(table, trigger);
  for (const change& c : changes) {
    if (c.kind != change_kind::create_trigger && c.kind != change_kind::change_trigger) continue;
    const schema::table* t = find_table(in.wanted.schema, c.table, in.dialect);
    if (const schema::time_trigger* made =
            t ? find_time_trigger(*t, c.object, in.dialect) : nullptr)
      create(c.table, *made);
  }
}

}  // namespace hewn::detail
