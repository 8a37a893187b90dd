// hewn/sync/facts/catalog_facts.hpp - what the catalog of PostgreSQL has against a change.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/remade_parts.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/wider_type.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Blocks changes, whatever the rows are. Reads only.
class catalog_facts {
 public:
  catalog_facts(schema_executor& executor, const plan_context& in,
                const std::vector<change>& changes)
      : executor_(executor), in_(in), changes_(changes) {}

  /// Names what cannot live with the change, or without the column.
  void refuse_dependents(change& c) const {
    const remade_parts remade(in_, changes_);
    const std::vector<std::string> again = remade.columns_by(c);
    const bool of_column = !again.empty() || c.kind == change_kind::drop_column ||
                           c.kind == change_kind::change_type ||
                           c.kind == change_kind::change_collation;
    if (!of_column && c.kind != change_kind::change_primary_key) return;
    const std::string table = in_.renamed.former_table(c.table);
    const std::string column =
        of_column ? in_.renamed.former_column(c.table, c.object) : std::string();
    if (of_column && is_inherited(table, column)) {
      c.unsupported = true;
      c.reason = "it is inherited, and PostgreSQL changes it in all tables at once";
      c.repair = "change it in the table that it comes from, in a migration";
      return;
    }
    std::vector<std::string> all = executor_.dependents(table, column);
    const auto add = [&](std::vector<std::string> more) {
      for (std::string& each : more)
        if (!contains_text(all, each)) all.push_back(std::move(each));
    };
    for (const std::string& each : again) {
      const std::string former = in_.renamed.former_column(c.table, each);
      add(executor_.dependents(table, former));
      add(executor_.bound_to(table, former));
    }
    if (c.kind == change_kind::drop_column) add(exclusions(table, column));
    if (!again.empty()) add(remade.bound_indexes_of(*find_table(in_.live, c.table, in_.dialect)));
    if (of_column && c.kind != change_kind::drop_column)
      for (std::string& each : row_uses(table)) all.push_back(std::move(each));
    if (all.empty()) return;
    std::string names;
    for (const std::string& each : all) append_separated(names, ", ", {each});
    c.unsupported = true;
    c.reason = concat({names, all.size() == 1 ? " depends on it" : " depend on it"});
    c.repair =
        concat({"drop ", all.size() == 1 ? "that" : "those", " first, and make ",
                all.size() == 1 ? "it" : "them", " again behind the change, in a migration"});
  }

  /// A sequence that has passed the last number of a type cannot become one of it.
  void refuse_counter(change& c) const {
    if (c.kind != change_kind::change_type) return;
    const schema::column* after =
        find_column(*find_table(in_.wanted.schema, c.table, in_.dialect), c.object, in_.dialect);
    if (!after || !after->autoincrement || is_wider_type(after->type, c.before)) return;
    const std::string_view last = after->type == "smallint"  ? "32767"
                                  : after->type == "integer" ? "2147483647"
                                                             : std::string_view();
    if (last.empty() ||
        executor_
            .query(concat({"SELECT 1 FROM pg_catalog.pg_sequence WHERE seqrelid = "
                           "pg_catalog.pg_get_serial_sequence($1, $2)::pg_catalog.regclass AND "
                           "(seqstart > ",
                           last, " OR pg_catalog.pg_sequence_last_value(seqrelid) > ", last, ")"}),
                   {quote_identifier(in_.renamed.former_table(c.table)),
                    in_.renamed.former_column(c.table, c.object)})
            .empty())
      return;
    c.unsupported = true;
    c.reason = "its counter has passed the last number of the new type";
    c.repair = "set the counter back in a migration, or declare the type that it has";
  }

 private:
  // EXCLUDE constraints would go with a column of theirs, and no model has them.
  std::vector<std::string> exclusions(const std::string& table, const std::string& column) const {
    std::vector<std::string> out;
    for (const text_row& row : executor_.query(
             "SELECT DISTINCT 'constraint ' || pg_catalog.quote_ident(k.conname) FROM "
             "pg_catalog.pg_attribute a JOIN pg_catalog.pg_constraint k ON k.conrelid = a.attrelid "
             "AND k.contype = 'x' JOIN pg_catalog.pg_depend d ON d.refobjid = a.attrelid AND "
             "d.refobjsubid = a.attnum AND d.refclassid = "
             "'pg_catalog.pg_class'::pg_catalog.regclass "
             "AND d.objid IN (k.oid, k.conindid) WHERE a.attrelid = pg_catalog.to_regclass($1) AND "
             "a.attname = $2 ORDER BY 1",
             {quote_identifier(table), column}))
      if (row.at(0)) out.push_back(*row[0]);
    return out;
  }

  // Columns whose values are rows of the table; the server cannot go through those.
  std::vector<std::string> row_uses(const std::string& table) const {
    std::vector<std::string> out;
    for (const text_row& row : executor_.query(
             "SELECT DISTINCT 'column ' || pg_catalog.quote_ident(a.attname) || ' of table ' || "
             "u.oid::pg_catalog.regclass FROM pg_catalog.pg_class c JOIN pg_catalog.pg_type y ON "
             "y.oid = c.reltype JOIN pg_catalog.pg_depend d ON d.refobjid IN (y.oid, y.typarray) "
             "JOIN pg_catalog.pg_class u ON u.oid = d.objid AND u.relkind IN ('r', 'm', 'p') JOIN "
             "pg_catalog.pg_attribute a ON a.attrelid = u.oid AND a.attnum = d.objsubid WHERE "
             "d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.classid = "
             "'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = pg_catalog.to_regclass($1) "
             "ORDER BY 1",
             {quote_identifier(table)}))
      if (row.at(0)) out.push_back(*row[0]);
    return out;
  }

  bool is_inherited(const std::string& table, const std::string& column) const {
    return !executor_
                .query(
                    "SELECT 1 FROM pg_catalog.pg_attribute WHERE attinhcount > 0 AND attrelid = "
                    "pg_catalog.to_regclass($1) AND attname = $2",
                    {quote_identifier(table), column})
                .empty();
  }

  schema_executor& executor_;
  const plan_context& in_;
  const std::vector<change>& changes_;
};

}  // namespace hewn::detail
