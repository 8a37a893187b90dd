// hewn/sync/diff/schema_diff.hpp - the differences between a live schema and a wanted one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/enumeration_diff.hpp>
#include <hewn/sync/diff/table_diff.hpp>
#include <hewn/sync/diff/time_trigger_diff.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

/// What has `name` in the live schema although no wanted table does; empty: the name is free.
/// Tables, indexes and views share one set of names in both databases.
inline std::string holder_of_name(const schema::database& live, std::string_view name, dialect d) {
  for (const schema::table& t : live.tables) {
    if (same_name(d, t.name, name)) return concat({"the table ", t.name});
    for (const schema::index& i : t.indexes)
      if (same_name(d, i.name, name)) return concat({"the index ", i.name, " of table ", t.name});
  }
  for (const schema::other_object& o : live.others)
    if (o.kind != "trigger" && o.kind != "clause" && same_name(d, o.name, name))
      return concat({"the ", o.kind, " ", o.name});
  return {};
}

inline void refuse_taken_name(change& c, const schema::database& live, const wanted_schema& wanted,
                              std::string_view name, dialect d) {
  const std::string holder = holder_of_name(live, name, d);
  // In a complete schema what holds the name goes, or is reported by itself.
  if (holder.empty() || wanted.complete) return;
  c.unsupported = true;
  c.reason = concat({holder, " has this name"});
  c.repair = "choose another name, or rename the other in a migration";
}

inline const schema::source* find_source(const schema::database& in, std::string_view kind,
                                         std::string_view name, dialect d) {
  for (const schema::source& s : in.sources)
    if (s.kind == kind && same_name(d, s.name, name)) return &s;
  return nullptr;
}

/// Compares the views or the triggers of two complete schemas by their text.
inline void append_source_changes(std::vector<change>& out, const schema::database& live,
                                  const schema::database& wanted, std::string_view kind,
                                  dialect d) {
  const bool view = kind == "view";
  const auto add = [&](change_kind what, const schema::source& s, const std::string& before,
                       const std::string& after) {
    append_change(out, what, view ? s.name : s.table, view ? std::string_view() : s.name, before,
                  after, false, d)
        .native = true;
  };
  for (const schema::source& s : live.sources)
    if (s.kind == kind && !find_source(wanted, kind, s.name, d))
      add(view ? change_kind::drop_view : change_kind::drop_trigger, s, s.sql, {});
  for (const schema::source& s : wanted.sources) {
    if (s.kind != kind) continue;
    const schema::source* there = find_source(live, kind, s.name, d);
    if (!there) {
      add(view ? change_kind::create_view : change_kind::create_trigger, s, {}, s.sql);
    } else if (canonical_expression(there->sql, d) != canonical_expression(s.sql, d)) {
      add(view ? change_kind::change_view : change_kind::change_trigger, s, there->sql, s.sql);
    }
  }
}

inline change table_drop(const schema::table& t, dialect d) {
  return {.kind = change_kind::drop_table,
          .table = t.name,
          .before = create_table(t, d),
          .risk = risk_of(change_kind::drop_table, false, d)};
}

/// Whether two tables have most of their columns in common, so that one may be the other renamed.
inline bool are_alike(const schema::table& a, const schema::table& b, dialect d) {
  std::size_t common = 0;
  for (const schema::column& c : a.columns)
    if (find_column(b, c.name, d)) ++common;
  return common != 0 && 2 * common >= a.columns.size() && 2 * common >= b.columns.size();
}

/// Drops what a complete schema does not have and what is declared to go.
inline void append_table_drops(std::vector<change>& out, const schema::database& live,
                               const wanted_schema& wanted, dialect d) {
  for (const schema::table& t : live.tables) {
    if (find_table(wanted.schema, t.name, d)) continue;
    const bool declared = find_intent(wanted.intents, intent_kind::drop_table, t.name, {}, d);
    if (!declared && !wanted.complete) continue;
    out.push_back(table_drop(t, d));
    if (declared) continue;
    const std::size_t drop = out.size() - 1;
    for (std::size_t i = 0; i != drop; ++i) {
      if (out[i].kind != change_kind::create_table ||
          !are_alike(t, *find_table(wanted.schema, out[i].table, d), d))
        continue;
      out[i].ambiguous = true;
      out[i].reason =
          concat({"it may be a new name of ", t.name, ", whose rows would then be lost"});
      out[i].repair = "declare renamed_from for it, or dropped for the other";
      out[drop].ambiguous = true;
      out[drop].reason = concat({"it may now be called ", out[i].table});
      out[drop].repair = "declare dropped for it, or renamed_from for the other";
    }
  }
}

template <class T>
void erase_at(std::vector<T>& from, std::size_t i) {
  from.erase(from.begin() + static_cast<std::ptrdiff_t>(i));
}

/// Whether there was one.
inline bool erase_table(schema::database& from, std::string_view name, dialect d) {
  const std::size_t before = from.tables.size();
  for (std::size_t i = before; i-- != 0;)
    if (same_name(d, from.tables[i].name, name)) erase_at(from.tables, i);
  return from.tables.size() != before;
}

/// Whether the table has an index of this name or of this content.
inline bool has_index(const schema::table& t, const schema::index& i, dialect d) {
  const std::string content = canonical_index(i, d);
  for (const schema::index& other : t.indexes)
    if (same_name(d, other.name, i.name) || canonical_index(other, d) == content) return true;
  return false;
}

/// Their positions by name, so that a plan does not depend on the order in which tables were made
/// or declared.
inline std::vector<std::size_t> order_of(const std::vector<schema::table>& tables, dialect d) {
  std::vector<std::string> names;
  for (const schema::table& t : tables) names.push_back(folded_name(d, t.name));
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i != tables.size(); ++i) {
    std::size_t first = 0;
    for (std::size_t last = out.size(); first != last;) {
      const std::size_t middle = first + (last - first) / 2;
      if (names[i] < names[out[middle]])
        last = middle;
      else
        first = middle + 1;
    }
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(first), i);
  }
  return out;
}

}  // namespace detail

/// What would have to be done to `live` to make it `wanted`, in the order of table names. Both must
/// come from the same introspection, so that spelling does not count as difference. Renames are
/// taken to be done already. Unless `wanted` is complete, tables that are not wanted are not looked
/// at; their names count as taken. The order of columns does not matter.
inline std::vector<change> diff(const schema::database& live, const wanted_schema& wanted,
                                dialect d) {
  std::vector<const schema::table*> tables;
  for (const std::size_t i : detail::order_of(wanted.schema.tables, d))
    tables.push_back(&wanted.schema.tables[i]);

  std::vector<change> out;
  detail::append_enumeration_changes(out, live, wanted.schema, tables, d);
  for (const schema::table* t : tables) {
    const schema::table* there = detail::find_table(live, t->name, d);
    const std::size_t first = out.size();
    if (there) {
      detail::table_diff(live, wanted, *there, *t, d).append_to(out);
    } else {
      change c{.kind = change_kind::create_table, .table = t->name, .after = create_table(*t, d)};
      detail::refuse_taken_name(c, live, wanted, t->name, d);
      out.push_back(std::move(c));
      for (const schema::index& i : t->indexes)
        out.push_back(detail::index_creation(i, t->name, d));
    }
    for (std::size_t i = first; i != out.size(); ++i)
      if (out[i].kind == change_kind::create_index || out[i].kind == change_kind::rename_index)
        detail::refuse_taken_name(out[i], live, wanted, out[i].object, d);
    // In a complete schema of SQLite they are among the triggers.
    if (d == dialect::postgres || !wanted.complete)
      detail::append_time_trigger_changes(out, there, *t, d);
  }
  detail::append_table_drops(out, live, wanted, d);
  if (wanted.complete) {
    detail::append_source_changes(out, live, wanted.schema, "view", d);
    detail::append_source_changes(out, live, wanted.schema, "trigger", d);
  }
  return out;
}

/// What the live schema has beside `wanted` and is left alone: further indexes of wanted tables,
/// triggers, views, other tables, and clauses that cannot be compared.
inline std::vector<schema::other_object> unmanaged(const schema::database& live,
                                                   const wanted_schema& all, dialect d) {
  const schema::database& wanted = all.schema;
  std::vector<schema::other_object> out;
  if (all.complete) {
    for (const schema::other_object& o : live.others)
      if (o.kind != "view" && o.kind != "trigger") out.push_back(o);
    return out;
  }
  for (const schema::table& t : live.tables) {
    const schema::table* w = detail::find_table(wanted, t.name, d);
    if (!w) {
      if (!detail::find_intent(all.intents, intent_kind::drop_table, t.name, {}, d))
        out.push_back({"table", t.name, {}});
      continue;
    }
    for (const schema::index& i : t.indexes) {
      if (!detail::has_index(*w, i, d)) out.push_back({"index", i.name, t.name});
    }
  }
  for (const schema::other_object& o : live.others) {
    if (o.kind == "trigger" && detail::is_time_trigger(o.name)) continue;
    if (o.table.empty() || detail::find_table(wanted, o.table, d)) out.push_back(o);
  }
  return out;
}

}  // namespace hewn
