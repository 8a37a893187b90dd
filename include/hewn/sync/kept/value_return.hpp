// hewn/sync/kept/value_return.hpp - the values of a column on their way back to their rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/approval/identity.hpp>
#include <hewn/sync/facts/row_sums.hpp>
#include <hewn/sync/kept/kept_entries.hpp>
#include <hewn/sync/kept/kept_item.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/fact.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// The kept values of one column. `hewn_value` is a row with a value, `hewn_row` the one of the
/// table that has its key. Order: obstacle, then run, both under locks on both tables.
class value_return {
 public:
  HEWN_COLD value_return(schema_executor& executor, const kept_entry& row,
                         const schema::table& table)
      : executor_(executor),
        row_(row),
        table_(table),
        column_(*find_column(table, row.column, dialect::postgres)),
        there_(kept_columns(executor, row)),
        keys_(kept_keys(there_, table)),
        kept_(concat({"hewn_value.", quote_identifier(row.column)})),
        value_(concat({"CAST(", kept_, " AS ", column_.type, ")"})) {
    for (const std::string& name : keys_) {
      append_separated(match_, " AND ",
                       {"hewn_row.", quote_identifier(name), " = CAST(hewn_value.",
                        quote_identifier(name), " AS ", type_of(name), ")"});
      append_separated(key_, " || ', ' || ",
                       {quote_literal(name + "="), " || coalesce(hewn_value.",
                        quote_identifier(name), "::pg_catalog.text, 'NULL')"});
      append_separated(key_names_, ", ", {quote_identifier(name)});
    }
  }

  /// What keeps every value from going back.
  HEWN_COLD kept_obstacle obstacle() {
    for (const auto& [name, before] : there_) {
      if (!contains_text(keys_, name) || type_of(name) == before) continue;
      const schema_executor::conversion c = convert(name, type_of(name));
      if (c.refused.empty() && c.unconvertible == 0 && c.changed == 0) continue;
      return {concat({"its key ", name, " is of type ", type_of(name),
                      " now, in which kept keys of type ", before, " are not the same"}),
              concat({"copy what is needed from ", row_.place})};
    }
    // A part of a key may be gone.
    if (!executor_
             .query(concat({"SELECT 1 FROM ", row_.place, " GROUP BY ", key_names_,
                            " HAVING pg_catalog.count(*) > 1 LIMIT 1"}))
             .empty())
      return {"several of them belong to one row by the key of today",
              concat({"copy what is needed from ", row_.place})};
    if (there_.back().second == column_.type) return {};
    conversion_ = convert(column_.name, column_.type);
    if (conversion_.refused.empty()) return {};
    return {concat({"the column is of type ", column_.type, " now, which takes none of type ",
                    there_.back().second, " (", conversion_.refused, ")"}),
            concat({"copy what is needed from ", row_.place})};
  }

  /// Throws: errc::schema_mismatch where other columns would change as well.
  HEWN_COLD restored_item run(bool overwrite) {
    choose_fitting();
    restored_item out{.id = row_.id, .table = row_.table, .column = row_.column};
    all_rows_seen(executor_, [&] {
      const std::vector<summed_column> others = other_columns();
      const row_sums before = sum_rows(executor_, table_.name, others, false);
      for (const text_row& r : executor_.query(concat(
               {"SELECT ", outcome(), ", pg_catalog.count(*) FROM ", pairs(), " GROUP BY 1"})))
        count(out, r.at(0).value_or(""), audit::detail::number(r.at(1).value_or("")), overwrite);
      for (const text_row& r : executor_.query(
               concat({"SELECT ", key_, " FROM ", pairs(), " WHERE ", outcome(),
                       " = 'unfit' ORDER BY 1 LIMIT ", std::to_string(fact::max_samples)})))
        out.unfit_keys.push_back(r.at(0).value_or(""));
      executor_.copy(table_.name,
                     concat({"UPDATE ", quote_identifier(table_.name), " AS hewn_row SET ",
                             quote_identifier(column_.name), " = ", value_, " FROM ", row_.place,
                             " AS hewn_value WHERE ", match_, " AND ", outcome(), " IN ('free'",
                             overwrite ? ", 'occupied')" : ")"}));
      const row_sums now = sum_rows(executor_, table_.name, others, true);
      if (now.rows != before.rows || now.columns != before.columns)
        throw error(error_details{
            .code = errc::schema_mismatch,
            .message =
                concat({"hewn: restoring the values of column ", row_.table, ".", row_.column,
                        " would change other columns of its rows, so it was "
                        "rolled back; look for a trigger that writes to the table"}),
            .table = row_.table});
    });
    executor_.query("DROP FUNCTION IF EXISTS pg_temp.hewn_returns");
    return out;
  }

 private:
  const std::string& type_of(const std::string& name) const {
    return find_column(table_, name, dialect::postgres)->type;
  }

  HEWN_COLD schema_executor::conversion convert(const std::string& name, const std::string& type) {
    return executor_.count_conversion(concat({row_.place, " AS hewn_value"}),
                                      concat({"hewn_value.", quote_identifier(name)}), key_, type);
  }

  // Whether a kept value is the same one in the column's type of today.
  HEWN_COLD void choose_fitting() {
    fits_ = "true";
    if (conversion_.changed != 0) fits_ = concat({"(", conversion_.condition, ") IS NOT TRUE"});
    if (conversion_.unconvertible == 0) return;
    executor_.execute(concat(
        {"CREATE FUNCTION pg_temp.hewn_returns(", there_.back().second,
         ") RETURNS boolean LANGUAGE plpgsql AS ",
         quote_literal(concat({"BEGIN PERFORM CAST($1 AS ", column_.type,
                               "); RETURN true; EXCEPTION WHEN OTHERS THEN RETURN false; END"}))}));
    // CASE, because the server is free to compute the other condition first.
    fits_ = concat({"CASE WHEN pg_temp.hewn_returns(", kept_, ") THEN ", fits_, " ELSE false END"});
  }

  std::string pairs() const {
    return concat({row_.place, " AS hewn_value LEFT JOIN ", quote_identifier(table_.name),
                   " AS hewn_row ON ", match_});
  }

  // As texts: not every type has an equality.
  std::string outcome() const {
    const std::string stored = concat({"hewn_row.", quote_identifier(column_.name)});
    std::string free = concat({stored, " IS NULL"});
    if (!is_null_default(column_.default_text) &&
        is_constant_default(column_.default_text, dialect::postgres))
      append(free, {" OR ", stored, "::pg_catalog.text = CAST(", column_.default_text, " AS ",
                    column_.type, ")::pg_catalog.text"});
    return concat({"CASE WHEN hewn_row.ctid IS NULL THEN 'gone' WHEN NOT (", fits_,
                   ") THEN 'unfit' WHEN ", stored, "::pg_catalog.text = ", value_,
                   "::pg_catalog.text THEN 'same' WHEN ", free,
                   " THEN 'free' ELSE 'occupied' END"});
  }

  static void count(restored_item& out, std::string_view what, std::int64_t rows, bool overwrite) {
    if (what == "gone")
      out.gone = rows;
    else if (what == "unfit")
      out.unfit = rows;
    else if (what == "occupied" && !overwrite)
      out.occupied = rows;
    else
      out.rows += rows;
  }

  std::vector<summed_column> other_columns() const {
    std::vector<summed_column> out;
    for (const schema::column& c : table_.columns) {
      if (c.name == column_.name || c.generated != schema::generated::no) continue;
      const std::string value = concat({"hewn_row.", quote_identifier(c.name)});
      out.push_back({.name = c.name, .before = value, .after = value, .key = c.key_position != 0});
    }
    return out;
  }

  schema_executor& executor_;
  const kept_entry& row_;
  const schema::table& table_;
  const schema::column& column_;
  std::vector<std::pair<std::string, std::string>> there_;
  std::vector<std::string> keys_;
  std::string kept_;
  std::string value_;
  std::string match_ = {};
  std::string key_ = {};
  std::string key_names_ = {};
  std::string fits_ = {};
  schema_executor::conversion conversion_ = {};
};

}  // namespace hewn::detail
