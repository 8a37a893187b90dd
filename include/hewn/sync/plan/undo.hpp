// hewn/sync/plan/undo.hpp - the way back from a plan, as a plan of its own.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/diff/enumeration_diff.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/plan/make_plan.hpp>
#include <hewn/sync/plan/plan.hpp>
#include <hewn/sync/plan/planner.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

inline bool is_managed(const plan& p, std::string_view table) {
  return contains_name(p.managed(), table, p.dialect());
}

/// Moves what concerns the tables of `p` out of `schema`, or, with `keep`, everything else.
inline void cut(schema::database& schema, const plan& p, bool keep) {
  for (std::size_t i = schema.tables.size(); i-- != 0;)
    if (is_managed(p, schema.tables[i].name) != keep) erase_at(schema.tables, i);
  for (std::size_t i = schema.others.size(); i-- != 0;) {
    const std::string& table = schema.others[i].table;
    if ((!table.empty() && is_managed(p, table)) != keep) erase_at(schema.others, i);
  }
  const schema::database part = part_of(schema, p.managed(), p.dialect());
  for (std::size_t i = schema.sources.size(); i-- != 0;) {
    const schema::source& s = schema.sources[i];
    bool mine = is_managed(p, s.table);
    for (const schema::source& other : part.sources) mine = mine || other == s;
    if (mine != keep) erase_at(schema.sources, i);
  }
}

/// By any column that is of the type.
inline void append_reversed_value(std::vector<intent>& out, const plan& p, const change& c) {
  const schema::enumeration type{.name = c.object};
  for (const schema::table& t : p.before().tables)
    for (const schema::column& column : t.columns)
      if (is_managed(p, t.name) && is_of(column.type, type))
        out.push_back({.kind = intent_kind::rename_value,
                       .table = t.name,
                       .column = column.name,
                       .former = unquoted(tokenize(c.after).front()),
                       .expression = unquoted(tokenize(c.before).front()),
                       .once = true});
}

/// What was named by `p` gets its former name; what it made is to go and not taken for a renaming.
inline std::vector<intent> reversed(const plan& p) {
  std::vector<intent> out;
  const auto bare = [](const std::string& quoted) { return unquoted(tokenize(quoted).front()); };
  for (const change& c : p.changes())
    if (c.kind == change_kind::rename_table) {
      out.push_back({.kind = intent_kind::rename_table,
                     .table = bare(c.before),
                     .former = bare(c.after),
                     .once = true});
    }
  const auto before = [&](const std::string& table) {
    for (const intent& i : out)
      if (i.kind == intent_kind::rename_table && i.former == table) return i.table;
    return table;
  };
  for (const change& c : p.changes()) {
    if (c.kind == change_kind::rename_column)
      out.push_back({.kind = intent_kind::rename_column,
                     .table = before(c.table),
                     .column = bare(c.before),
                     .former = bare(c.after),
                     .once = true});
    if (c.kind == change_kind::rename_value) append_reversed_value(out, p, c);
    if (c.kind == change_kind::create_table)
      out.push_back({.kind = intent_kind::drop_table, .table = c.table});
    if (c.kind == change_kind::add_column)
      out.push_back(
          {.kind = intent_kind::drop_column, .table = before(c.table), .column = c.object});
  }
  return out;
}

/// Has references of tables that the plan left alone follow the names back.
inline void rename_targets(schema::database& schema, const std::vector<intent>& renames,
                           dialect d) {
  for (schema::table& t : schema.tables)
    for (schema::foreign_key& k : t.foreign_keys) {
      for (const intent& i : renames)
        if (i.kind == intent_kind::rename_table && same_name(d, i.former, k.target_table)) {
          k.target_table = i.table;
          break;
        }
      for (std::string& column : k.target_columns)
        for (const intent& i : renames)
          if (i.kind == intent_kind::rename_column && same_name(d, i.table, k.target_table) &&
              same_name(d, i.former, column)) {
            column = i.column;
            break;
          }
    }
}

}  // namespace detail

#if HEWN_DEFINES_CORE

HEWN_API plan plan_undo(schema_executor& executor, const plan& done, const sync_policy& policy,
                        call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  wanted_schema wanted{.intents = detail::reversed(done), .complete = true};
  schema::database before = done.before();
  detail::cut(before, done, true);
  wanted.schema = executor.introspect();
  detail::cut(wanted.schema, done, false);
  detail::rename_targets(wanted.schema, wanted.intents, done.dialect());
  // Values that came go again; a type that came stays.
  for (const schema::enumeration& then :
       part_of(done.before(), done.managed(), done.dialect()).enumerations)
    for (schema::enumeration& e : wanted.schema.enumerations)
      if (e.name == then.name) e.labels = then.labels;
  for (schema::table& t : before.tables) wanted.schema.tables.push_back(std::move(t));
  for (schema::other_object& o : before.others) wanted.schema.others.push_back(std::move(o));
  for (schema::source& s : before.sources) wanted.schema.sources.push_back(std::move(s));
  return make_plan(executor, std::move(wanted), policy);
}

#endif

}  // namespace hewn
