// hewn/dialect/write/time_trigger.hpp - the trigger of a table whose updates the database dates.
// SPDX-License-Identifier: BSL-1.0
//
// Of updated<>(hewn::in_database). It leaves an update alone that gives the row another time, as
// those of hewn do.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/digest.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

inline constexpr std::string_view time_trigger_prefix = "hewn_updated_";

/// Whether the name is that of a trigger of hewn's. Sync drops and replaces those, and no others.
constexpr bool is_time_trigger(std::string_view name) {
  return same_word(name.substr(0, time_trigger_prefix.size()), time_trigger_prefix);
}

/// One name on both databases. PostgreSQL would cut a longer one.
inline std::string time_trigger_name(std::string_view table, std::string_view column) {
  std::string name = concat({time_trigger_prefix, table, "_", column});
  if (name.size() <= postgres_name_limit) return name;
  return concat({time_trigger_prefix, sha256_hex(name).substr(0, 32)});
}

/// The time of the statement. That of the transaction, which is the DEFAULT, may lie before a time
/// that hewn has written in the same transaction.
inline std::string time_of_statement(std::string clock) {
  const auto replace = [&clock](std::string_view from, std::string_view to) {
    if (const std::size_t at = clock.find(from); at != clock.npos)
      clock.replace(at, from.size(), to);
  };
  replace("CURRENT_TIMESTAMP", "pg_catalog.clock_timestamp()");
  replace("date_trunc", "pg_catalog.date_trunc");
  return clock;
}

/// PostgreSQL: the trigger with a function of this body. The condition is as the server writes it.
inline schema::time_trigger postgres_time_trigger(std::string name, std::string_view table,
                                                  std::string_view column, std::string_view body) {
  std::string quoted, field, of;
  append_identifier(quoted, name);
  append_identifier(field, column);
  append_identifier(of, table);
  schema::time_trigger t;
  t.function = concat({"CREATE OR REPLACE FUNCTION ", quoted,
                       "() RETURNS trigger LANGUAGE plpgsql AS\n", quote_literal(body)});
  t.sql =
      concat({"CREATE TRIGGER ", quoted, " BEFORE UPDATE ON ", of, "\nFOR EACH ROW WHEN (NOT new.",
              field, " IS DISTINCT FROM old.", field, ")\nEXECUTE FUNCTION ", quoted, "()"});
  t.name = std::move(name);
  return t;
}

/// SQLite: the trigger, which finds the row by its key. What it sets is never what was there, so
/// that it does not set itself off where triggers are recursive: SQLite has one time per statement.
inline schema::time_trigger sqlite_time_trigger(std::string name, std::string_view table,
                                                const std::vector<std::string>& key,
                                                std::string_view column, std::string_view clock) {
  std::string field, of;
  append_identifier(field, column);
  append_identifier(of, table);
  std::string sql = "CREATE TRIGGER ";
  append_identifier(sql, name);
  append(sql, {" AFTER UPDATE ON ", of, "\nWHEN NEW.", field, " IS OLD.", field, " AND NEW.", field,
               " IS NOT ", clock, "\nBEGIN\n  UPDATE ", of, " SET ", field, " = ", clock});
  const char* separator = "\n    WHERE ";
  for (const std::string& part : key) {
    std::string k;
    append_identifier(k, part);
    append(sql, {separator, k, " = NEW.", k});
    separator = " AND ";
  }
  sql += ";\nEND";
  return {.name = std::move(name), .sql = std::move(sql)};
}

/// The trigger that sets `column` to `clock`, the DEFAULT of created<>(hewn::in_database).
inline schema::time_trigger make_time_trigger(std::string_view table,
                                              const std::vector<std::string>& key,
                                              std::string_view column, std::string clock,
                                              dialect d) {
  std::string name = time_trigger_name(table, column);
  if (d == dialect::sqlite) return sqlite_time_trigger(std::move(name), table, key, column, clock);
  std::string body = "BEGIN NEW.";
  append_identifier(body, column);
  append(body, {" := ", time_of_statement(std::move(clock)), "; RETURN NEW; END"});
  return postgres_time_trigger(std::move(name), table, column, body);
}

}  // namespace hewn::detail
