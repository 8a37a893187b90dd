// hewn/postgres/schema/meaning.hpp - whether two expressions are the same, without making anything.
// SPDX-License-Identifier: BSL-1.0
//
// The server is asked how it would compute an expression: EXPLAIN VERBOSE shows it parsed, with its
// constants folded, and runs nothing. Two expressions that it would compute alike are the same.
// That takes no right to write, so a standby can tell whether its schema is as declared.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/schema/normal_spelling.hpp>
#include <hewn/schema/database_model.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

/// The expressions of EXPLAIN's answer in XML, escaped as they are there.
HEWN_COLD inline std::vector<std::string> explained_items(std::string_view xml) {
  std::vector<std::string> out;
  xml = xml.substr(0, xml.find("</Output>"));
  constexpr std::string_view open = "<Item>";
  for (std::size_t at = xml.find(open); at != xml.npos; at = xml.find(open, at)) {
    at += open.size();
    out.emplace_back(xml.substr(at, xml.find("</Item>", at) - at));
  }
  return out;
}

/// EXPLAIN says nothing of COLLATE, and has two names for the time at which a transaction began.
HEWN_COLD inline std::string one_meaning(std::string_view explained, std::string_view source) {
  std::string out;
  const auto add = [&out](std::string_view text) {
    out += text;
    out += ' ';
  };
  const hewn::detail::token_list tokens = hewn::detail::tokenize(explained);
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const bool called = tokens[i + 1].kind == hewn::detail::token_kind::open;
    if ((tokens[i].is("current_timestamp") && !called) ||
        (tokens[i].is("transaction_timestamp") && called)) {
      add("now");
      if (!called) add("( )");
    } else {
      add(tokens[i].text);
    }
  }
  const hewn::detail::token_list written = hewn::detail::tokenize(source);
  for (std::size_t i = 0; i + 1 < written.size(); ++i)
    if (written[i].is("collate")) add(hewn::detail::unquoted(written[i + 1]));
  return out;
}

/// Whether NULLs that mean this are of the same type. `text` and `character varying` of any length
/// hold the same values, lists of them too.
HEWN_COLD inline bool same_type_meant(const std::string& a, const std::string& b) {
  if (a == b) return true;
  for (const std::string list : {"", "[]"}) {
    const std::string text = one_meaning("NULL::text" + list, {});
    const std::string varying = one_meaning("NULL::character varying" + list, {});
    if ((a == text && b == varying) || (a == varying && b == text)) return true;
  }
  return false;
}

/// Asks what expressions over the columns of one table mean.
template <class Driver>
class meanings {
 public:
  meanings(hewn::detail::connection<Driver>& c, connection& native, std::string table)
      : connection_(&c), native_(&native), table_(std::move(table)) {}

  /// Nothing where the server does not say.
  HEWN_COLD std::vector<std::optional<std::string>> of(const std::vector<std::string>& all) {
    std::vector<std::optional<std::string>> out(all.size());
    if (all.empty() || explain(all, 0, all.size(), out) || all.size() == 1) return out;
    for (std::size_t i = 0; i != all.size(); ++i) explain(all, i, i + 1, out);
    return out;
  }

 private:
  bool explain(const std::vector<std::string>& all, std::size_t first, std::size_t last,
               std::vector<std::optional<std::string>>& out) {
    std::string sql = "EXPLAIN (VERBOSE, COSTS OFF, FORMAT XML) SELECT ";
    for (std::size_t i = first; i != last; ++i) {
      if (i != first) sql += ", ";
      sql += all[i];
    }
    sql += " FROM ONLY " + quote_identifier(table_, dialect::postgres) + " WHERE false";
    std::string answer;
    // A failure must not end the caller's transaction.
    std::optional<hewn::detail::transaction_scope<Driver>> scope;
    if (native_->in_transaction())
      scope.emplace(*connection_, transaction_begin(), hewn::detail::running_call());
    try {
      for (catalog_query q(*native_, sql); q.next();) answer += q.text(0) + "\n";
    } catch (const error& failure) {
      if (failure.retryable() || failure.code() == errc::connection_lost ||
          failure.code() == errc::interrupted || failure.code() == errc::busy)
        throw;
      return false;
    }
    const std::vector<std::string> items = explained_items(answer);
    if (items.size() != last - first) return false;
    for (std::size_t i = first; i != last; ++i) out[i] = one_meaning(items[i - first], all[i]);
    return true;
  }

  hewn::detail::connection<Driver>* connection_;
  connection* native_;
  std::string table_;
};

/// What was asked about a text of the wanted table.
struct question {
  std::string* text;
  const std::string* by;  ///< the text of the live table that may be the same; null: `text` itself
  std::string group;      ///< of an expression
};

/// Spells what `wanted` has of types and expressions as `live` does, where they are the same.
template <class Driver>
HEWN_COLD void spell_by_meaning(hewn::detail::connection<Driver>& c, connection& native,
                                schema::table& wanted, schema::table& live) {
  const auto column_of = [](const schema::table& t,
                            const std::string& group) -> const schema::column* {
    const std::size_t blank = group.find(' ');
    return blank == group.npos ? nullptr : t.find_column(group.substr(blank + 1));
  };
  // What an insert would convert to the column's type. A cast to a limited length would cut.
  const auto asked = [&](const expression_in& e, const std::string& text) {
    const schema::column* const column = column_of(live, e.group);
    if (column == nullptr) return "(" + text + ")";
    std::string type = column->type;
    if (type.find("char") != type.npos || type.find("bit") != type.npos)
      type = type.substr(0, type.find('('));
    return "CAST((" + text + ") AS " + type + ")";
  };
  std::vector<std::string> all;
  std::vector<question> questions;
  for (schema::column& w : wanted.columns) {
    const schema::column* const there = live.find_column(w.name);
    if (there == nullptr || w.type == there->type) continue;
    if (!hewn::detail::is_plain_type(w.type) && !hewn::detail::is_name_of_type(w.type)) continue;
    all.push_back("CAST(NULL AS " + w.type + ")");
    questions.push_back({&w.type, &there->type, {}});
  }
  const std::size_t types = all.size();
  // A value of another type is another one, even where it reads the same.
  const auto of_one_type = [&](const std::string& group) {
    const schema::column* const w = column_of(wanted, group);
    const schema::column* const l = column_of(live, group);
    return w == nullptr || l == nullptr || w->type == l->type;
  };
  const std::vector<expression_in> there = expressions_of(live);
  // Each stands for one of the wanted: `f` and `f = true` may both be there.
  std::vector<const std::string*> taken;
  const auto is_taken = [&](const std::string* text) {
    return std::find(taken.begin(), taken.end(), text) != taken.end();
  };
  for (const expression_in& e : expressions_of(wanted)) {
    std::vector<const std::string*> others;
    bool same = false;
    for (const expression_in& other : there) {
      if (other.group != e.group) continue;
      if (*other.text == *e.text) {
        if (!same && !is_taken(other.text)) taken.push_back(other.text);
        same = true;
      }
      others.push_back(other.text);
    }
    if (same || others.empty()) continue;
    all.push_back(asked(e, *e.text));
    questions.push_back({e.text, nullptr, e.group});
    for (const std::string* other : others) {
      all.push_back(asked(e, *other));
      questions.push_back({e.text, other, e.group});
    }
  }
  const std::vector<std::optional<std::string>> answers =
      meanings<Driver>(c, native, live.name).of(all);
  for (std::size_t i = 0; i != types; ++i) {
    if (!answers[i]) continue;
    if (same_type_meant(*answers[i], one_meaning("NULL::" + *questions[i].by, {})))
      *questions[i].text = *questions[i].by;
  }
  const std::optional<std::string>* meant = nullptr;
  for (std::size_t i = types; i != questions.size(); ++i) {
    if (questions[i].by == nullptr) {
      meant = &answers[i];
    } else if (meant != nullptr && *meant && *meant == answers[i] && !is_taken(questions[i].by) &&
               of_one_type(questions[i].group)) {
      *questions[i].text = *questions[i].by;
      taken.push_back(questions[i].by);
      meant = nullptr;
    }
  }
}

}  // namespace hewn::postgres::detail
