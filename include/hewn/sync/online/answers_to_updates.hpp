// hewn/sync/online/answers_to_updates.hpp - triggers and rules that are to sleep while rows get
// their values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sync/approval/identity.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/online/own_schema.hpp>

#include <string>
#include <string_view>

namespace hewn::detail {

/// How answers_to_updates() calls those that no session can put to sleep.
inline constexpr std::string_view always = "always enabled ";

/// The triggers and rules of the table that would change other values besides, or keep an UPDATE
/// from rows, as a person calls them; empty: none. Those of hewn::listen only announce it.
HEWN_COLD inline std::string answers_to_updates(schema_executor& in, const std::string& table) {
  const std::string oid = own_schema::here("to_regclass", quote_identifier(table));
  std::string out;
  for (const text_row& row : in.query(
           concat({"SELECT CASE tgenabled WHEN 'A' THEN 'always enabled ' ELSE '' END || 'trigger "
                   "' || tgname FROM pg_catalog.pg_trigger WHERE NOT "
                   "tgisinternal AND tgenabled IN ('O', 'A') AND tgtype & 16 <> 0 AND tgname "
                   "NOT LIKE 'hewn\\_announce\\_%' AND ltrim(tgname, '~') NOT LIKE "
                   "'hewn\\_online\\_%' AND "
                   "tgrelid = ",
                   oid,
                   " UNION ALL SELECT CASE ev_enabled WHEN 'A' THEN 'always enabled ' ELSE '' END "
                   "|| 'rule ' || rulename FROM pg_catalog.pg_rewrite WHERE "
                   "ev_enabled IN ('O', 'A') AND ev_type = '2' AND ev_class = ",
                   oid})))
    append_separated(out, ", ", {audit::detail::required(row, 0)});
  return out;
}

/// The constraints of the column whose checks are triggers of the server's own, as a list; empty:
/// none. References are, and keys that are deferrable.
HEWN_COLD inline std::string checks_that_sleep(schema_executor& in, const std::string& table,
                                               const std::string& column) {
  std::string out;
  for (const text_row& row : in.query(concat(
           {"SELECT DISTINCT conname FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_attribute "
            "a ON a.attrelid = k.conrelid AND (a.attnum = ANY (k.conkey) OR k.contype = 'x') WHERE "
            "(k.contype = 'f' OR k.contype IN ('p', 'u', 'x') AND k.condeferrable) AND a.attname "
            "= ",
            quote_literal(column), " AND k.conrelid = ",
            own_schema::here("to_regclass", quote_identifier(table)), " ORDER BY conname"})))
    append_separated(out, ", ", {audit::detail::required(row, 0)});
  return out;
}

/// Until the transaction ends they sleep for this session, and for no other. `what`: as above.
/// Throws: usage where the role may not do that, one of them is enabled ALWAYS, or a check of
/// `column` would sleep as well.
HEWN_COLD inline void put_to_sleep(schema_executor& in, const std::string& table,
                                   const std::string& column, const std::string& what) {
  const auto refuse = [&](std::string_view why) {
    throw error(
        error_details{.code = errc::usage,
                      .message = concat({"hewn: an online change of ", table, " would fire its ",
                                         what, ", ", why, ", or fill the column by sync"}),
                      .table = table});
  };
  if (what.find(always) != what.npos) refuse("which sleeps for no session; ENABLE it otherwise");
  if (const std::string checks = checks_that_sleep(in, table, column); !checks.empty())
    refuse(
        concat({"which cannot sleep without the check of ", checks, "; disable it for that time"}));
  try {
    in.ask("SELECT pg_catalog.set_config('session_replication_role', 'replica', true)");
  } catch (const error& failure) {
    if (failure.code() != errc::cannot_open) throw;
    refuse(
        "which this role may not switch off for its session; GRANT SET ON PARAMETER "
        "session_replication_role to it");
  }
}

}  // namespace hewn::detail
