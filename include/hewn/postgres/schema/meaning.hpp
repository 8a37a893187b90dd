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
#include <hewn/dialect/text/expression_text.hpp>
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

/// The expressions of the first output list in EXPLAIN's answer, in XML and escaped as they are
/// there.
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

/// Expressions over the columns of one table, and what the server says that they mean; nothing
/// where it does not say.
struct asked_table {
  std::string table;
  std::vector<std::string> expressions;
  std::vector<std::optional<std::string>> answers = {};
};

/// Asks what expressions mean.
template <class Driver>
class meanings {
 public:
  meanings(hewn::detail::connection<Driver>& c, connection& native)
      : connection_(&c), native_(&native) {}

  /// All tables in one statement. Where the server takes that one for wrong, table by table, and
  /// then expression by expression.
  HEWN_COLD void ask(std::vector<asked_table*> tables) {
    std::erase_if(tables, [](asked_table* t) {
      t->answers.resize(t->expressions.size());
      return t->expressions.empty();
    });
    if (tables.empty() || explain(tables)) return;
    if (tables.size() > 1) {
      for (asked_table* const t : tables) ask({t});
      return;
    }
    for (std::size_t i = 0; tables[0]->expressions.size() > 1 && i != tables[0]->answers.size();
         ++i) {
      asked_table one{tables[0]->table, {tables[0]->expressions[i]}};
      ask({&one});
      tables[0]->answers[i] = std::move(one.answers[0]);
    }
  }

 private:
  // A common table expression for each table, which EXPLAIN shows by its name, so that no table is
  // called otherwise because it is there twice. One that nothing reads would not be planned.
  bool explain(const std::vector<asked_table*>& tables) {
    std::string sql = "EXPLAIN (VERBOSE, COSTS OFF, FORMAT XML) WITH ";
    std::string read;
    for (std::size_t i = 0; i != tables.size(); ++i) {
      const std::string name = cte(i);
      if (i != 0) sql += ", ", read += ", ";
      sql += name + " AS MATERIALIZED (SELECT ";
      for (std::size_t e = 0; e != tables[i]->expressions.size(); ++e)
        sql += (e == 0 ? "" : ", ") + tables[i]->expressions[e];
      sql +=
          " FROM ONLY " + quote_identifier(tables[i]->table, dialect::postgres) + " WHERE false)";
      read += "(SELECT count(*) FROM " + name + ")";
    }
    std::string answer;
    // A failure must not end the caller's transaction.
    std::optional<hewn::detail::transaction_scope<Driver>> scope;
    if (native_->in_transaction())
      scope.emplace(*connection_, transaction_begin(), hewn::detail::running_call());
    try {
      for (catalog_query q(*native_, sql + " SELECT " + read); q.next();)
        answer += q.text(0) + "\n";
    } catch (const error& failure) {
      if (failure.retryable() || failure.code() == errc::connection_lost ||
          failure.code() == errc::interrupted || failure.code() == errc::busy)
        throw;
      return false;
    }
    return take(answer, tables);
  }

  static std::string cte(std::size_t i) { return "hewn_" + std::to_string(i); }

  static bool take(const std::string& answer, const std::vector<asked_table*>& tables) {
    for (std::size_t i = 0; i != tables.size(); ++i) {
      const std::size_t at = answer.find("<Subplan-Name>CTE " + cte(i) + "</Subplan-Name>");
      if (at == answer.npos) return false;
      const std::vector<std::string> items = explained_items(std::string_view(answer).substr(at));
      asked_table& t = *tables[i];
      if (items.size() != t.expressions.size()) return false;
      for (std::size_t e = 0; e != items.size(); ++e)
        t.answers[e] = one_meaning(items[e], t.expressions[e]);
    }
    return true;
  }

  hewn::detail::connection<Driver>* connection_;
  connection* native_;
};

/// What was asked about a text of the wanted table.
struct question {
  std::string* text;
  const std::string* by;  ///< the text of the live table that may be the same; null: `text` itself
  std::string group;      ///< of an expression
};

/// Spells what a wanted table has of types and expressions as the live one does, where they are the
/// same. Order: the server answers what is in `asked`, then spell. Both tables outlive it, unmoved.
class spelling {
 public:
  spelling(schema::table& wanted, schema::table& live)
      : wanted_(&wanted), live_(&live), asked{live.name, {}} {
    ask_types();
    ask_expressions();
  }

 private:
  schema::table* wanted_;
  schema::table* live_;

 public:
  asked_table asked;

  HEWN_COLD void spell() {
    const std::vector<std::optional<std::string>>& answers = asked.answers;
    for (std::size_t i = 0; i != types_; ++i)
      if (answers[i] && same_type_meant(*answers[i], one_meaning("NULL::" + *questions_[i].by, {})))
        *questions_[i].text = *questions_[i].by;
    const std::optional<std::string>* meant = nullptr;
    for (std::size_t i = types_; i != questions_.size(); ++i) {
      const question& q = questions_[i];
      if (q.by == nullptr) {
        meant = &answers[i];
      } else if (meant != nullptr && *meant && *meant == answers[i] && !is_taken(q.by) &&
                 is_of_one_type(q.group, *q.text)) {
        *q.text = *q.by;
        taken_.push_back(q.by);
        meant = nullptr;
      }
    }
  }

 private:
  void ask(std::string expression, question about) {
    asked.expressions.push_back(std::move(expression));
    questions_.push_back(std::move(about));
  }

  void ask_types() {
    for (schema::column& w : wanted_->columns) {
      const schema::column* const there = live_->find_column(w.name);
      if (there == nullptr || w.type == there->type) continue;
      if (hewn::detail::is_plain_type(w.type) || hewn::detail::is_name_of_type(w.type))
        ask("CAST(NULL AS " + w.type + ")", {&w.type, &there->type, {}});
    }
    types_ = questions_.size();
  }

  void ask_expressions() {
    const std::vector<expression_in> there = expressions_of(*live_);
    for (const expression_in& e : expressions_of(*wanted_)) {
      std::vector<const std::string*> others;
      bool same = false;
      for (const expression_in& other : there) {
        if (other.group != e.group) continue;
        if (*other.text == *e.text) {
          if (!same && !is_taken(other.text)) taken_.push_back(other.text);
          same = true;
        }
        others.push_back(other.text);
      }
      if (same || others.empty()) continue;
      ask(value_of(e, *e.text), {e.text, nullptr, e.group});
      for (const std::string* other : others) ask(value_of(e, *other), {e.text, other, e.group});
    }
  }

  static const schema::column* column_of(const schema::table& t, const std::string& group) {
    const std::size_t blank = group.find(' ');
    return blank == group.npos ? nullptr : t.find_column(group.substr(blank + 1));
  }

  // What an insert would convert to the column's type. A cast to a limited length would cut.
  std::string value_of(const expression_in& e, const std::string& text) const {
    const schema::column* const column = column_of(*live_, e.group);
    if (column == nullptr) return "(" + text + ")";
    std::string type = column->type;
    if (type.find("char") != type.npos || type.find("bit") != type.npos)
      type = type.substr(0, type.find('('));
    return "CAST((" + text + ") AS " + type + ")";
  }

  // A value of another type is another one, even where it reads the same; and with the type of a
  // column, the server changes its own words for what reads it.
  bool is_of_one_type(const std::string& group, const std::string& text) const {
    const schema::column* const w = column_of(*wanted_, group);
    if (w == nullptr) return !names_other_type(*wanted_, *live_, text);
    const schema::column* const l = column_of(*live_, group);
    return l == nullptr || w->type == l->type;
  }

  bool is_taken(const std::string* text) const {
    return std::find(taken_.begin(), taken_.end(), text) != taken_.end();
  }

  std::vector<question> questions_;
  std::size_t types_ = 0;
  // Each stands for one of the wanted: `f` and `f = true` may both be there.
  std::vector<const std::string*> taken_;
};

}  // namespace hewn::postgres::detail
