// tests/support/online_lab.hpp - a PostgreSQL database that changes while others use it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/online.hpp>
#include <hewn/sync/online/online_phases.hpp>

#include <support/plan_words.hpp>
#include <support/postgres_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

namespace support {

/// What an online change makes of `notes`.
struct online_lab : postgres_lab {
  std::vector<hewn::schema::table> tables;
  std::vector<hewn::intent> intents;

  hewn::plan planned() { return plan(tables, intents); }
  hewn::online_phases phases(const hewn::plan& p) {
    return hewn::phases_of(p, hewn::detail::find_retyped(executor, p));
  }
  hewn::online_result change(const hewn::online_options& how = {}) {
    const hewn::plan p = planned();
    CAPTURE(hewn::report(p));
    CAPTURE(hewn::report(phases(p)));
    return hewn::change_online(executor, p, p, how);
  }
  std::vector<std::string> words() {
    std::vector<std::string> out;
    for (const hewn::online_phase& p : phases(planned()).phases)
      out.push_back(std::string(to_string(p.kind)) + " " + p.table +
                    (p.breaking ? " breaking" : ""));
    return out;
  }
  void check_done() {
    const hewn::plan again = planned();
    CHECK(hewn::report(again).find("no changes") != std::string::npos);
    check_nothing_left();
  }
  void check_nothing_left() {
    CHECK(hewn::online_status(executor).empty());
    CHECK(number("SELECT count(*) FROM pg_proc WHERE proname LIKE 'hewn\\_online%'") == 0);
    CHECK(number("SELECT count(*) FROM pg_trigger WHERE tgname LIKE '%hewn\\_online%'") == 0);
    CHECK(
        number("SELECT count(*) FROM pg_attribute WHERE attname LIKE 'hewn\\_online%' AND NOT "
               "attisdropped AND attrelid > 16384 AND attnum > 0 AND attrelid::regclass::text LIKE "
               "'notes'") == 0);
    CHECK(number("SELECT count(*) FROM pg_constraint WHERE conname LIKE 'hewn\\_online%' AND "
                 "contype = 'c' AND NOT convalidated") == 0);
    CHECK(number("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0);
    CHECK(number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0);
  }

  /// Adds a filled column that takes no NULL, an index, a check, a reference and a unique key.
  void want_everything() {
    hewn::schema::table teams{.name = "teams",
                              .columns = {postgres_key(), postgres_column("name", "text")}};
    apply({notes, teams});
    db.script(
        "INSERT INTO teams (name) VALUES ('t'); INSERT INTO notes (text) SELECT 'n' || n "
        "FROM generate_series(1, 400) AS g(n)");
    notes.columns.push_back(postgres_column("size", "bigint", true));
    notes.columns.push_back(postgres_column("team", "bigint"));
    notes.indexes = {{.name = "by_size", .parts = {{.text = "size"}}}};
    notes.checks = {{.name = "short", .text = "length(text) < 9"}};
    notes.unique_keys = {{.name = "one_text", .columns = {"text"}}};
    notes.foreign_keys = {{.name = "notes_team",
                           .columns = {"team"},
                           .target_table = "teams",
                           .target_columns = {"id"}}};
    tables = {notes, teams};
    intents = {backfilled("notes", "size", "length(text)")};
  }
};

}  // namespace support
