// tests/sync/scenario_crash_test.cpp - a process that is killed while it changes a schema.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/apply/apply.hpp>

#include <support/sync_lab.hpp>
#include <support/temporary_file.hpp>

#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <csignal>
#include <cstddef>
#include <string>
#include <vector>

using namespace support;

namespace {

const std::string live =
    "CREATE TABLE x (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, gone TEXT);"
    "CREATE TABLE y (x INTEGER REFERENCES x ON DELETE CASCADE, t TEXT);"
    "CREATE INDEX by_name ON x (name); CREATE VIEW v AS SELECT name FROM x;"
    "CREATE TRIGGER g AFTER INSERT ON y BEGIN UPDATE x SET name = name WHERE id = NEW.x; END;"
    "INSERT INTO x VALUES (1, 'a', NULL), (4, 'b', NULL);"
    "INSERT INTO y VALUES (1, 'p'), (4, 'q'), (NULL, 'r');";

hewn::wanted_schema wanted() {
  return support::declared(
      "CREATE TABLE x (id INTEGER PRIMARY KEY AUTOINCREMENT, label TEXT NOT NULL);"
      "CREATE TABLE y (x INTEGER REFERENCES x ON DELETE CASCADE, t TEXT NOT NULL);"
      "CREATE TABLE z (id INTEGER PRIMARY KEY); CREATE INDEX by_t ON y (t);",
      {renamed_column("x", "name", "label"), dropped_column("x", "gone")});
}

enum class end { before_commit, at_commit, after_commit };

[[noreturn]] void die() {
  std::raise(SIGKILL);
  _exit(1);
}

int kill_at_commit(void*) { die(); }

/// Applies the plan in a process of its own that is killed before step `at`, or when all are done.
void apply_and_die(const std::string& path, std::size_t at, end when) {
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    try {
      support::raw_sqlite db(path);
      const hewn::plan p = hewn::make_plan(db, wanted());
      if (when == end::at_commit) sqlite3_commit_hook(db.native(), &kill_at_commit, nullptr);
      hewn::apply(db, p, {.progress = [&](const hewn::sync_progress& now) {
                    if (when == end::before_commit && now.done == at) die();
                  }});
      if (when == end::after_commit) die();
    } catch (...) {
      _exit(2);
    }
    _exit(3);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(WTERMSIG(status) == SIGKILL);
}

}  // namespace

TEST_CASE("a process that is killed leaves the old schema or the new one", "[s43]") {
  for (const char* journal : {"WAL", "DELETE"}) {
    INFO(journal);
    const temporary_file file("s43.db");
    std::size_t steps = 0;
    std::string before;
    std::string after;
    {
      sync_lab lab("PRAGMA journal_mode = " + std::string(journal) + ";" + live, file.path);
      const hewn::plan p = lab.plan(wanted());
      REQUIRE(p.pending().empty());
      REQUIRE(p.moves_rows());
      steps = p.steps().size();
      before = p.from();
      after = p.to();
    }
    REQUIRE(steps > 10);
    for (std::size_t at = 0; at != steps + 2; ++at) {
      INFO("killed before step " << at);
      const end when = at < steps    ? end::before_commit
                       : at == steps ? end::at_commit
                                     : end::after_commit;
      apply_and_die(file.path, at, when);
      sync_lab lab("", file.path);
      const bool done = when == end::after_commit;
      CHECK(lab.rows("SELECT * FROM pragma_integrity_check") == list{"ok"});
      CHECK(lab.rows("SELECT * FROM pragma_foreign_key_check").empty());
      CHECK(lab.rows("SELECT * FROM x") ==
            (done ? list{"1|a", "4|b"} : list{"1|a|NULL", "4|b|NULL"}));
      CHECK(lab.rows("SELECT * FROM y") == list{"1|p", "4|q", "NULL|r"});
      CHECK(lab.rows("SELECT * FROM v") == list{"a", "b"});
      const hewn::plan p = hewn::make_plan(lab.db, wanted());
      CHECK(p.empty() == done);
      CHECK(p.from() == (done ? after : before));
    }
    sync_lab lab("INSERT INTO x (label) VALUES ('c')", file.path);
    CHECK(lab.rows("SELECT max(id) FROM x") == list{"5"});
  }
}
