// tests/support/sync_scenario.hpp - what scenarios of schema changes are held against.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/plan/plan.hpp>
#include <hewn/sync/plan/verdicts.hpp>

#include <support/failure.hpp>
#include <support/sync_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// Everything that a database holds, as lines: the schema as written, and every row with its rowid
/// and the storage class of its values.
inline std::vector<std::string> dump(raw_sqlite& db) {
  std::vector<std::string> out;
  for (const hewn::text_row& object :
       db.query("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"))
    out.push_back(object[0].value() + ' ' + object[1].value() + ' ' + object[2].value() + ' ' +
                  object[3].value_or(""));
  for (const hewn::text_row& table :
       db.query("SELECT name, wr FROM pragma_table_list WHERE schema = 'main' AND type = 'table' "
                "AND name <> 'sqlite_schema' ORDER BY name")) {
    const bool has_rowid = table[1] == "0";
    std::string values = has_rowid ? "rowid" : "''";
    for (const std::string& c : db.column("SELECT name FROM pragma_table_xinfo(" +
                                          hewn::quote_literal(table[0].value()) + ")"))
      values += " || '|' || quote(" + hewn::quote_identifier(c) + ")";
    std::vector<std::string> rows =
        db.column("SELECT " + values + " FROM " + hewn::quote_identifier(table[0].value()));
    std::sort(rows.begin(), rows.end());
    for (const std::string& row : rows) out.push_back(table[0].value() + ": " + row);
  }
  return out;
}

/// The only change of this kind in `p`.
inline hewn::change the_change(const hewn::plan& p, hewn::change_kind kind) {
  INFO(hewn::report(p));
  const auto is = [kind](const hewn::change& c) { return c.kind == kind; };
  REQUIRE(std::count_if(p.changes().begin(), p.changes().end(), is) == 1);
  return *std::find_if(p.changes().begin(), p.changes().end(), is);
}

/// What was counted and is not none: `1 value does not fit the new type: id=3`.
inline std::vector<std::string> facts_of(const hewn::change& c) {
  std::vector<std::string> out;
  for (const hewn::fact& f : c.facts)
    if (f.count != 0) out.push_back(hewn::detail::with_samples(f));
  return out;
}

/// Applies, requires that it fails, that nothing was executed for it and that all is as before.
inline hewn::error refusal_of(sync_lab& lab, const hewn::plan& p,
                              const hewn::sync_options& options = {}) {
  const std::vector<std::string> before = dump(lab.db);
  const std::vector<std::string> enforced = lab.db.column("PRAGMA foreign_keys");
  const hewn::error failure = failure_of([&] { hewn::apply(lab.db, p, options); });
  CHECK(dump(lab.db) == before);
  CHECK(lab.db.column("PRAGMA foreign_keys") == enforced);
  CHECK(sqlite3_get_autocommit(lab.db.native()) != 0);
  return failure;
}

}  // namespace support
