// hewn/sync/plan/rebuild.hpp - giving a SQLite table another definition by copying its rows.
// SPDX-License-Identifier: BSL-1.0
//
// The order is that of https://sqlite.org/lang_altertable.html#otheralter. It never renames the old
// table: the foreign keys of other tables would follow it.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/affinity.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/own_tables.hpp>
#include <hewn/sync/model/step.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

inline std::string rebuilt_name(std::string_view table) { return concat({rebuilt_prefix, table}); }

/// `text` with columns of the table `from` qualified as columns of `to`.
inline std::string requalified(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  const char* copied = text.data();
  const token_list tokens = tokenize(text);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const token& t = tokens[i];
    if (!t.is_name() || tokens[i + 1].text != "." || !same_word(unquoted(t), from)) continue;
    out.append(copied, t.text.data());
    append_identifier(out, to);
    copied = t.text.data() + t.text.size();
  }
  return out.append(copied, text.data() + text.size());
}

/// The unique constraints of `live` that `wanted` has as indexes or as its primary key. As long as
/// they are there, those indexes are not made.
inline std::vector<schema::unique_key> keys_for_indexes(const schema::table& live,
                                                        const schema::table& wanted) {
  std::vector<std::string> others{
      canonical_unique_key({{}, key_columns(wanted), {}}, dialect::sqlite)};
  for (const schema::index& i : wanted.indexes)
    others.push_back(canonical_unique_key(as_unique_key(i), dialect::sqlite));
  std::vector<std::string> constraints;
  for (const schema::unique_key& k : wanted.unique_keys)
    constraints.push_back(canonical_unique_key(k, dialect::sqlite));
  std::vector<schema::unique_key> out;
  for (const schema::unique_key& k : live.unique_keys) {
    const std::string content = canonical_unique_key(k, dialect::sqlite);
    if (contains_text(others, content) && !contains_text(constraints, content)) out.push_back(k);
  }
  return out;
}

/// The table that a rebuild makes: as wanted, but columns stay in their order, with those types
/// that hold the same values.
inline schema::table merged_table(const plan_context& in, const schema::table& live,
                                  const schema::table& wanted) {
  schema::table out = wanted;
  out.name = live.name;
  out.columns.clear();
  out.indexes.clear();
  for (const schema::column& c : live.columns) {
    if (const schema::column* w = find_column(wanted, c.name, dialect::sqlite)) {
      schema::column merged = *w;
      merged.name = c.name;
      // INTEGER as the type of the key decides about more than how values are stored.
      const bool alias = is_rowid_alias(wanted, *w) || is_rowid_alias(live, c) ||
                         (single_key(wanted) == w && same_word(c.type, "INTEGER"));
      if (!in.wanted.complete && live.strict == wanted.strict && !alias &&
          !changes_type(in, live, c, wanted, *w))
        merged.type = c.type;
      out.columns.push_back(std::move(merged));
    }
  }
  for (const schema::column& c : wanted.columns)
    if (!find_column(live, c.name, dialect::sqlite)) out.columns.push_back(c);
  if (!in.wanted.complete)
    for (schema::unique_key& k : keys_for_indexes(live, wanted))
      out.unique_keys.push_back(std::move(k));
  return out;
}

/// The statements that move the rows of `live` into a new table of the same name.
class rebuild {
 public:
  rebuild(const plan_context& in, const schema::table& live, const schema::table& wanted)
      : in_(in), live_(live), wanted_(wanted), merged_(merged_table(in, live, wanted)) {}

  void append_to(std::vector<step>& out) const {
    schema::table fresh = merged_;
    fresh.name = rebuilt_name(live_.name);
    // The renaming at the end gives them their name back.
    for (schema::check& k : fresh.checks) k.text = requalified(k.text, live_.name, fresh.name);
    const std::string from = quote_identifier(live_.name);
    const std::string to = quote_identifier(fresh.name);
    const auto add = [&](std::string sql) {
      out.push_back({.sql = std::move(sql), .table = live_.name});
    };

    add(create_table(fresh, dialect::sqlite));
    out.push_back({.kind = step_kind::copy, .sql = copy(to, from), .table = live_.name});
    out.push_back({.kind = step_kind::expect,
                   .sql = concat({"SELECT (SELECT count(*) FROM ", from,
                                  ") = (SELECT count(*) FROM ", to, ")"}),
                   .table = live_.name,
                   .promise = concat({"every row of ", live_.name, " was copied"})});
    // Else the counter falls back to the highest key, and keys of deleted rows are given away
    // again.
    if (has_counter(live_) && has_counter(merged_)) {
      add(concat({"DELETE FROM sqlite_sequence WHERE name = ", quote_literal(fresh.name)}));
      add(concat({"INSERT INTO sqlite_sequence (name, seq) SELECT ", quote_literal(fresh.name),
                  ", seq FROM sqlite_sequence WHERE name = ", quote_literal(live_.name)}));
    }
    add(concat({"DROP TABLE ", from}));
    add(concat({"ALTER TABLE ", to, " RENAME TO ", from}));
  }

 private:
  static bool has_counter(const schema::table& t) {
    for (const schema::column& c : t.columns)
      if (c.autoincrement) return true;
    return false;
  }

  std::string value_of(const schema::column& c) const {
    const schema::column* before = find_column(live_, c.name, dialect::sqlite);
    if (!before) {
      const intent* fill = find_intent(in_.wanted.intents, intent_kind::backfill, live_.name,
                                       c.name, dialect::sqlite);
      return fill ? concat({"(", fill->expression, ")"}) : std::string();
    }
    std::string value = quote_identifier(c.name);
    const schema::column* after = find_column(wanted_, c.name, dialect::sqlite);
    if (!after) return value;  // retired
    if (const intent* converted = conversion_of(in_, live_, *before, wanted_, *after))
      value = concat({"(", converted->expression, ")"});
    if (const intent* fill = fill_of(in_, live_, *before, wanted_, *after))
      value = concat({"coalesce(", value, ", (", fill->expression, "))"});
    return value;
  }

  std::string copy(const std::string& to, const std::string& from) const {
    std::string columns;
    std::string values;
    const auto add = [&](std::string_view column, std::string_view value) {
      append_separated(columns, ", ", {column});
      append_separated(values, ", ", {value});
    };
    const std::string_view old_rowid = rowid_name(live_);
    const std::string_view new_rowid = rowid_name(merged_);
    // Other tables, FTS indexes for one, may refer to rows by it. A key that is its alias has it
    // for a value, also when the key is new.
    const schema::column* key = single_key(merged_);
    const bool has_value = key && is_rowid_alias(merged_, *key) && !value_of(*key).empty();
    if (!old_rowid.empty() && !new_rowid.empty() && !has_value) add(new_rowid, old_rowid);
    for (const schema::column& c : merged_.columns) {
      if (c.generated != schema::generated::no) continue;
      if (const std::string value = value_of(c); !value.empty())
        add(quote_identifier(c.name), value);
    }
    // With neither a column nor a rowid in common, each row still becomes one.
    if (columns.empty())
      for (const schema::column& c : merged_.columns)
        if (columns.empty() && c.generated == schema::generated::no)
          add(quote_identifier(c.name), value_when_added(in_, live_, wanted_, c));
    return concat({"INSERT INTO ", to, " (", columns, ") SELECT ", values, " FROM ", from,
                   old_rowid.empty() ? "" : " ORDER BY ", old_rowid});
  }

  const plan_context& in_;
  const schema::table& live_;
  const schema::table& wanted_;
  schema::table merged_;
};

}  // namespace hewn::detail
