// hewn/sync/facts/table_source.hpp - a table as its rows will be, as a FROM item over the rows that
// are.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/affinity.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/rename.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/intent.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Everything that the questions about a plan are derived from. `live` has the new names already.
struct plan_context {
  const schema::database& live;
  const wanted_schema& wanted;
  const renamings& renamed;
  hewn::dialect dialect;
};

/// The first of SQLite's names for the rowid that is no column of `t`; empty when there is none.
inline std::string_view rowid_name(const schema::table& t) {
  if (t.without_rowid) return {};
  for (const std::string_view name : {"rowid", "_rowid_", "oid"})
    if (!find_column(t, name, dialect::sqlite)) return name;
  return {};
}

/// What a SELECT of the rows of `t` must carry along for row_name(), because `*` leaves it out.
inline std::string_view hidden_name(const schema::table& t, dialect d) {
  if (d == dialect::sqlite) return rowid_name(t);
  return key_columns(t).empty() ? "ctid" : std::string_view();
}

/// The rows of `t` under the names that table and columns will have: `"t"`, or a SELECT.
inline std::string renamed_rows(const plan_context& in, const schema::table& t) {
  const std::string former = in.renamed.former_table(t.name);
  bool plain = former == t.name;
  std::string columns;
  for (const schema::column& c : t.columns) {
    const std::string old = in.renamed.former_column(t.name, c.name);
    plain = plain && old == c.name;
    if (!columns.empty()) columns += ", ";
    append_identifier(columns, old);
    columns += " AS ";
    append_identifier(columns, c.name);
  }
  if (plain) return quote_identifier(t.name);
  if (const std::string_view hidden = hidden_name(t, in.dialect); !hidden.empty())
    columns += ", " + std::string(hidden) + " AS " + std::string(hidden);
  return "(SELECT " + columns + " FROM " + quote_identifier(former) + ") AS " +
         quote_identifier(t.name);
}

/// Whether the column gets another type, because the one that it has would not hold the same
/// values.
inline bool changes_type(const plan_context& in, const schema::table& live,
                         const schema::column& before, const schema::table& wanted,
                         const schema::column& after) {
  if (is_rowid_alias(wanted, after) != is_rowid_alias(live, before)) return true;
  return !keeps_type(live, before, wanted.strict, after, in.wanted.complete, in.dialect) ||
         is_converted(in.wanted.intents, in.wanted.complete, live, before, after, in.dialect);
}

/// The declared expression for the new value of the column, or nullptr.
inline const intent* conversion_of(const plan_context& in, const schema::table& live,
                                   const schema::column& before, const schema::table& wanted,
                                   const schema::column& after) {
  if (!changes_type(in, live, before, wanted, after)) return nullptr;
  return find_intent(in.wanted.intents, intent_kind::convert, live.name, after.name, in.dialect);
}

/// The declared value for rows that have none in a column that comes to need one, or nullptr.
inline const intent* fill_of(const plan_context& in, const schema::table& live,
                             const schema::column& before, const schema::table& wanted,
                             const schema::column& after) {
  if (!takes_null(live, before) || takes_null(wanted, after)) return nullptr;
  return find_intent(in.wanted.intents, intent_kind::backfill, wanted.name, after.name, in.dialect);
}

/// What a question compares. SQLite has no expression that does both for every value.
enum class comparison : std::uint8_t {
  values,  ///< what is stored, exactly; it compares as it is
  columns  ///< it compares as the column does; a value that does not fit becomes another one
};

/// What `value` becomes in the column `c` of `t`. Source: https://sqlite.org/datatype3.html
inline std::string stored_value(const schema::column& c, const schema::table& t,
                                const std::string& value, comparison how) {
  // The sign takes from a column name what its own declaration adds to comparisons.
  if (t.strict && same_word(c.type, "ANY")) return "+" + value;
  const affinity a = affinity_of(c.type);
  if (a == affinity::blob) return "+" + value;
  // Not AS INTEGER: it would cut off fractions, which a column keeps.
  const char* const type = a == affinity::text   ? " AS TEXT)"
                           : a == affinity::real ? " AS REAL)"
                                                 : " AS NUMERIC)";
  const std::string cast = "CAST(" + value + type;
  // Of a date, a cast would leave the year.
  if (how == comparison::columns && (a == affinity::text || expects_numbers(c.type))) return cast;
  std::string fits = "typeof(" + value + ") IN ('integer', 'real')";
  if (a != affinity::text)
    fits +=
        " OR (typeof(" + value + ") = 'text' AND " + value + " = CAST(" + value + " AS NUMERIC))";
  return "CASE WHEN " + fits + " THEN " + cast + " ELSE " + value + " END";
}

/// A DEFAULT as it can stand in a SELECT: after DEFAULT, SQLite reads a name as a text.
inline std::string default_expression(const std::string& text, dialect d) {
  const token_list tokens = expression_tokens(text);
  if (tokens.empty()) return "NULL";
  if (d != dialect::sqlite || tokens.size() != 1 || !tokens[0].is_name() || tokens[0].is("true") ||
      tokens[0].is("false") || tokens[0].is("null") || !is_literal(tokens, d))
    return text;
  return quote_literal(unquoted(tokens[0]));
}

/// The value that rows get in a column that they do not have yet.
inline std::string value_when_added(const plan_context& in, const schema::table& live,
                                    const schema::table& wanted, const schema::column& c) {
  if (const intent* fill =
          find_intent(in.wanted.intents, intent_kind::backfill, live.name, c.name, in.dialect))
    return "(" + fill->expression + ")";
  // A key that is the number of its row gets that.
  if (in.dialect == dialect::sqlite && is_rowid_alias(wanted, c) && !rowid_name(live).empty())
    return std::string(rowid_name(live));
  if (is_null_default(c.default_text)) return "NULL";
  return "(" + default_expression(c.default_text, in.dialect) + ")";
}

/// The rows of a table under the names, with the columns and with the values that they will have.
class future_source {
 public:
  future_source(const plan_context& in, const schema::table& live, const schema::table& wanted,
                comparison how)
      : in_(in), live_(live), wanted_(wanted), how_(how) {}

  std::string text() {
    for (const schema::column& c : live_.columns) add_old(c);
    for (const schema::column& c : wanted_.columns) {
      if (find_column(live_, c.name, in_.dialect)) continue;
      plain_ = false;
      if (c.generated == schema::generated::no) add(added_value(c), c.name);
    }
    const std::string rows = renamed_rows(in_, live_);
    if (plain_) return rows;
    if (const std::string_view hidden = hidden_name(live_, in_.dialect); !hidden.empty())
      add(std::string(hidden), std::string(hidden));
    std::string out = "(SELECT " + columns_ + " FROM " + rows + ")";
    add_computed(out);
    return out + " AS " + quote_identifier(live_.name);
  }

 private:
  void add(const std::string& value, const std::string& name) {
    if (!columns_.empty()) columns_ += ", ";
    columns_ += value;
    columns_ += " AS ";
    append_identifier(columns_, name);
  }

  std::string stored(const schema::column& c, const std::string& value) const {
    if (in_.dialect != dialect::sqlite) return "CAST(" + value + " AS " + c.type + ")";
    std::string out = stored_value(c, wanted_, value, how_);
    append_collation(out, c.collation.empty() ? "BINARY" : c.collation, dialect::sqlite);
    return out;
  }

  void add_old(const schema::column& before) {
    const schema::column* after = find_column(wanted_, before.name, in_.dialect);
    std::string value = quote_identifier(before.name);
    if (!after) return add(value, before.name);
    if (after->generated != schema::generated::no) {
      plain_ = plain_ && before.generated == after->generated &&
               canonical_expression(before.generated_text, in_.dialect) ==
                   canonical_expression(after->generated_text, in_.dialect);
      return;
    }
    const intent* const converted = conversion_of(in_, live_, before, wanted_, *after);
    const intent* const fill = fill_of(in_, live_, before, wanted_, *after);
    const bool other_type = changes_type(in_, live_, before, wanted_, *after) ||
                            collation_signature(before.collation, in_.dialect) !=
                                collation_signature(after->collation, in_.dialect);
    if (converted) value = "(" + converted->expression + ")";
    if (fill) value = "coalesce(" + value + ", (" + fill->expression + "))";
    if (converted || fill || other_type) {
      plain_ = false;
      value = stored(*after, value);
    }
    add(value, before.name);
  }

  std::string added_value(const schema::column& c) const {
    const std::string value = value_when_added(in_, live_, wanted_, c);
    // On PostgreSQL NULL has a type as well.
    return value == "NULL" && in_.dialect == dialect::sqlite ? value : stored(c, value);
  }

  // Each in a SELECT of its own, because it reads columns that are computed below it.
  void add_computed(std::string& out) const {
    std::vector<const schema::column*> waiting;
    for (const schema::column& c : wanted_.columns)
      if (c.generated != schema::generated::no) waiting.push_back(&c);
    while (!waiting.empty()) {
      auto next = std::find_if(waiting.begin(), waiting.end(), [&](const schema::column* c) {
        return std::none_of(waiting.begin(), waiting.end(), [&](const schema::column* other) {
          return other != c && mentions(c->generated_text, other->name, in_.dialect);
        });
      });
      if (next == waiting.end()) next = waiting.begin();  // a circle; the database refuses it
      std::string value = stored(**next, "(" + (*next)->generated_text + ")");
      out = "(SELECT *, " + value + " AS " + quote_identifier((*next)->name) + " FROM " + out +
            " AS " + quote_identifier(live_.name) + ")";
      waiting.erase(next);
    }
  }

  const plan_context& in_;
  const schema::table& live_;
  const schema::table& wanted_;
  comparison how_;
  std::string columns_;
  bool plain_ = true;
};

/// As renamed_rows, with the columns and the values that `live` will have.
inline std::string future_rows(const plan_context& in, const schema::table& live,
                               comparison how = comparison::values) {
  const schema::table* wanted = find_table(in.wanted.schema, live.name, in.dialect);
  return wanted ? future_source(in, live, *wanted, how).text() : renamed_rows(in, live);
}

/// A text expression that names a row of `t`: `id=7`, `user_id=3, team_id='x'`.
inline std::string row_name(const schema::table& t, dialect d) {
  std::vector<std::string> keys = key_columns(t);
  std::string out;
  const auto add = [&](std::string_view shown, const std::string& value) {
    if (!out.empty()) out += " || ', ' || ";
    append_quoted(out, std::string(shown) + "=", '\'');
    out += " || ";
    out += d == dialect::sqlite ? "quote(" + value + ")" : "quote_nullable(" + value + "::text)";
  };
  for (const std::string& k : keys) add(k, quote_identifier(k));
  if (!keys.empty()) return out;
  if (d == dialect::postgres) {
    add("ctid", "ctid");
  } else if (const std::string_view rowid = rowid_name(t); !rowid.empty()) {
    add("rowid", std::string(rowid));
  } else {
    out = "'a row'";
  }
  return out;
}

}  // namespace hewn::detail
