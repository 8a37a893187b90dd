// hewn/sync/diff/enumeration_diff.hpp - the differences between the enumerations of two schemas.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/obstacle.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

inline bool uses_enumeration(const schema::table& t, const schema::enumeration& e) {
  // As the server spells it, which quotes what has to be.
  const std::string quoted = quote_identifier(e.name);
  return std::any_of(t.columns.begin(), t.columns.end(),
                     [&](const schema::column& c) { return c.type == e.name || c.type == quoted; });
}

inline bool uses_enumeration(const std::vector<schema::table>& tables,
                             const schema::enumeration& e) {
  return std::any_of(tables.begin(), tables.end(),
                     [&](const schema::table& t) { return uses_enumeration(t, e); });
}

inline std::string labels_text(const schema::enumeration& e) {
  std::string out;
  for (const std::string& label : e.labels) out += (out.empty() ? "" : ", ") + quote_literal(label);
  return out;
}

/// Whether `live` has no value that `wanted` has not, and the same order.
inline bool only_grows(const schema::enumeration& live, const schema::enumeration& wanted) {
  std::size_t kept = 0;
  for (const std::string& label : wanted.labels)
    if (kept != live.labels.size() && live.labels[kept] == label) ++kept;
  return kept == live.labels.size();
}

/// One change per value that is new, each at its place among those before it.
inline void append_new_values(std::vector<change>& out, const std::string& table,
                              schema::enumeration live, const schema::enumeration& wanted,
                              dialect d) {
  for (std::size_t i = 0; i != wanted.labels.size(); ++i) {
    if (i != live.labels.size() && live.labels[i] == wanted.labels[i]) continue;
    std::string sql = "ALTER TYPE " + quote_identifier(wanted.name, d) + " ADD VALUE " +
                      quote_literal(wanted.labels[i]);
    if (i != live.labels.size()) sql += " BEFORE " + quote_literal(live.labels[i]);
    live.labels.insert(live.labels.begin() + static_cast<std::ptrdiff_t>(i), wanted.labels[i]);
    out.push_back({.kind = change_kind::add_value,
                   .table = table,
                   .object = wanted.name,
                   .after = std::move(sql),
                   .risk = risk_of(change_kind::add_value, false, d)});
  }
}

/// What the wanted types lack. A type belongs to the first of `tables` that has a column of it.
/// Values that are gone, renamed or moved are reported and never guessed; types are never dropped.
inline void append_enumeration_changes(std::vector<change>& out, const schema::database& live,
                                       const schema::database& wanted,
                                       const std::vector<const schema::table*>& tables, dialect d) {
  for (const schema::enumeration& e : wanted.enumerations) {
    const auto user = std::find_if(tables.begin(), tables.end(),
                                   [&](const schema::table* t) { return uses_enumeration(*t, e); });
    const std::string table = user == tables.end() ? e.name : (*user)->name;
    const schema::enumeration* there = live.find_enumeration(e.name);
    if (!there) {
      out.push_back({.kind = change_kind::create_type,
                     .table = table,
                     .object = e.name,
                     .after = create_enumeration(e, d),
                     .risk = risk_of(change_kind::create_type, false, d)});
    } else if (only_grows(*there, e)) {
      append_new_values(out, table, *there, e, d);
    } else {
      out.push_back({.kind = change_kind::change_values,
                     .table = table,
                     .object = e.name,
                     .before = labels_text(*there),
                     .after = labels_text(e),
                     .risk = risk_of(change_kind::change_values, true, d),
                     .native = false});
    }
  }
}

}  // namespace hewn::detail
