// hewn/sync/model/canonical_text.hpp - one text for every way to write the same constraint.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/affinity.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/intent.hpp>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

// Length first: no content can then look like two fields.
inline void append_field(std::string& out, std::string_view field) {
  append(out, {std::to_string(field.size()), ":", field});
}

inline std::string joined(std::initializer_list<std::string_view> fields) {
  std::string out;
  for (const std::string_view f : fields) append_field(out, f);
  return out;
}

inline std::string joined(const std::vector<std::string>& fields) {
  std::string out;
  for (const std::string& f : fields) append_field(out, f);
  return out;
}

inline std::string sorted_and_joined(std::vector<std::string> fields) {
  std::sort(fields.begin(), fields.end());
  return joined(fields);
}

/// `collation`, where BINARY is what SQLite means by none.
inline std::string canonical_collation(std::string_view collation, dialect d) {
  if (d == dialect::postgres) return std::string(collation);
  return same_word(collation, "BINARY") ? std::string() : lower(collation);
}

/// What makes two unique constraints the same. The order of the columns does not.
inline std::string canonical_unique_key(const schema::unique_key& key, dialect d) {
  std::vector<std::string> columns;
  for (std::size_t i = 0; i != key.columns.size(); ++i) {
    std::string column;
    append_field(column, folded_name(d, key.columns[i]));
    append_field(column,
                 i < key.collations.size() ? canonical_collation(key.collations[i], d) : "");
    columns.push_back(std::move(column));
  }
  return sorted_and_joined(std::move(columns)) + key.terms;
}

/// The unique constraint that a unique index amounts to; without columns when it is less than one,
/// because it covers expressions or only some of the rows.
inline schema::unique_key as_unique_key(const schema::index& i) {
  schema::unique_key key{.name = i.name, .terms = i.terms};
  if (!i.unique || !i.where.empty()) return key;
  for (const schema::index_part& part : i.parts) {
    if (part.expression) return {.name = i.name};
    key.columns.push_back(part.text);
    key.collations.push_back(part.collation);
  }
  return key;
}

/// What makes two indexes the same but for their names.
inline std::string canonical_index(const schema::index& i, dialect d) {
  std::string out = i.unique ? "unique" : "";
  for (const schema::index_part& part : i.parts) {
    append_field(out, part.expression ? "expression" : "column");
    append_field(out,
                 part.expression ? canonical_expression(part.text, d) : folded_name(d, part.text));
    append_field(out, part.descending ? "desc" : "");
    append_field(out, canonical_collation(part.collation, d));
  }
  append_field(out, canonical_expression(i.where, d));
  return out + i.terms;
}

/// A time trigger as it is shown.
inline std::string time_trigger_text(const schema::time_trigger& t) {
  return t.function.empty() ? t.sql : concat({t.function, ";\n", t.sql});
}

/// What makes two time triggers of one name the same. PostgreSQL keeps the function as it was
/// written.
inline std::string canonical_time_trigger(const schema::time_trigger& t, dialect d) {
  return joined({canonical_expression(t.sql, d), t.function});
}

/// Whether the index holds `column`, computes with it, or depends on it for which rows it holds.
inline bool index_uses(const schema::index& i, std::string_view column, dialect d) {
  if (uses_column(i.where, column, d)) return true;
  for (const schema::index_part& p : i.parts)
    if (p.expression ? uses_column(p.text, column, d) : same_name(d, p.text, column)) return true;
  return false;
}

/// Whether the index uses one of the columns.
inline bool index_uses_any(const schema::index& i, const std::vector<std::string>& columns,
                           dialect d) {
  for (const std::string& c : columns)
    if (index_uses(i, c, d)) return true;
  return false;
}

/// Whether an expression computes with one of the columns.
inline bool uses_any_column(std::string_view text, const std::vector<std::string>& columns,
                            dialect d) {
  for (const std::string& c : columns)
    if (uses_column(text, c, d)) return true;
  return false;
}

inline bool contains_name(const std::vector<std::string>& names, std::string_view name, dialect d) {
  for (const std::string& n : names)
    if (same_name(d, n, name)) return true;
  return false;
}

inline bool shares_name(const std::vector<std::string>& a, const std::vector<std::string>& b,
                        dialect d) {
  for (const std::string& n : a)
    if (contains_name(b, n, d)) return true;
  return false;
}

/// Whether `text` is one of them, to the letter.
inline bool contains_text(const std::vector<std::string>& all, std::string_view text) {
  for (const std::string& each : all)
    if (each == text) return true;
  return false;
}

/// The columns that a foreign key refers to, also when it leaves them to the target's primary key.
inline std::vector<std::string> target_columns(const schema::foreign_key& key,
                                               const schema::table* target) {
  if (!key.target_columns.empty() || !target) return key.target_columns;
  return key_columns(*target);
}

/// What makes two foreign keys the same but for what they do. `target` may be null: not there yet.
inline std::string canonical_reference(const schema::foreign_key& key, const schema::table* target,
                                       dialect d) {
  const std::vector<std::string> to = target_columns(key, target);
  std::vector<std::string> pairs;
  for (std::size_t i = 0; i != key.columns.size(); ++i) {
    std::string pair;
    append_field(pair, folded_name(d, key.columns[i]));
    append_field(pair, i < to.size() ? folded_name(d, to[i]) : "");
    pairs.push_back(std::move(pair));
  }
  return concat({folded_name(d, key.target_table), ">", sorted_and_joined(std::move(pairs))});
}

/// Whether a column of the live table `t` can stay declared as it is and store what `after` says.
/// `strict`: the table will be a STRICT one.
inline bool keeps_type(const schema::table& t, const schema::column& before, bool strict,
                       const schema::column& after, bool complete, dialect d) {
  if (d == dialect::postgres) return same_word(before.type, after.type);
  // Elsewhere ANY is a name without meaning, hence NUMERIC, which converts texts.
  if (t.strict && !strict && same_word(before.type, "ANY")) return after.type.empty();
  if (complete) return stores_alike(before.type, t.strict, after.type, strict);
  return type_holds(before.type, after.type, strict);
}

/// A key of SQLite takes NULL as any column does, unless it is the rowid or says otherwise.
inline bool takes_null(const schema::table& t, const schema::column& c) {
  return !c.not_null && !is_rowid_alias(t, c);
}

/// The first intent of `kind` about this column, or nullptr. An empty `column`: about the table.
inline const intent* find_intent(const std::vector<intent>& in, intent_kind kind,
                                 std::string_view table, std::string_view column, dialect d) {
  for (const intent& i : in)
    if (i.kind == kind && same_name(d, i.table, table) && same_name(d, i.column, column)) return &i;
  return nullptr;
}

/// Whether a type has both another name in a schema that is complete and a declared conversion.
/// Then its values are to become others, although the database stores them alike.
inline bool is_converted(const std::vector<intent>& intents, bool complete, const schema::table& t,
                         const schema::column& before, const schema::column& after, dialect d) {
  return complete && canonical_expression(before.type) != canonical_expression(after.type) &&
         find_intent(intents, intent_kind::convert, t.name, after.name, d) != nullptr;
}

inline const schema::table* find_table(const schema::database& in, std::string_view name,
                                       dialect d) {
  for (const schema::table& t : in.tables)
    if (same_name(d, t.name, name)) return &t;
  return nullptr;
}

inline const schema::column* find_column(const schema::table& in, std::string_view name,
                                         dialect d) {
  for (const schema::column& c : in.columns)
    if (same_name(d, c.name, name)) return &c;
  return nullptr;
}

/// Whether the rows of `live` have numbers that the rows of `wanted` do not have, and that are no
/// values of a column.
inline bool loses_rowids(const schema::table& live, const schema::table& wanted) {
  if (live.without_rowid || !wanted.without_rowid) return false;
  const schema::column* key = single_key(live);
  return !key || !is_rowid_alias(live, *key);
}

}  // namespace hewn::detail
