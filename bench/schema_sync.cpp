// bench/schema_sync.cpp - what planning costs, and a rebuild against the same statements by hand.
// SPDX-License-Identifier: BSL-1.0
#include "bench/options.hpp"
#include "bench/table.hpp"
#include "bench/temporary_folder.hpp"

#include <hewn/sqlite/schema/native_executor.hpp>
#include <hewn/sync/apply/apply.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace {

constexpr int tables = 100;
constexpr int columns = 20;
constexpr int rows = 500'000;
constexpr int repetitions = 5;

class database {
 public:
  explicit database(const std::string& path) {
    if (sqlite3_open(path.c_str(), &db_) != SQLITE_OK) std::exit(1);
  }
  database(const database&) = delete;
  database& operator=(const database&) = delete;
  ~database() { sqlite3_close(db_); }

  sqlite3* native() const { return db_; }

  void run(const std::string& sql) const {
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return;
    std::fprintf(stderr, "bench: %s\n", sqlite3_errmsg(db_));
    std::exit(1);
  }

 private:
  sqlite3* db_ = nullptr;
};

double milliseconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string wide_schema() {
  std::string sql;
  for (int t = 0; t != tables; ++t) {
    const std::string name = "table_" + std::to_string(t);
    sql += "CREATE TABLE " + name + " (id INTEGER PRIMARY KEY";
    for (int c = 1; c != columns; ++c)
      sql += ", column_" + std::to_string(c) +
             (c % 3 == 0 ? " INTEGER" : " TEXT NOT NULL DEFAULT 'x'");
    sql += ", CONSTRAINT short CHECK (length(column_5) < 100)";
    if (t != 0)
      sql += ", FOREIGN KEY (column_3) REFERENCES table_" + std::to_string(t - 1) + " (id)";
    sql += "); CREATE INDEX " + name + "_1 ON " + name + " (column_1);";
  }
  return sql;
}

double plan_without_changes() {
  const database db(":memory:");
  db.run(wide_schema());
  hewn::sqlite::native_executor executor(db.native());
  hewn::wanted_schema wanted{.schema = executor.introspect()};
  wanted.schema.sources.clear();  // as from structs: to be normalised first
  std::vector<double> times;
  for (int i = 0; i != repetitions; ++i)
    times.push_back(milliseconds([&] {
      if (!hewn::make_plan(executor, wanted).empty()) std::exit(1);
    }));
  return median(times);
}

constexpr const char* definition =
    "(id INTEGER PRIMARY KEY, name TEXT, description TEXT, temperature REAL, environment_id "
    "INTEGER DEFAULT %d, created_at INTEGER)";

std::string defined(int value) {
  char text[256];
  std::snprintf(text, sizeof text, definition, value);
  return text;
}

void fill(const database& db) {
  db.run(
      "DROP TABLE IF EXISTS hewn_audit; DROP TABLE IF EXISTS hewn_identity;"
      "DROP TABLE IF EXISTS agents; PRAGMA journal_mode = WAL; CREATE TABLE agents " +
      defined(1) +
      "; CREATE INDEX agents_environment ON agents (environment_id);"
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " +
      std::to_string(rows) +
      ") INSERT INTO agents SELECT i, 'agent ' || i, 'what the agent ' || i || ' is for, in some "
      "words', i / 3.0, i % 1000, i * 7 FROM n; PRAGMA wal_checkpoint(TRUNCATE)");
}

double by_hand(const database& db) {
  fill(db);
  return milliseconds([&] {
    db.run("BEGIN IMMEDIATE; CREATE TABLE fresh " + defined(2) +
           "; INSERT INTO fresh SELECT id, name, description, temperature, environment_id, "
           "created_at FROM agents; DROP TABLE agents; ALTER TABLE fresh RENAME TO agents;"
           "CREATE INDEX agents_environment ON agents (environment_id); COMMIT");
  });
}

double by_sync(const database& db, const hewn::sync_options& how = {}) {
  fill(db);
  hewn::sqlite::native_executor executor(db.native());
  const database other(":memory:");
  other.run("CREATE TABLE agents " + defined(2));
  hewn::wanted_schema wanted{.schema = hewn::sqlite::introspect(other.native())};
  wanted.schema.sources.clear();
  return milliseconds([&] { hewn::apply(executor, hewn::make_plan(executor, wanted), how); });
}

}  // namespace

int main(int argc, char** argv) {
  const bench::options given(argc, argv, {"json"});
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  bench::json_list json;
  const bench::table out({{"", -44}, {"hewn, ms", 10}, {"by hand, ms", 12}, {"", -20}});

  const double planning = plan_without_changes();
  out.row({"plan, 100 tables of 20 columns, no change", bench::with_target(planning, none, "%.1f"),
           "-", bench::with_target(planning, 150, "%.0f")});
  json.object("sync-plan");
  json.number("milliseconds", planning);

  const database db(bench::fresh_database("rebuild.db"));
  std::vector<double> ours;
  std::vector<double> theirs;
  std::vector<double> ratios;
  std::vector<double> watched;
  std::vector<double> watched_ratios;
  std::int64_t told = 0;
  const hewn::sync_options watching{
      .progress = [&told](const hewn::sync_progress& now) { told += now.rows > 0; }};
  for (int i = 0; i != repetitions; ++i) {
    theirs.push_back(by_hand(db));
    ours.push_back(by_sync(db));
    ratios.push_back(ours.back() / theirs.back());
    watched.push_back(by_sync(db, watching));
    watched_ratios.push_back(watched.back() / theirs.back());
  }
  out.row({"rebuild of 500,000 rows, planning included", bench::formatted(median(ours), "%.0f"),
           bench::formatted(median(theirs), "%.0f"),
           bench::with_target(median(ratios), 1.15, "%.3f")});
  json.object("sync-rebuild");
  json.number("ratio_time", median(ratios));
  if (told == 0) return 1;
  out.row({"the same, with its progress told", bench::formatted(median(watched), "%.0f"),
           bench::formatted(median(theirs), "%.0f"),
           bench::with_target(median(watched_ratios), 1.15, "%.3f")});
  json.object("sync-rebuild-watched");
  json.number("ratio_time", median(watched_ratios));
  return json.write(given.path("json")) ? 0 : 1;
}
