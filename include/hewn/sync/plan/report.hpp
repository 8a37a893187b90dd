// hewn/sync/plan/report.hpp - a plan as text for people.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/table_use.hpp>
#include <hewn/sync/plan/make_plan.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

namespace detail {

// A definition may span lines; the report keeps one line per change.
inline void append_on_one_line(std::string& out, std::string_view text) {
  bool blank = false;
  for (const char c : text) {
    const bool space = c == ' ' || c == '\n' || c == '\t' || c == '\r';
    if (space) {
      blank = true;
      continue;
    }
    if (blank) out += ' ';
    blank = false;
    out += c;
  }
}

inline void append_subject(std::string& out, const change& c) {
  // The definition of a new column or index says its name; a whole table would not fit a line.
  if (c.kind == change_kind::create_index || c.kind == change_kind::create_type ||
      c.kind == change_kind::add_value) {
    append_on_one_line(out, c.after);
    return;
  }
  out += to_string(c.kind);
  if (c.kind == change_kind::create_table || c.kind == change_kind::drop_table) return;
  if (!c.object.empty() && c.kind != change_kind::add_column &&
      c.kind != change_kind::drop_column && c.kind != change_kind::rename_column &&
      c.kind != change_kind::rename_index) {
    out += ' ';
    out += c.object;
  }
  switch (c.kind) {
    case change_kind::create_view:
    case change_kind::drop_view:
    case change_kind::change_view:
    case change_kind::create_trigger:
    case change_kind::drop_trigger:
    case change_kind::change_trigger:
      return;
    case change_kind::fill_column:
      out += " with ";
      append_on_one_line(out, c.after);
      return;
    default:
      break;
  }
  if (!c.before.empty()) {
    const bool bare = c.after.empty() || c.kind == change_kind::rename_column ||
                      c.kind == change_kind::rename_index;
    out += bare ? " " : " from ";
    append_on_one_line(out, c.before);
  }
  if (!c.after.empty()) {
    out += c.before.empty() ? " " : " to ";
    append_on_one_line(out, c.after);
  }
}

inline std::string_view mark_of(const change& c) {
  switch (c.verdict) {
    case verdict::applies:
      return "  + ";
    case verdict::needs_approval:
      return "  ? ";
    case verdict::blocked:
      return "  ! ";
  }
  return "";
}

/// What is added as new although the declaration says that it had another name.
inline void append_unknown_names(std::string& out, const plan& p, const change& c) {
  const bool table = c.kind == change_kind::create_table;
  if ((!table && c.kind != change_kind::add_column) || p.wanted().complete) return;
  // Where none of the tables is there yet, nothing has had another name.
  bool any = false;
  for (const schema::table& t : p.wanted().schema.tables)
    any = any || find_table(p.before(), t.name, p.dialect()) != nullptr;
  if (!any) return;
  std::string names;
  for (const intent& i : p.wanted().intents)
    if (i.kind == (table ? intent_kind::rename_table : intent_kind::rename_column) &&
        same_name(p.dialect(), i.table, c.table) &&
        same_name(p.dialect(), i.column, table ? std::string() : c.object))
      append_separated(names, ", ", {i.former});
  if (names.empty()) return;
  append(out, {"      note: renamed_from names ", names, ", which ",
               table ? std::string_view("the database") : std::string_view(c.table),
               " does not have; the ", table ? "table" : "column", " is added as new\n"});
}

inline void append_change(std::string& out, const plan& p, const change& c) {
  out += mark_of(c);
  append_subject(out, c);
  out += " [";
  const char* separator = "";
  for (const risk_class r : risk_classes(c)) {
    out += separator;
    out += to_string(r);
    separator = ", ";
  }
  out += "]\n";
  append_unknown_names(out, p, c);
  if (c.waits()) {
    out += "      waits: ";
    append_on_one_line(out, c.reason);
    out += "\n      repair: ";
    append_on_one_line(out, c.repair);
    out += '\n';
    return;
  }
  for (const fact& f : c.facts) {
    if (f.count == 0) continue;
    out += "      rows: ";
    out += sentence(c, f);
    out += '\n';
  }
}

inline std::string counted(std::size_t n, std::string_view one, std::string_view many) {
  return concat({std::to_string(n), " ", n == 1 ? one : many});
}

inline std::string size_words(std::int64_t bytes) {
  constexpr std::string_view units[] = {"bytes", "kB", "MB", "GB", "TB"};
  std::size_t unit = 0;
  while (bytes >= 10 * 1024 && unit + 1 != std::size(units)) {
    bytes /= 1024;
    ++unit;
  }
  return concat({std::to_string(bytes), " ", units[unit]});
}

/// Of each table that was there before, the strongest lock of all steps, which it has to the end.
inline void append_locks(std::string& out, const plan& p) {
  std::vector<std::string> done;
  for (const step& first : p.steps())
    for (const table_use& u : first.uses) {
      if (contains_text(done, u.table)) continue;
      done.push_back(u.table);
      table_use whole = u;
      std::size_t scans = 0, rewrites = 0;
      for (const step& s : p.steps())
        for (const table_use& each : s.uses) {
          if (each.table != u.table) continue;
          whole.lock = std::max(whole.lock, each.lock);
          if (each.cost == change_cost::scan) ++scans;
          if (each.cost == change_cost::rewrite) ++rewrites;
        }
      append(out, {"lock on ", u.table, ": ", to_string(whole.lock), ", others ",
                   stops_readers(whole.lock)   ? "wait to read and write"
                   : stops_writers(whole.lock) ? "wait to write"
                                               : "read and write"});
      if (scans + rewrites == 0) {
        out += ", no row is read\n";
        continue;
      }
      out += "; about ";
      out += counted(static_cast<std::size_t>(u.rows), "row", "rows");
      append(out, {" (", size_words(u.bytes), ") ", u.rows == 1 ? "is " : "are "});
      const auto times = [&out](std::size_t n, std::string_view what) {
        out += what;
        if (n != 1) append(out, {" ", std::to_string(n), " times"});
      };
      if (rewrites != 0) times(rewrites, "written");
      if (rewrites != 0 && scans != 0) out += " and ";
      if (scans != 0) times(scans, "read");
      out += '\n';
    }
}

inline std::string summary_of(const plan& p) {
  if (p.empty())
    return p.wanted().uncompared.empty()
               ? "no changes: the schema is as declared"
               : "no changes: the schema is as declared, as far as it is compared";
  const std::size_t waiting = p.pending().size();
  const std::size_t ready = p.changes().size() - waiting;
  std::string out = counted(p.changes().size(), "change", "changes");
  if (!p.problems().empty()) {
    append(out, {p.changes().size() == 1 ? ", which does not work" : ", which do not work together",
                 ", so nothing is applied"});
  } else if (waiting == 0) {
    append(out, {", all of which can be applied"});
  } else {
    append(out, {": "});
    if (ready != 0) append(out, {std::to_string(ready), " could be applied, "});
    append(out, {counted(waiting, "waits", "wait"), " for "});
    if (p.blocked())
      append(out, {"a decision"});
    else
      append(out, {"an approval of plan ", std::string_view(p.fingerprint()).substr(0, 16)});
    append(out, {", so nothing is applied"});
  }
  return out;
}

}  // namespace detail

#if HEWN_DEFINES_CORE

HEWN_API std::string report(const plan& p) {
  std::string out;
  std::string_view table;
  for (const change& c : p.changes()) {
    if (c.table != table) {
      table = c.table;
      out += "table ";
      out += table;
      out += '\n';
    }
    detail::append_change(out, p, c);
  }
  for (const std::string& problem : p.problems()) {
    out += "! ";
    detail::append_on_one_line(out, problem);
    out += '\n';
  }
  detail::append_locks(out, p);
  if (!p.unmanaged().empty()) {
    out += "left alone:";
    const char* separator = " ";
    for (const schema::other_object& o : p.unmanaged()) {
      out += separator;
      separator = ", ";
      out += o.kind;
      out += ' ';
      detail::append_on_one_line(out, o.name);
      if (o.table.empty()) continue;
      out += " of ";
      out += o.table;
    }
    out += '\n';
  }
  out += detail::summary_of(p);
  out += '\n';
  return out;
}

#endif

}  // namespace hewn
