// hewn/sync/diff.hpp - the differences between a live schema and a wanted one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/ddl.hpp>
#include <hewn/schema/model.hpp>
#include <hewn/sync/change.hpp>
#include <hewn/sync/table_diff.hpp>

#include <algorithm>
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
    if (same_name(d, t.name, name)) return "the table " + t.name;
    for (const schema::index& i : t.indexes)
      if (same_name(d, i.name, name)) return "the index " + i.name + " of table " + t.name;
  }
  for (const schema::other_object& o : live.others)
    if (o.kind != "trigger" && o.kind != "clause" && same_name(d, o.name, name))
      return "the " + o.kind + " " + o.name;
  return {};
}

inline void refuse_taken_name(change& c, const schema::database& live, std::string_view name,
                              dialect d) {
  const std::string holder = holder_of_name(live, name, d);
  if (holder.empty()) return;
  c.unsupported = true;
  c.reason = holder + " has this name";
  c.repair = "choose another name, or rename the other in a migration";
}

}  // namespace detail

/// What would have to be done to `live` to make it `wanted`, in the order of table names. Both must
/// come from the same introspection, so that spelling does not count as difference. Tables that are
/// not wanted are not looked at; their names count as taken. The order of columns does not matter.
inline std::vector<change> diff(const schema::database& live, const schema::database& wanted,
                                dialect d) {
  std::vector<const schema::table*> tables;
  for (const schema::table& t : wanted.tables) tables.push_back(&t);
  std::sort(tables.begin(), tables.end(), [d](const schema::table* a, const schema::table* b) {
    return detail::folded_name(d, a->name) < detail::folded_name(d, b->name);
  });

  std::vector<change> out;
  for (const schema::table* t : tables) {
    const schema::table* there = detail::find_table(live, t->name, d);
    const std::size_t first = out.size();
    if (there) {
      detail::table_diff(live, wanted, *there, *t, d).append_to(out);
    } else {
      change c{.kind = change_kind::create_table, .table = t->name, .after = create_table(*t, d)};
      detail::refuse_taken_name(c, live, t->name, d);
      out.push_back(std::move(c));
      for (const schema::index& i : t->indexes)
        out.push_back(detail::index_creation(i, t->name, d));
    }
    for (std::size_t i = first; i != out.size(); ++i)
      if (out[i].kind == change_kind::create_index && !out[i].waits())
        detail::refuse_taken_name(out[i], live, out[i].object, d);
  }
  return out;
}

/// What the live schema has beside `wanted` and is left alone: further indexes of wanted tables,
/// triggers, views, other tables, and clauses that cannot be compared.
inline std::vector<schema::other_object> unmanaged(const schema::database& live,
                                                   const schema::database& wanted, dialect d) {
  std::vector<schema::other_object> out;
  for (const schema::table& t : live.tables) {
    const schema::table* w = detail::find_table(wanted, t.name, d);
    if (!w) {
      out.push_back({"table", t.name, {}});
      continue;
    }
    for (const schema::index& i : t.indexes) {
      const std::string content = detail::index_signature(i, d);
      const bool known =
          std::any_of(w->indexes.begin(), w->indexes.end(), [&](const schema::index& other) {
            return detail::same_name(d, other.name, i.name) ||
                   detail::index_signature(other, d) == content;
          });
      if (!known) out.push_back({"index", i.name, t.name});
    }
  }
  for (const schema::other_object& o : live.others)
    if (o.table.empty() || detail::find_table(wanted, o.table, d)) out.push_back(o);
  return out;
}

}  // namespace hewn
