// examples/schema_diff/both_kinds/comparison.hpp - a SQLite and a PostgreSQL database side by side.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "../schemas/live_schema.hpp"
#include "as_on_server.hpp"
#include "server_words.hpp"

#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/write/time_trigger.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/schema_diff.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/intent.hpp>

#include <string>
#include <utility>
#include <vector>

namespace schema_diff {

/// What would have to be done to OLD to make it NEW, in PostgreSQL's words, were they of one kind.
struct comparison {
  std::vector<hewn::change> changes;
  std::vector<std::string> uncompared;  ///< as a person calls it
};

namespace detail {

// A view cannot be compared, only its being there.
inline void append_views(std::vector<std::string>& out, const std::vector<object_text>& from,
                         const std::vector<object_text>& in, const std::string& where) {
  for (const object_text& o : from) {
    if (hewn::detail::is_time_trigger(o.object.name)) continue;
    bool both = false;
    for (const object_text& other : in)
      both |= other.object.kind == o.object.kind &&
              hewn::detail::same_word(other.object.name, o.object.name);
    if (both && where == "NEW") continue;  // said already
    out.push_back(o.object.kind + " " + o.object.name +
                  (o.object.table.empty() ? "" : " of " + o.object.table) + ", as in " +
                  (both ? "both" : where));
  }
}

// Views and triggers, too, which are planned between two SQLite databases.
inline std::vector<object_text> all_others(live_schema& of, const hewn::schema::database& in) {
  if (of.on_server()) return of.others(in);
  std::vector<object_text> out;
  for (const hewn::schema::other_object& o : in.others) out.push_back({o, {}});
  return out;
}

}  // namespace detail

/// OLD and NEW are of two kinds.
inline comparison compare(live_schema& old_schema, live_schema& new_schema) {
  const hewn::schema::database before = without_own_tables(old_schema.executor().introspect());
  const hewn::schema::database after = without_own_tables(new_schema.executor().introspect());
  const bool to_server = new_schema.on_server();
  spelled_schema spelled =
      in_server_words((to_server ? new_schema : old_schema).executor(),
                      to_server ? as_on_server(before, after) : as_on_server(after, before));
  comparison out;
  out.changes = hewn::diff(to_server ? spelled.schema : before,
                           {.schema = to_server ? after : spelled.schema, .complete = true},
                           hewn::dialect::postgres);
  for (const std::string& each : spelled.refused)
    out.uncompared.push_back(each + ", as in " + (to_server ? "OLD" : "NEW"));
  const std::vector<object_text> olds = detail::all_others(old_schema, before);
  const std::vector<object_text> news = detail::all_others(new_schema, after);
  detail::append_views(out.uncompared, olds, news, "OLD");
  detail::append_views(out.uncompared, news, olds, "NEW");
  return out;
}

}  // namespace schema_diff
