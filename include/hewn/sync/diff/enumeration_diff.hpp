// hewn/sync/diff/enumeration_diff.hpp - the differences between the enumerations of two schemas.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

inline bool uses_enumeration(const schema::table& t, const schema::enumeration& e) {
  // As the server spells it, which quotes what has to be.
  const std::string quoted = quote_identifier(e.name);
  for (const schema::column& c : t.columns) {
    std::string_view type = c.type;
    if (type.ends_with("[]")) type.remove_suffix(2);
    if (type == e.name || type == quoted) return true;
  }
  return false;
}

inline bool uses_enumeration(const std::vector<schema::table>& tables,
                             const schema::enumeration& e) {
  for (const schema::table& t : tables)
    if (uses_enumeration(t, e)) return true;
  return false;
}

inline std::string labels_text(const schema::enumeration& e) {
  std::string out;
  for (const std::string& label : e.labels) append_separated(out, ", ", {quote_literal(label)});
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
    std::string sql = concat({"ALTER TYPE ", quote_identifier(wanted.name, d), " ADD VALUE ",
                              quote_literal(wanted.labels[i])});
    if (i != live.labels.size()) append(sql, {" BEFORE ", quote_literal(live.labels[i])});
    live.labels.insert(live.labels.begin() + static_cast<std::ptrdiff_t>(i), wanted.labels[i]);
    append_change(out, change_kind::add_value, table, wanted.name, {}, std::move(sql), false, d)
        .native = true;
  }
}

/// A type belongs to the first table that has a column of it, and else to itself.
inline const std::string& owner_of(const std::vector<const schema::table*>& tables,
                                   const schema::enumeration& e) {
  for (const schema::table* t : tables)
    if (uses_enumeration(*t, e)) return t->name;
  return e.name;
}

/// What the wanted types lack. Values that are gone, renamed or moved are reported and never
/// guessed; types are never dropped.
inline void append_enumeration_changes(std::vector<change>& out, const schema::database& live,
                                       const schema::database& wanted,
                                       const std::vector<const schema::table*>& tables, dialect d) {
  for (const schema::enumeration& e : wanted.enumerations) {
    const std::string& table = owner_of(tables, e);
    const schema::enumeration* there = live.find_enumeration(e.name);
    if (!there) {
      append_change(out, change_kind::create_type, table, e.name, {}, create_enumeration(e, d),
                    false, d)
          .native = true;
    } else if (only_grows(*there, e)) {
      append_new_values(out, table, *there, e, d);
    } else {
      append_change(out, change_kind::change_values, table, e.name, labels_text(*there),
                    labels_text(e), true, d);
    }
  }
}

}  // namespace hewn::detail
