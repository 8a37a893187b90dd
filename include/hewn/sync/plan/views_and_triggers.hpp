// hewn/sync/plan/views_and_triggers.hpp - views and triggers that are put aside while tables
// change.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite keeps them as text. One that is dropped and made again with that text is the same as
// before, also when it does not compile.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/step.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

inline bool is_view_or_trigger(const schema::source& s) {
  return s.kind == "view" || s.kind == "trigger";
}

inline bool concerns_any(const schema::source& s, const std::vector<std::string>& names,
                         dialect d) {
  for (const std::string& name : names)
    if (same_name(d, s.table, name) || mentions(s.sql, name, d)) return true;
  return false;
}

/// Which of the sources are views or triggers that mention one of the `touched`, and what mentions
/// those. To take too many does no harm.
inline std::vector<bool> views_and_triggers_using(const schema::database& in,
                                                  std::vector<std::string> touched, dialect d) {
  std::vector<bool> out(in.sources.size(), false);
  for (bool more = !touched.empty(); more;) {
    more = false;
    for (std::size_t i = 0; i != in.sources.size(); ++i) {
      const schema::source& s = in.sources[i];
      if (out[i] || !is_view_or_trigger(s)) continue;
      if (!concerns_any(s, touched, d)) continue;
      out[i] = true;
      if (s.kind == "view") touched.push_back(s.name);
      more = true;
    }
  }
  return out;
}

/// Adds those of these names, and the triggers of the views among them.
inline void take_named(std::vector<bool>& taken, const schema::database& in,
                       const std::vector<std::string>& names, dialect d) {
  for (std::size_t i = 0; i != in.sources.size(); ++i) {
    const schema::source& s = in.sources[i];
    if (is_view_or_trigger(s) && (contains_name(names, s.name, d) ||
                                  (s.kind == "trigger" && contains_name(names, s.table, d))))
      taken[i] = true;
  }
}

/// The newest first, so that a view goes before those that it reads. Triggers go with their view or
/// table at the latest.
inline void append_view_and_trigger_drops(std::vector<step>& out, const schema::database& in,
                                          const std::vector<bool>& taken) {
  for (const std::string_view kind : {"trigger", "view"})
    for (std::size_t i = in.sources.size(); i-- != 0;) {
      const schema::source& s = in.sources[i];
      if (taken[i] && s.kind == kind)
        out.push_back({.sql = concat({kind == "view" ? "DROP VIEW " : "DROP TRIGGER ",
                                      quote_identifier(s.name)}),
                       .table = s.table});
    }
}

/// `steps`, which read the whole schema, while the views and triggers of these names are put
/// aside.
inline std::vector<step> without_views_and_triggers(const schema::database& in,
                                                    const std::vector<std::string>& names,
                                                    std::vector<step> steps, dialect d) {
  std::vector<bool> taken(in.sources.size(), false);
  take_named(taken, in, names, d);
  std::vector<step> out;
  append_view_and_trigger_drops(out, in, taken);
  for (step& s : steps) out.push_back(std::move(s));
  for (std::size_t i = 0; i != in.sources.size(); ++i)
    if (taken[i]) out.push_back({.sql = in.sources[i].sql, .table = in.sources[i].table});
  return out;
}

}  // namespace hewn::detail
