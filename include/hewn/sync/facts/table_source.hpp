// hewn/sync/facts/table_source.hpp - a table as its rows will be, as a FROM item over the rows that
// are.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/affinity.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/enumeration_diff.hpp>
#include <hewn/sync/diff/rename.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/intent.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// Everything that the questions about a plan are derived from. `live` has the new names already.
struct plan_context {
  const schema::database& live;
  const wanted_schema& wanted;
  const renamings& renamed;
  hewn::dialect dialect;
  int version = 0;  ///< as schema_executor::version
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
    append_separated(columns, ", ", {});
    append_identifier(columns, old);
    columns += " AS ";
    append_identifier(columns, c.name);
  }
  if (plain) return quote_identifier(t.name);
  if (const std::string_view hidden = hidden_name(t, in.dialect); !hidden.empty())
    append(columns, {", ", hidden, " AS ", hidden});
  return concat(
      {"(SELECT ", columns, " FROM ", quote_identifier(former), ") AS ", quote_identifier(t.name)});
}

/// Whether the type is an enumeration that the plan makes anew.
inline bool is_remade(const plan_context& in, std::string_view type) {
  return remade_enumeration(in.live, in.wanted.schema, type) != nullptr;
}

/// The text of values of an enumeration, or the texts of arrays of them.
inline std::string labels_of(std::string_view type, std::string_view value) {
  return concat({"(", value, type.ends_with("[]") ? ")::text[]" : ")::text"});
}

/// Whether the column gets another type, because the one that it has would not hold the same
/// values.
inline bool changes_type(const plan_context& in, const schema::table& live,
                         const schema::column& before, const schema::table& wanted,
                         const schema::column& after) {
  if (is_remade(in, after.type)) return true;
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
  if (t.strict && same_word(c.type, "ANY")) return concat({"+", value});
  const affinity a = affinity_of(c.type);
  if (a == affinity::blob) return concat({"+", value});
  // Not AS INTEGER: it would cut off fractions, which a column keeps.
  const char* const type = a == affinity::text   ? " AS TEXT)"
                           : a == affinity::real ? " AS REAL)"
                                                 : " AS NUMERIC)";
  const std::string cast = concat({"CAST(", value, type});
  // Of a date, a cast would leave the year.
  if (how == comparison::columns && (a == affinity::text || expects_numbers(c.type))) return cast;
  std::string fits = concat({"typeof(", value, ") IN ('integer', 'real')"});
  if (a != affinity::text)
    append(fits,
           {" OR (typeof(", value, ") = 'text' AND ", value, " = CAST(", value, " AS NUMERIC))"});
  return concat({"CASE WHEN ", fits, " THEN ", cast, " ELSE ", value, " END"});
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
    return concat({"(", fill->expression, ")"});
  // A key that is the number of its row gets that.
  if (in.dialect == dialect::sqlite && is_rowid_alias(wanted, c) && !rowid_name(live).empty())
    return std::string(rowid_name(live));
  if (is_null_default(c.default_text)) return "NULL";
  return concat({"(", default_expression(c.default_text, in.dialect), ")"});
}

/// Whether the column is of a type that the plan makes, or whose values have other names yet, so
/// that nothing can be asked of it.
inline bool has_future_type(const plan_context& in, const schema::column& c) {
  if (is_remade(in, c.type) || in.renamed.renames_values(c.type)) return true;
  for (const schema::enumeration& e : in.wanted.schema.enumerations)
    if (!in.live.find_enumeration(e.name) && mentions(c.type, e.name, in.dialect)) return true;
  return false;
}

/// The rows of a table under the names, with the columns and with the values that they will have.
/// Of columns of a type that is not there yet, a new one is left out, and others are as they were;
/// those of an enumeration that is made anew are texts.
class future_source {
 public:
  future_source(const plan_context& in, const schema::table& live, const schema::table& wanted,
                comparison how)
      : in_(in), live_(live), wanted_(wanted), how_(how) {}

  std::string text() {
    for (const schema::column& c : live_.columns) add_old(c);
    for (const schema::column& c : wanted_.columns) {
      if (find_column(live_, c.name, in_.dialect) || has_future_type(in_, c)) continue;
      plain_ = false;
      if (c.generated == schema::generated::no) add(added_value(c), c.name);
    }
    const std::string rows = renamed_rows(in_, live_);
    if (plain_) return rows;
    if (const std::string_view hidden = hidden_name(live_, in_.dialect); !hidden.empty())
      add(std::string(hidden), std::string(hidden));
    std::string out = concat({"(SELECT ", columns_, " FROM ", rows, ")"});
    add_computed(out);
    append(out, {" AS ", quote_identifier(live_.name)});
    return out;
  }

 private:
  void add(const std::string& value, const std::string& name) {
    append_separated(columns_, ", ", {value, " AS "});
    append_identifier(columns_, name);
  }

  std::string stored(const schema::column& c, const std::string& value) const {
    if (is_remade(in_, c.type)) return labels_of(c.type, value);
    if (has_future_type(in_, c)) return value;
    if (in_.dialect != dialect::sqlite) return concat({"CAST(", value, " AS ", c.type, ")"});
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
                            canonical_collation(before.collation, in_.dialect) !=
                                canonical_collation(after->collation, in_.dialect);
    if (converted) value = concat({"(", converted->expression, ")"});
    if (fill) value = concat({"coalesce(", value, ", (", fill->expression, "))"});
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
    std::vector<bool> waiting;
    std::size_t left = 0;
    for (const schema::column& c : wanted_.columns) {
      waiting.push_back(c.generated != schema::generated::no && !has_future_type(in_, c));
      if (waiting.back()) ++left;
    }
    for (; left != 0; --left) {
      const std::size_t next = next_computed(waiting);
      const schema::column& c = wanted_.columns[next];
      waiting[next] = false;
      out = concat({"(SELECT *, ", stored(c, concat({"(", c.generated_text, ")"})), " AS ",
                    quote_identifier(c.name), " FROM ", out, " AS ", quote_identifier(live_.name),
                    ")"});
    }
  }

  // The first that reads no other one that waits; in a circle, which the database refuses, the
  // first.
  std::size_t next_computed(const std::vector<bool>& waiting) const {
    std::size_t first = waiting.size();
    for (std::size_t i = 0; i != waiting.size(); ++i) {
      if (!waiting[i]) continue;
      if (first == waiting.size()) first = i;
      if (!reads_waiting(i, waiting)) return i;
    }
    return first;
  }

  bool reads_waiting(std::size_t column, const std::vector<bool>& waiting) const {
    for (std::size_t i = 0; i != waiting.size(); ++i)
      if (i != column && waiting[i] &&
          mentions(wanted_.columns[column].generated_text, wanted_.columns[i].name, in_.dialect))
        return true;
    return false;
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
    append_quoted(out, concat({shown, "="}), '\'');
    append(out, {d == dialect::sqlite ? " || quote(" : " || quote_nullable(", value,
                 d == dialect::sqlite ? ")" : "::text)"});
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
