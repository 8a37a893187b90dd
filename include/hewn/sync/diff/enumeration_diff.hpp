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

/// Whether a type, as the server spells it, is this enumeration or an array of it.
inline bool is_of(std::string_view type, const schema::enumeration& e) {
  if (type.ends_with("[]")) type.remove_suffix(2);
  return type == e.name || type == quote_identifier(e.name);
}

inline bool uses_enumeration(const schema::table& t, const schema::enumeration& e) {
  for (const schema::column& c : t.columns)
    if (is_of(c.type, e)) return true;
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

/// Whether values that both have stand in another order.
inline bool moves_values(const schema::enumeration& live, const schema::enumeration& wanted) {
  const auto common = [](const schema::enumeration& of, const schema::enumeration& with) {
    std::vector<std::string> out;
    for (const std::string& label : of.labels)
      for (const std::string& other : with.labels)
        if (label == other) out.push_back(label);
    return out;
  };
  return common(live, wanted) != common(wanted, live);
}

/// The wanted enumeration of this type, where the live one becomes it only by a new type to which
/// its values are converted; else nullptr.
inline const schema::enumeration* remade_enumeration(const schema::database& live,
                                                     const schema::database& wanted,
                                                     std::string_view type) {
  for (const schema::enumeration& e : wanted.enumerations) {
    if (!is_of(type, e)) continue;
    const schema::enumeration* const there = live.find_enumeration(e.name);
    return there && !only_grows(*there, e) ? &e : nullptr;
  }
  return nullptr;
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

/// What the wanted types lack, and those that are made anew because values are gone or have moved.
/// Types that nobody wants are never dropped.
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
      change& c = append_change(out, change_kind::change_values, table, e.name, labels_text(*there),
                                labels_text(e), true, d);
      // Its columns count the values that are gone.
      if (!moves_values(*there, e)) c.risk.effect = data_effect::none;
    }
  }
}

}  // namespace hewn::detail
