// hewn/sync/facts/duplicate_gates.hpp - the questions about values that will have to be unique.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/fact.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace hewn::detail {

/// Asks which values of a table more than one row would have. `table` is of the live schema,
/// `wanted` what it becomes.
class duplicate_gates {
 public:
  duplicate_gates(const plan_context& in, const schema::table& table, const schema::table& wanted)
      : in_(in), table_(table), wanted_(wanted) {}

  gate of(const schema::unique_key& k) const {
    std::vector<part> parts;
    for (std::size_t i = 0; i != k.columns.size(); ++i)
      parts.push_back(
          {quote_identifier(k.columns[i]), i < k.collations.size() && !k.collations[i].empty()
                                               ? k.collations[i]
                                               : collation(k.columns[i])});
    return of(parts, {});
  }

  gate of(const schema::index& i) const {
    std::vector<part> parts;
    for (const schema::index_part& p : i.parts)
      parts.push_back({p.expression ? concat({"(", p.text, ")"}) : quote_identifier(p.text),
                       !p.collation.empty() || p.expression ? p.collation : collation(p.text)});
    return of(parts, i.where);
  }

 private:
  struct part {
    std::string text;
    std::string collation;
  };

  std::string collation(const std::string& column) const {
    const schema::column* c = find_column(wanted_, column, in_.dialect);
    return c ? c->collation : std::string();
  }

  gate of(const std::vector<part>& parts, const std::string& where) const {
    std::string condition = where.empty() ? std::string() : concat({"(", where, ")"});
    std::string grouped;
    for (const part& p : parts) {
      append_separated(condition, " AND ", {p.text, " IS NOT NULL"});
      append_separated(grouped, ", ", {p.text});
      // The rows come from a SELECT, which loses the collation that the column will have.
      if (in_.dialect == dialect::sqlite)
        append_collation(grouped, p.collation.empty() ? "BINARY" : p.collation, in_.dialect);
    }
    const std::string tail = concat({" FROM ", future_rows(in_, table_), " WHERE ", condition,
                                     " GROUP BY ", grouped, " HAVING count(*) > 1"});
    return {fact_kind::duplicates, concat({"SELECT count(*) FROM (SELECT 1", tail, ") AS twice"}),
            concat({in_.dialect == dialect::sqlite ? "SELECT group_concat(" : "SELECT string_agg(",
                    row_name(table_, in_.dialect), ", ' and ')", tail, " LIMIT ",
                    std::to_string(fact::max_samples)})};
  }

  const plan_context& in_;
  const schema::table& table_;
  const schema::table& wanted_;
};

}  // namespace hewn::detail
