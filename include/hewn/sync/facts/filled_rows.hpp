// hewn/sync/facts/filled_rows.hpp - what PostgreSQL asks of rows that get values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/constraint_terms.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/row_gate.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/fact.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// A domain may forbid NULL and have a default by itself, whatever its column says.
struct domain_terms {
  bool not_null = false;
  bool has_default = false;
};

/// Of a type as the server spells it. Reads only.
inline domain_terms domain_terms_of(schema_executor& executor, std::string_view type) {
  const std::vector<text_row> found = executor.query(
      "WITH RECURSIVE d AS (SELECT t.* FROM pg_catalog.pg_type t WHERE t.oid = "
      "pg_catalog.to_regtype($1) AND t.typtype = 'd' UNION ALL SELECT t.* FROM pg_catalog.pg_type "
      "t "
      "JOIN d ON t.oid = d.typbasetype WHERE t.typtype = 'd') SELECT coalesce(bool_or(typnotnull), "
      "false), count(typdefault) <> 0 FROM d",
      {std::string(type)});
  return {found.at(0).at(0) == "t", found.at(0).at(1) == "t"};
}

/// An UPDATE holds a row against every check of its table, also those that rows may break as they
/// are. Blocks `c`, which fills a column, where one is in the way. `answer`: row_facts::answer.
template <class Answer>
void refuse_unvalidated(change& c, const std::vector<change>& changes, const plan_context& in,
                        const Answer& answer) {
  const schema::table* const live = find_table(in.live, c.table, in.dialect);
  const bool fills =
      c.kind == change_kind::fill_column ||
      (c.kind == change_kind::add_column &&
       find_intent(in.wanted.intents, intent_kind::backfill, c.table, c.object, in.dialect));
  if (!live || !fills) return;
  for (const schema::check& k : live->checks) {
    if (!is_unvalidated(k.terms)) continue;
    bool goes = false;
    for (const change& other : changes)
      goes =
          goes || (other.before == check_text(k) && same_name(in.dialect, other.table, live->name));
    if (goes) continue;
    // Those that have a value are left alone.
    const bool own = c.kind == change_kind::fill_column && !mentions(k.text, c.object, in.dialect);
    const fact f = answer(row_gate(
        *live, in.dialect, fact_kind::violations,
        own || c.kind == change_kind::add_column ? renamed_rows(in, *live) : future_rows(in, *live),
        concat({own ? quote_identifier(c.object) : std::string(), own ? " IS NULL AND " : "",
                "NOT (", k.text, ")"})));
    if (f.count == 0) continue;
    std::string rows = sentence(f);
    for (std::size_t i = 0; i != f.samples.size(); ++i)
      append(rows, {i == 0 ? ": " : "; ", f.samples[i]});
    c.unsupported = true;
    c.reason = concat(
        {"check ", k.name, " is NOT VALID, and a row that gets a value has to keep it; ", rows});
    c.repair = "mend these rows, or drop the check first and add it again behind the change";
    return;
  }
}

}  // namespace hewn::detail
