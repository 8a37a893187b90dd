// hewn/sync/diff/fingerprint.hpp - a digest that tells one schema from another.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/digest.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/enumeration_diff.hpp>
#include <hewn/sync/model/canonical_text.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

inline std::string canonical_column(const schema::column& c, dialect d) {
  return joined({folded_name(d, c.name), lower(c.type), c.not_null ? "not null" : "",
                 std::to_string(c.key_position), c.autoincrement ? "autoincrement" : "",
                 canonical_default(c.default_text, d),
                 std::to_string(static_cast<int>(c.generated)),
                 canonical_expression(c.generated_text, d), canonical_collation(c.collation, d)});
}

inline std::string canonical_foreign_key(const schema::foreign_key& k, dialect d) {
  return concat(
      {joined({folded_name(d, k.name), canonical_reference(k, nullptr, d), to_string(k.on_delete),
               to_string(k.on_update), k.deferred ? "deferred" : ""}),
       k.terms});
}

inline std::string canonical_check(const schema::check& k, dialect d) {
  return concat({joined({folded_name(d, k.name), canonical_expression(k.text, d)}), k.terms});
}

inline std::string canonical_table(const schema::table& t, dialect d) {
  std::vector<std::string> columns;
  for (const schema::column& c : t.columns) columns.push_back(canonical_column(c, d));
  std::vector<std::string> unique_keys;
  for (const schema::unique_key& k : t.unique_keys)
    unique_keys.push_back(joined({folded_name(d, k.name), canonical_unique_key(k, d)}));
  std::vector<std::string> checks;
  for (const schema::check& k : t.checks) checks.push_back(canonical_check(k, d));
  std::vector<std::string> foreign_keys;
  for (const schema::foreign_key& k : t.foreign_keys)
    foreign_keys.push_back(canonical_foreign_key(k, d));
  std::vector<std::string> indexes;
  for (const schema::index& i : t.indexes)
    indexes.push_back(joined({folded_name(d, i.name), canonical_index(i, d)}));
  std::string out = joined(
      {folded_name(d, t.name), t.strict ? "strict" : "", t.without_rowid ? "without rowid" : "",
       concat({folded_name(d, t.primary_key_name), t.primary_key_terms}),
       sorted_and_joined(std::move(columns)), sorted_and_joined(std::move(unique_keys)),
       sorted_and_joined(std::move(checks)), sorted_and_joined(std::move(foreign_keys)),
       sorted_and_joined(std::move(indexes))});
  // On SQLite they are among the triggers. Where there is none, fingerprints are what they were.
  if (d == dialect::postgres)
    for (const schema::time_trigger& each : t.time_triggers)
      append_field(out, joined({each.name, canonical_time_trigger(each, d)}));
  return out;
}

inline std::string canonical_source(const schema::source& s, dialect d) {
  return joined(
      {s.kind, folded_name(d, s.name), folded_name(d, s.table), canonical_expression(s.sql, d)});
}

}  // namespace detail

/// SHA-256 over everything in `schema` that matters to the database: the tables, and the views and
/// triggers by their text. White space, the case of keywords, and the order of tables, columns and
/// constraints do not.
inline std::string fingerprint(const schema::database& schema, dialect d) {
  std::vector<std::string> views_and_triggers;
  for (const schema::source& s : schema.sources)
    if (s.kind == "view" || s.kind == "trigger")
      views_and_triggers.push_back(detail::canonical_source(s, d));
  std::vector<std::string> types;
  for (const schema::enumeration& e : schema.enumerations)
    types.push_back(detail::joined({e.name, detail::joined(e.labels)}));
  std::vector<std::string> tables;
  for (const schema::table& t : schema.tables) tables.push_back(detail::canonical_table(t, d));
  return sha256_hex(detail::concat({"hewn-schema:2", detail::sorted_and_joined(std::move(tables)),
                                    detail::sorted_and_joined(std::move(views_and_triggers)),
                                    detail::sorted_and_joined(std::move(types))}));
}

/// The part of `live` that concerns `tables`: they themselves, the types of their columns, and the
/// views and triggers that mention one of them.
inline schema::database part_of(const schema::database& live,
                                const std::vector<std::string>& tables, dialect d) {
  schema::database out;
  for (const std::string& name : tables)
    if (const schema::table* there = detail::find_table(live, name, d))
      out.tables.push_back(*there);
  for (const schema::enumeration& e : live.enumerations)
    if (detail::uses_enumeration(out.tables, e)) out.enumerations.push_back(e);
  for (const schema::source& s : live.sources) {
    if (s.kind != "view" && s.kind != "trigger") continue;
    for (const std::string& name : tables)
      if (detail::same_name(d, s.table, name) || detail::mentions(s.sql, name, d)) {
        out.sources.push_back(s);
        break;
      }
  }
  return out;
}

}  // namespace hewn
