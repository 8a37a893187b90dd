// hewn/postgres/migrate/row_comparison.hpp - what became of the rows of a table, as the server
// finds out.
// SPDX-License-Identifier: BSL-1.0
//
// A row is found again by its primary key, or without one by its content. Values are compared as
// text; a column that has got another type keeps a value when it can be made again of the new one.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/migrate/stored_tables.hpp>
#include <hewn/sync/model/loss.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

/// Compares `copy`, the rows of `before` as they were, with `now`, which is the same table or one
/// in its place.
class row_comparison {
 public:
  /// `same`: the columns are told apart by their numbers and not by their names.
  row_comparison(connection& c, const stored_table& before, std::vector<stored_column> columns,
                 std::string copy, const stored_table& now, bool same)
      : connection_(&c), before_(&before), copy_(std::move(copy)), rows_(now.rows()) {
    const std::vector<stored_column> live = read_columns(c, now.oid);
    std::vector<bool> met(live.size());
    for (stored_column& old : columns) {
      std::size_t i = 0;
      while (i != live.size() && (same ? live[i].number != old.number : live[i].name != old.name))
        ++i;
      if (i != live.size()) met[i] = true;
      // What is computed is made again of the rest.
      if (old.computed) continue;
      if (i == live.size())
        gone_.push_back(std::move(old));
      else
        pairs_.emplace_back(std::move(old), live[i]);
    }
    for (std::size_t i = 0; i != live.size(); ++i)
      if (!met[i]) fresh_.push_back(live[i]);
    for (const stored_column& old : gone_) has_key_ &= !old.key;
    bool any = false;
    for (const auto& [old, live_one] : pairs_) any |= old.key;
    has_key_ &= any;
  }

  /// `back`: whether values of another type are made values of the old one again to compare them,
  /// which may fail. Throws: what the server reports.
  HEWN_COLD std::vector<loss> losses(bool back) {
    back_ = back;
    return has_key_ ? by_key() : by_content();
  }

 private:
  static std::string text_of(const std::string& of, const stored_column& c) {
    return of + "." + quote_identifier(c.name, dialect::postgres) +
           "::pg_catalog.text COLLATE \"C\"";
  }

  // As the old column would write it.
  std::string new_text(const stored_column& old, const stored_column& now) const {
    const std::string value = "n." + quote_identifier(now.name, dialect::postgres);
    return value + (back_ && old.type != now.type ? "::" + old.type : "") +
           "::pg_catalog.text COLLATE \"C\"";
  }

  std::string condition() const {
    std::string out;
    for (const auto& [old, now] : pairs_) {
      if (!old.key) continue;
      if (!out.empty()) out += " AND ";
      if (old.type == now.type && !old.collated && !old.made)
        out += "o." + quote_identifier(old.name, dialect::postgres) + " = n." +
               quote_identifier(now.name, dialect::postgres);
      else
        out += text_of("o", old) + " = " + new_text(old, now);
    }
    return out;
  }

  std::vector<loss> by_key() {
    std::vector<std::string> counts = {"n.hewn_there IS NULL"};
    for (const auto& [old, now] : pairs_) {
      if (old.key) continue;
      const std::string was = text_of("o", old) + " IS NOT NULL AND n.hewn_there";
      counts.push_back(was + " AND " + text_of("n", now) + " IS NULL");
      counts.push_back(was + " AND " + text_of("n", now) + " IS NOT NULL AND " + text_of("o", old) +
                       " IS DISTINCT FROM " + new_text(old, now));
    }
    for (const stored_column& old : gone_) {
      counts.push_back("n.hewn_there AND " + text_of("o", old) + " IS NOT NULL");
      for (const stored_column& other : fresh_)
        counts.push_back("n.hewn_there AND " + text_of("o", old) + " IS DISTINCT FROM " +
                         new_text(old, other));
    }
    const std::vector<std::int64_t> found =
        numbers(counts, " FROM " + copy_ + " AS o LEFT JOIN (SELECT true AS hewn_there, t.* FROM " +
                            rows_ + " AS t) AS n ON " + condition());
    std::vector<loss> out;
    std::size_t at = 0;
    add(out, loss_kind::rows, {}, found[at++]);
    for (const auto& [old, now] : pairs_) {
      if (old.key) continue;
      add(out, loss_kind::values, old.name, found[at++]);
      add(out, loss_kind::overwritten, old.name, found[at++]);
    }
    for (const stored_column& old : gone_) {
      const std::int64_t values = found[at++];
      bool lives_on = false;
      for (std::size_t i = 0; i != fresh_.size(); ++i) lives_on |= found[at++] == 0;
      if (!lives_on) add(out, loss_kind::column, old.name, values);
    }
    return out;
  }

  // How many rows have no equal one any more; `with`: a column that is gone and one in its place.
  std::int64_t missing(const stored_column* old, const stored_column* now) {
    std::string then;
    std::string live;
    const auto both = [&](const stored_column& a, const stored_column& b) {
      then += (then.empty() ? "" : ", ") + text_of("o", a);
      live += (live.empty() ? "" : ", ") + new_text(a, b);
    };
    for (const auto& [a, b] : pairs_) both(a, b);
    if (old != nullptr) both(*old, *now);
    if (then.empty()) then = live = "1";
    return numbers({"true"}, " FROM (SELECT " + then + " FROM " + copy_ +
                                 " AS o EXCEPT ALL SELECT " + live + " FROM " + rows_ +
                                 " AS n) AS gone")[0];
  }

  std::vector<loss> by_content() {
    std::vector<loss> out;
    const std::int64_t rows = missing(nullptr, nullptr);
    add(out, loss_kind::rows, {}, rows);
    for (const stored_column& old : gone_) {
      bool lives_on = false;
      for (const stored_column& other : fresh_)
        lives_on = lives_on || missing(&old, &other) == rows;
      if (!lives_on)
        add(out, loss_kind::column, old.name,
            numbers({text_of("o", old) + " IS NOT NULL"}, " FROM " + copy_ + " AS o")[0]);
    }
    return out;
  }

  std::vector<std::int64_t> numbers(const std::vector<std::string>& conditions,
                                    const std::string& from) {
    std::string sql;
    for (const std::string& each : conditions)
      sql += (sql.empty() ? "SELECT " : ", ") + ("pg_catalog.count(*) FILTER (WHERE " + each + ")");
    std::vector<std::int64_t> out;
    catalog_query q(*connection_, sql + from);
    q.next();
    for (int i = 0; i != q.columns(); ++i) out.push_back(std::stoll(q.text(i)));
    return out;
  }

  void add(std::vector<loss>& out, loss_kind kind, const std::string& column, std::int64_t count) {
    if (count != 0)
      out.push_back({.kind = kind, .table = before_->called(), .column = column, .count = count});
  }

  connection* connection_;
  const stored_table* before_;
  std::string copy_;
  std::string rows_;
  std::vector<std::pair<stored_column, stored_column>> pairs_;
  std::vector<stored_column> gone_;
  std::vector<stored_column> fresh_;
  bool has_key_ = true;
  bool back_ = true;
};

}  // namespace hewn::postgres::detail
