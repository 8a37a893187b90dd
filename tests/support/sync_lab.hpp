// tests/support/sync_lab.hpp - a SQLite database on which plans are made and carried out.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sync/apply/apply.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/audit.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/plan/planner.hpp>

#include <support/plan_of.hpp>
#include <support/plan_words.hpp>
#include <support/raw_sqlite.hpp>

#include <sqlite3.h>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace support {

using list = std::vector<std::string>;

inline bool has(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

class sync_lab {
 public:
  explicit sync_lab(const std::string& sql, const std::string& path = ":memory:") : db(path) {
    db.run(sql);
    db.executed.clear();
  }

  /// Plans twice and requires the same plan both times, and that planning wrote nothing.
  hewn::plan plan(const hewn::wanted_schema& wanted,
                  const hewn::sync_policy& policy = hewn::policy::standard()) {
    const int before = sqlite3_total_changes(db.native());
    hewn::plan first = hewn::make_plan(db, wanted, policy);
    const hewn::plan second = hewn::make_plan(db, wanted, policy);
    CHECK(first.fingerprint() == second.fingerprint());
    CHECK(hewn::report(first) == hewn::report(second));
    CHECK(sqlite3_total_changes(db.native()) == before);
    return first;
  }

  hewn::plan plan(const std::string& sql, std::vector<hewn::intent> intents = {}) {
    return plan(declared(sql, std::move(intents)));
  }

  /// Everything that waits in `p`, approved with the losses that were counted.
  hewn::approval approve(const hewn::plan& p) {
    return hewn::approve({.plan = p.fingerprint(),
                          .from = p.from(),
                          .database = hewn::audit::find_identity(db).value_or(""),
                          .changes = p.pending(),
                          .approver = "ada",
                          .reason = "a test"});
  }

  /// Applies, and requires that nothing is left to do, no reference is broken that was not before
  /// and the file is sound.
  hewn::applied apply(const hewn::plan& p, hewn::sync_options options = {}) {
    const std::vector<std::string> broken = db.broken_references();
    const auto enforced = db.column("PRAGMA foreign_keys");
    hewn::applied done = hewn::apply(db, p, options);
    const hewn::plan rest = hewn::make_plan(db, hewn::without_once(p.wanted()), options.policy);
    INFO(hewn::report(rest));
    CHECK(rest.empty());
    for (const std::string& line : db.column("PRAGMA integrity_check"))
      if (!is_misread(line)) CHECK(line == "ok");
    // A key without a possible target hides the others of its table, until it is gone.
    if (std::none_of(broken.begin(), broken.end(),
                     [](const std::string& line) { return line.find("mismatch") != line.npos; }))
      CHECK(db.broken_references().size() <= broken.size());
    CHECK(db.column("PRAGMA foreign_keys") == enforced);
    return done;
  }

  hewn::applied apply_approved(const hewn::plan& p) {
    return apply(p, {.approvals = {approve(p)}});
  }

  hewn::applied sync(const std::string& sql, std::vector<hewn::intent> intents = {}) {
    const hewn::plan p = plan(sql, std::move(intents));
    INFO(hewn::report(p));
    return apply(p);
  }

  /// Requires that applying `p` is refused and leaves the database as it was, byte for byte.
  /// Returns what the refusal says.
  std::string refused(const hewn::plan& p, const hewn::sync_options& options = {}) {
    const std::string before = bytes();
    const auto enforced = db.column("PRAGMA foreign_keys");
    std::string message;
    try {
      hewn::apply(db, p, options);
    } catch (const hewn::error& e) {
      message = e.what();
    }
    CHECK(message.starts_with("hewn: "));
    CHECK((bytes() == before));
    CHECK(db.column("PRAGMA foreign_keys") == enforced);
    CHECK(sqlite3_get_autocommit(db.native()) == 1);
    return message;
  }

  /// The whole database as SQLite would write it to a file.
  std::string bytes() {
    sqlite3_int64 size = 0;
    unsigned char* const image = sqlite3_serialize(db.native(), "main", &size, 0);
    if (image == nullptr) throw hewn::error(hewn::errc::out_of_memory, "out of memory");
    std::string out(reinterpret_cast<const char*>(image), static_cast<std::size_t>(size));
    sqlite3_free(image);
    return out;
  }

  /// The rows of a query as lines, values separated by `|`.
  std::vector<std::string> rows(const std::string& sql) {
    std::vector<std::string> out;
    for (const hewn::text_row& row : db.query(sql)) {
      std::string line;
      for (const auto& value : row) line += (line.empty() ? "" : "|") + value.value_or("NULL");
      out.push_back(line);
    }
    return out;
  }

  raw_sqlite db;

 private:
  // SQLite 3.40 looks for values of tables WITHOUT ROWID in the wrong place when their key is not
  // their first column: `NULL value in t.a`.
  bool is_misread(const std::string& line) {
    const std::size_t at = line.find(" value in ");
    if (at == line.npos) return false;
    for (const std::string& table :
         db.column("SELECT name FROM pragma_table_list WHERE schema = 'main' AND wr"))
      if (line.compare(at + 10, table.size() + 1, table + '.') == 0) return true;
    return false;
  }
};

}  // namespace support
