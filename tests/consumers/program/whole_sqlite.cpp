// tests/consumers/program/whole_sqlite.cpp - what hewn asks of a build of SQLite, in one program.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/listen.hpp>
#include <hewn/sqlite/pool.hpp>
#include <hewn/vector.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

void require(bool holds, const char* what) {
  if (holds) return;
  std::printf("does not hold: %s\n", what);
  std::exit(1);
}

struct team {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("teams").unique<&team::name>(); }
};

struct member {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  std::optional<std::string> fax = {};
  std::vector<std::int64_t> marks = {};
  hewn::timestamp created_at = {};
  static consteval auto table() {
    return hewn::table("members")
        .references<&member::team_id, &team::id>()
        .created<&member::created_at>();
  }
};

// The same table later: a CHECK, which costs a rebuild, and a column less.
struct shorter_member {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
  std::string name;
  std::vector<std::int64_t> marks = {};
  hewn::timestamp created_at = {};
  static consteval auto table() {
    return hewn::table("members")
        .references<&shorter_member::team_id, &team::id>()
        .length<&shorter_member::name>(1, 60)
        .dropped("fax")
        .created<&shorter_member::created_at>();
  }
};

struct row {
  std::int64_t id = 0;
  std::string name;
};

using hewn::col;

void write_and_read(hewn::sqlite::database& db) {
  const auto ops = db.insert(team{.name = "ops"});
  std::vector<member> many(300, member{.team_id = ops.id, .name = "x", .fax = "1"});
  for (std::size_t i = 0; i != many.size(); ++i) {
    many[i].name = "member " + std::to_string(i);
    many[i].marks = {1, 2, static_cast<std::int64_t>(i)};
  }
  db.insert_many(many);
  require(db.count<member>() == 300, "insert_many");
  auto first = db.get<member>(1);
  require(first.marks.size() == 3 && first.created_at != hewn::timestamp(), "get");
  first.name = "first";
  db.update(first);
  require(
      db.all(hewn::from<member>.where(col<&member::name>.in({"first", "member 7"}))).size() == 2,
      "an IN list");
  require(db.all(hewn::from<member>.where(col<&member::marks>.contains(7))).size() == 1,
          "a list in a column");
  const auto raw =
      db.all<row>(hewn::sql<"SELECT name, id FROM members WHERE id < ? ORDER BY id">, 3);
  require(raw.size() == 2 && raw[0].name == "first", "raw SQL");
  db.transaction([](auto& tx) {
    tx.insert(team{.name = "dev"});
    const auto undone = tx.try_transaction([](auto& inner) {
      inner.insert(team{.name = "none"});
      inner.insert(team{.name = "ops"});
    });
    require(!undone && undone.error().code() == hewn::errc::conflict &&
                undone.error().template is<&team::name>(),
            "a conflict in a savepoint");
  });
  require(db.count<team>() == 2, "a savepoint");
  const auto orphan = db.try_insert(member{.team_id = 99, .name = "y"});
  require(!orphan && orphan.error().is<&member::team_id>(), "a foreign key");
  const auto misspelt = db.try_all<row>(hewn::sql<"SELECT id, \"nmae\" AS name FROM members">);
  require(!misspelt, "a misspelt column is no text");
}

void change_the_schema(hewn::sqlite::database& db) {
  const hewn::plan plan = hewn::plan_sync<team, shorter_member>(db);
  require(!plan.pending().empty(), "the loss waits");
  const hewn::approval approval = hewn::approve(db, plan, "nobody faxes", {.approver = "ada"});
  int reports = 0;
  const auto done = hewn::apply_plan(
      db, plan, {.approvals = {approval}, .progress = [&](const auto&) { ++reports; }});
  require(std::filesystem::exists(done.backup), "a backup");
  require(reports != 0, "progress");
  require(db.count<shorter_member>() == 300, "the rows are there");
  require(hewn::plan_sync<team, shorter_member>(db).empty(), "the plan is done");
  auto saved = hewn::sqlite::open(done.backup, {.read_only = true});
  require(saved.count<member>() == 300, "the backup has the rows");
}

void migrate(hewn::sqlite::database& db) {
  std::filesystem::create_directory("migrations");
  const auto write = [](const char* name, const char* text) {
    std::FILE* const file = std::fopen(name, "w");
    std::fputs(text, file);
    std::fclose(file);
  };
  write("migrations/0001_places.sql",
        "-- up\nCREATE TABLE places (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n"
        "INSERT INTO places (name) VALUES ('a'), ('b');\n-- down\nDROP TABLE places;\n");
  write("migrations/0002_name.sql",
        "-- up\nALTER TABLE places RENAME COLUMN name TO label;\n-- down\n"
        "ALTER TABLE places RENAME COLUMN label TO name;\n");
  hewn::migrator migrations(db, hewn::migrations_in("migrations"));
  migrations.up();
  require(db.one<std::int64_t>(hewn::sql<"SELECT count(label) FROM places">) == 2, "migrations");
  migrations.down();
}

void serve(const std::string& path) {
  auto pool = hewn::sqlite::open_pool(path, {.size = 3});
  hewn::listener inbox = hewn::listen(pool);
  std::vector<std::int64_t> changed;
  inbox.on<team>([&](const hewn::row_change& c) {
    if (c.key) changed.push_back(*c.key);
  });
  std::vector<std::thread> threads;
  for (int i = 0; i != 4; ++i)
    threads.emplace_back([&, i] {
      for (int k = 0; k != 10; ++k) {
        pool.write([&](auto& db) {
          db.insert(team{.name = std::to_string(i) + "/" + std::to_string(k)});
        });
        pool.read([](auto& db) { return db.template count<team>(); });
      }
    });
  for (std::thread& t : threads) t.join();
  while (changed.size() < 40 && inbox.wait(std::chrono::seconds(10)) != 0) {
  }
  require(changed.size() == 40, "a listener");
}

}  // namespace

int main() {
  const std::string path = "whole.db";
  {
    auto db = hewn::sqlite::open(path);
    hewn::sync<team, member>(db);
    write_and_read(db);
    change_the_schema(db);
    migrate(db);
  }
  serve(path);
  auto memory = hewn::sqlite::open(":memory:");
  hewn::sync<team, member>(memory);
  memory.insert(team{.name = "built by a consumer"});
  for (const team& each : memory.each(hewn::from<team>)) std::printf("%s\n", each.name.c_str());
}
