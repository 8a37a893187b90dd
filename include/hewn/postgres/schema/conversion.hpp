// hewn/postgres/schema/conversion.hpp - what a column of another type would make of values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/postgres/failure/sqlstate.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/fact.hpp>
#include <hewn/sync/model/wider_type.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::postgres::detail {

/// Has the server convert the values, in savepoints that are rolled back. One statement where all
/// of them fit; where one does not, a function of the session tries them one by one.
template <class Driver>
class conversion_count {
 public:
  using conversion = hewn::schema_executor::conversion;

  /// The arguments are those of schema_executor::count_conversion.
  conversion_count(hewn::detail::connection<Driver>& c, hewn::schema_executor& executor,
                   std::string_view source, std::string_view expression, std::string_view key,
                   std::string_view type)
      : connection_(&c),
        executor_(&executor),
        type_(type),
        value_(expression),
        rows_(hewn::detail::concat(
            {"(SELECT (", expression, ") AS v, (", key, ") AS k FROM ", source, ") AS r"})) {}

  HEWN_COLD conversion count() {
    conversion out;
    std::string before;
    // Of a query without rows: its type is known, and no value is computed.
    out.refused = attempt([&] {
      const std::string none = "(SELECT v FROM " + rows_ + " WHERE false OFFSET 0)";
      before = text("SELECT pg_catalog.pg_typeof(" + none + ")::text");
      executor_->query("SELECT " + cast("v") + " FROM " + none + " AS r");
    });
    if (!out.refused.empty()) return out;
    choose_comparison(before);
    const std::string changed = changed_condition("v");
    out.condition = changed_condition("(" + value_ + ")");
    const auto count_at_once = [&] {
      executor_->query("SELECT " + cast("NULL"));  // a domain may not take it
      count_changed(out, changed);
    };
    if (!attempt(count_at_once).empty()) count_fitting(out, before, changed);
    return out;
  }

 private:
  std::string cast(const std::string& value) const {
    return "CAST(" + value + " AS " + type_ + ")";
  }

  std::string text(const std::string& sql) {
    const std::vector<text_row> answer = executor_->query(sql);
    return answer.at(0).at(0).value_or(std::string());
  }

  // What the server says to it; empty: it was done. What is no fault of types or values, or of the
  // constraints of a domain, is thrown.
  template <class Body>
  std::string attempt(const Body& body) {
    hewn::detail::transaction_scope<Driver> trial(*connection_, {}, hewn::detail::running_call());
    try {
      body();
    } catch (const error& failure) {
      const std::string state = sqlstate(failure);
      if (!state.starts_with("22") && !state.starts_with("42") && !state.starts_with("23")) throw;
      return hewn::detail::without_frame(failure.what());
    }
    return {};
  }

  static bool is_number(std::string_view type) {
    for (const char* name :
         {"smallint", "integer", "bigint", "numeric", "real", "double precision"})
      if (type == name) return true;
    return false;
  }

  static bool is_text(std::string_view type) {
    return type == "text" || type == "character varying" || type == "character" || type == "name";
  }

  // Numbers are the same where their digits are, texts where their characters are. Others are,
  // where the way back leads to them; a type that has no such way, or no equality, has its text.
  void choose_comparison(const std::string& before) {
    const std::string after = hewn::detail::read_type(type_).name;
    way_back_.clear();
    digits_ = is_number(before) && is_number(after);
    if (digits_ || is_text(before) || is_text(after)) return;
    way_back_ = before;
    const std::string refused = attempt([&] {
      executor_->query("SELECT FROM " + rows_ + " WHERE false AND " + changed_condition("v"));
    });
    if (!refused.empty()) way_back_.clear();
  }

  std::string changed_condition(const std::string& value) const {
    if (!way_back_.empty()) return value + " <> CAST(" + cast(value) + " AS " + way_back_ + ")";
    const char* const form = digits_ ? "::text::numeric" : "::text";
    return value + form + " <> " + cast(value) + form;
  }

  void count_changed(conversion& out, const std::string& condition) {
    // Of a composite value, IS NOT NULL asks for each field.
    out.changed = number("v IS DISTINCT FROM NULL AND " + condition);
    if (out.changed != 0) out.changed_samples = samples("v IS DISTINCT FROM NULL AND " + condition);
  }

  HEWN_COLD void count_fitting(conversion& out, const std::string& before,
                               const std::string& changed) {
    if (!executor_->takes_writes()) {
      out.refused =
          "values do not fit the new type, and a connection that only reads cannot count "
          "them";
      return;
    }
    out.refused = attempt([&] {
      const std::string body = "BEGIN PERFORM " + cast("$1") +
                               "; RETURN true; EXCEPTION WHEN OTHERS THEN RETURN false; END";
      executor_->execute("CREATE FUNCTION pg_temp.hewn_fits(" + before +
                         ") RETURNS boolean LANGUAGE plpgsql AS " + quote_literal(body));
      const std::string misfits = "NOT pg_temp.hewn_fits(v)";
      out.unconvertible = number(misfits);
      out.unconvertible_samples = samples(misfits);
      // CASE, because the server is free to compute the other condition first.
      count_changed(out, "CASE WHEN pg_temp.hewn_fits(v) THEN " + changed + " END");
    });
  }

  std::int64_t number(const std::string& condition) {
    return std::stoll(text("SELECT count(*) FROM " + rows_ + " WHERE " + condition));
  }

  std::vector<std::string> samples(const std::string& condition) {
    std::vector<std::string> out;
    for (const text_row& row : executor_->query("SELECT k FROM " + rows_ + " WHERE " + condition +
                                                " LIMIT " + std::to_string(fact::max_samples)))
      if (row.at(0)) out.push_back(*row[0]);
    return out;
  }

  hewn::detail::connection<Driver>* connection_;
  hewn::schema_executor* executor_;
  std::string type_;
  std::string value_;
  std::string rows_;
  std::string way_back_ = {};  // the type before; empty: none
  bool digits_ = false;
};

}  // namespace hewn::postgres::detail
