// hewn/postgres/schema/undisturbed_update.hpp - an UPDATE that nothing answers to.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sync/model/executor.hpp>

#include <string>
#include <string_view>

namespace hewn::postgres::detail {

/// Runs `sql`, an UPDATE of `table`, as ALTER TABLE gives rows their values: triggers and rules of
/// the table would change other values besides, or keep it from rows. Those that hewn::listen has
/// made go on to announce it.
HEWN_COLD inline void update_undisturbed(hewn::schema_executor& in, std::string_view table,
                                         std::string_view sql) {
  const std::string name = quote_identifier(std::string(table), dialect::postgres);
  const std::string oid = quote_literal(name) + "::pg_catalog.regclass";
  // The bit of UPDATE is the fourth.
  const auto disturbing = in.query(
      "SELECT 'TRIGGER ' || pg_catalog.quote_ident(tgname), tgenabled::text FROM "
      "pg_catalog.pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D' AND tgtype & 16 <> 0 AND "
      "tgname NOT LIKE 'hewn\\_announce\\_%' AND tgrelid = " +
      oid +
      " UNION ALL SELECT 'RULE ' || pg_catalog.quote_ident(rulename), ev_enabled::text FROM "
      "pg_catalog.pg_rewrite WHERE ev_enabled <> 'D' AND ev_type = '2' AND ev_class = " +
      oid);
  const auto turn = [&](const std::string& how, const text_row& what) {
    in.execute("ALTER TABLE " + name + " " + how + " " + what.at(0).value());
  };
  for (const text_row& each : disturbing) turn("DISABLE", each);
  in.execute(sql);
  for (const text_row& each : disturbing)
    turn(each.at(1) == "A"   ? "ENABLE ALWAYS"
         : each.at(1) == "R" ? "ENABLE REPLICA"
                             : "ENABLE",
         each);
}

}  // namespace hewn::postgres::detail
