// hewn/sync/facts/standing_gates.hpp - the questions whether rows satisfy what they should already.
// SPDX-License-Identifier: BSL-1.0
//
// Rows that came in while checks were ignored, or before a damage, are held against them again when
// SQLite copies them or adds a column with a check, and all is rolled back. That is known before.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/duplicate_gates.hpp>
#include <hewn/sync/facts/row_gate.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/fact.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// What a table has now and keeps, and the question which rows do not satisfy it.
struct standing_gate {
  std::string demand;  ///< `CHECK (age > 0)`
  gate question;
};

class standing_gates {
 public:
  standing_gates(const plan_context& in, const std::vector<change>& changes,
                 const schema::table& live, const schema::table& wanted)
      : in_(in), changes_(changes), live_(live), wanted_(wanted) {}

  /// NOT NULL and checks: what SQLite looks at also when it adds a column with a check.
  std::vector<standing_gate> of_rows() const {
    std::vector<standing_gate> out;
    const std::string rows = future_rows(in_, live_, comparison::columns);
    const auto add = [&](std::string demand, fact_kind kind, const std::string& broken) {
      out.push_back({std::move(demand), row_gate(live_, in_.dialect, kind, rows, broken)});
    };
    for (const std::string& c : never_null())
      add(concat({"NOT NULL of ", c}), fact_kind::no_value, is_null(c));
    for (const schema::check& k : wanted_.checks)
      if (is_there(k)) add(check_text(k), fact_kind::violations, concat({"NOT (", k.text, ")"}));
    return out;
  }

  /// Whether one of those counts anything, asked in one pass over the rows.
  gate any_of_rows() const {
    std::string broken;
    for (const std::string& c : never_null()) append_separated(broken, " OR ", {is_null(c)});
    for (const schema::check& k : wanted_.checks)
      if (is_there(k)) append_separated(broken, " OR ", {"NOT (", k.text, ")"});
    if (broken.empty()) broken = "0";
    return row_gate(live_, in_.dialect, fact_kind::violations,
                    future_rows(in_, live_, comparison::columns), broken);
  }

  /// What is to be unique, which matters to rows that are copied.
  std::vector<standing_gate> of_keys() const {
    std::vector<standing_gate> out;
    const duplicate_gates duplicates(in_, live_, wanted_);
    for (const schema::unique_key& k : wanted_.unique_keys)
      if (is_there(k)) out.push_back({unique_text(k, in_.dialect), duplicates.of(k)});
    for (const schema::index& i : live_.indexes)
      if (i.unique && !index_goes(changes_, i.name, in_.dialect))
        out.push_back({concat({"the unique index ", i.name}), duplicates.of(i)});
    return out;
  }

 private:
  std::vector<std::string> never_null() const {
    std::vector<std::string> out;
    for (const schema::column& c : wanted_.columns) {
      const schema::column* before = find_column(live_, c.name, in_.dialect);
      if (before && before->not_null && c.not_null && c.generated == schema::generated::no &&
          !is_rowid_alias(live_, *before))
        out.push_back(c.name);
    }
    return out;
  }

  // SQLite answers IS NULL without a look at the rows.
  static std::string is_null(const std::string& column) {
    return concat({"typeof(", quote_identifier(column), ") = 'null'"});
  }

  bool is_there(const schema::check& k) const {
    const std::string content = canonical_expression(k.text, in_.dialect);
    for (const schema::check& now : live_.checks)
      if (canonical_expression(now.text, in_.dialect) == content) return true;
    return false;
  }

  bool is_there(const schema::unique_key& k) const {
    const std::string content = canonical_unique_key(k, in_.dialect);
    for (const schema::unique_key& now : live_.unique_keys)
      if (canonical_unique_key(now, in_.dialect) == content) return true;
    return false;
  }

  const plan_context& in_;
  const std::vector<change>& changes_;
  const schema::table& live_;
  const schema::table& wanted_;
};

}  // namespace hewn::detail
