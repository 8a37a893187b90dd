// hewn/sqlite/schema/statistics.hpp - what ANALYZE has found out, for tables that are made anew.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/quote.hpp>
#include <hewn/sqlite/client/native_query.hpp>

#include <sqlite3.h>

#include <string>
#include <vector>

namespace hewn::sqlite::detail {

/// Notices which tables have statistics. With a table that is dropped they are gone, and SQLite
/// chooses its indexes worse from then on without a word.
class statistics {
 public:
  explicit statistics(sqlite3* db) : db_(db), tables_(analysed()) {}

  /// Makes new ones for tables that have lost theirs and are there. Inside the transaction, so that
  /// nobody meets the tables without. Cost: reads `limit` entries of each index, unless the program
  /// has set another limit.
  void renew() const {
    if (tables_.empty()) return;
    const std::vector<std::string> still = analysed();
    for (const std::string& table : tables_)
      if (!contains(still, table) && is_table(table)) analyse(table);
  }

  /// Source: https://sqlite.org/lang_analyze.html recommends 100 to 1000.
  static constexpr int limit = 1000;

 private:
  std::vector<std::string> analysed() const {
    std::vector<std::string> out;
    {
      native_query any(db_, "SELECT 1 FROM main.sqlite_master WHERE name = 'sqlite_stat1'");
      if (!any.step()) return out;
    }
    native_query rows(db_, "SELECT DISTINCT tbl FROM main.sqlite_stat1 WHERE tbl IS NOT NULL");
    while (rows.step()) out.push_back(rows.text(0));
    return out;
  }

  static bool contains(const std::vector<std::string>& all, const std::string& one) {
    for (const std::string& each : all)
      if (each == one) return true;
    return false;
  }

  bool is_table(const std::string& name) const {
    native_query rows(db_, "SELECT 1 FROM main.sqlite_master WHERE type = 'table' AND name = ?1");
    rows.bind(1, name);
    return rows.step();
  }

  void analyse(const std::string& table) const {
    const bounded_analysis bounded(db_);
    run(db_, "ANALYZE main." + quote_identifier(table));
  }

  // The program's own limit counts.
  class bounded_analysis {
   public:
    explicit bounded_analysis(sqlite3* db)
        : db_(db), bounds_(first_text(db, "PRAGMA analysis_limit") == "0") {
      if (bounds_) run(db_, "PRAGMA analysis_limit = " + std::to_string(limit));
    }
    bounded_analysis(const bounded_analysis&) = delete;
    bounded_analysis& operator=(const bounded_analysis&) = delete;
    // Should it fail for want of memory, the next ANALYZE is quicker and less exact.
    ~bounded_analysis() {
      if (bounds_) sqlite3_exec(db_, "PRAGMA analysis_limit = 0", nullptr, nullptr, nullptr);
    }

   private:
    sqlite3* db_;
    bool bounds_;
  };

  sqlite3* db_;
  std::vector<std::string> tables_;
};

}  // namespace hewn::sqlite::detail
