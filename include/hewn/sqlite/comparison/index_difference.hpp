// hewn/sqlite/comparison/index_difference.hpp - what a full-text index without texts has lost.
// SPDX-License-Identifier: BSL-1.0
//
// Such an index holds which words stand where in which document. FTS5 shows that by fts5vocab.
#pragma once

#include <hewn/dialect/text/quote.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/comparison/row_difference.hpp>
#include <hewn/sqlite/comparison/stored_tables.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <string>

namespace hewn::sqlite::detail {

class index_comparison {
 public:
  index_comparison(sqlite3* was, sqlite3* is, row_comparison& rows)
      : was_(was), is_(is), rows_(&rows) {}
  index_comparison(const index_comparison&) = delete;
  index_comparison& operator=(const index_comparison&) = delete;
  ~index_comparison() {
    for (sqlite3* const db : {was_, is_})
      sqlite3_exec(db, "DROP TABLE IF EXISTS temp.hewn_words", nullptr, nullptr, nullptr);
  }

  /// `entries` and `later` are the `_docsize` tables of `before` and `after`, one row per document.
  /// A document that has lost a word has lost the text of that column. Order: once.
  row_difference compare(const stored_table& before, const stored_table& entries,
                         const stored_table& after, const stored_table& later) {
    rows_->bring(content_of(was_, before, entries));
    const std::string lost =
        "WITH lost(term, doc, col, place, size) AS MATERIALIZED (SELECT c0, c1, c2, c3, c4 FROM "
        "temp.hewn_was EXCEPT " +
        content_of(is_, after, later) + ") ";
    const std::string stays = " doc IN (SELECT " + quoted(later.columns.front()) + " FROM main." +
                              quoted(later.name) + ")";
    native_query counted(
        is_, lost + "SELECT 'rows', NULL, count(*) FROM lost WHERE term IS NULL AND NOT" + stays +
                 " UNION ALL SELECT 'text', col, count(DISTINCT doc) FROM lost WHERE col IS NOT "
                 "NULL AND" +
                 stays +
                 " GROUP BY col"
                 // Words without a column, and documents that are others by their size alone.
                 " UNION ALL SELECT 'other', NULL, count(*) FROM lost WHERE col IS NULL AND" +
                 stays + " AND doc NOT IN (SELECT doc FROM lost WHERE col IS NOT NULL)");
    row_difference out;
    while (counted.step()) {
      const std::int64_t count = counted.number(2);
      if (counted.text(0) == "rows") out.rows = count;
      if (counted.text(0) == "text") out.columns.push_back({counted.text(1), 0, 0, count});
      if (counted.text(0) == "other") out.unclear = count != 0;
    }
    return out;
  }

 private:
  static std::string quoted(const std::string& name) {
    std::string out;
    hewn::append_identifier(out, name);
    return out;
  }

  // Every occurrence of a word, and every document with the rest of its entry.
  static std::string content_of(sqlite3* db, const stored_table& index,
                                const stored_table& entries) {
    std::string sql;
    if (index.module == "fts5") {
      std::string name;
      hewn::detail::append_quoted(name, index.name, '\'');
      run(db,
          "DROP TABLE IF EXISTS temp.hewn_words; CREATE VIRTUAL TABLE temp.hewn_words USING "
          "fts5vocab(main, " +
              name + ", instance)");
      sql = "SELECT term, doc, col, offset, NULL FROM temp.hewn_words UNION ALL ";
    }
    sql += "SELECT NULL, " + quoted(entries.columns.front()) + ", NULL, NULL, ''";
    for (std::size_t i = 1; i != entries.columns.size(); ++i)
      sql += " || quote(" + quoted(entries.columns[i]) + ")";
    return "SELECT * FROM (" + sql + " FROM main." + quoted(entries.name) + ")";
  }

  sqlite3* was_;
  sqlite3* is_;
  row_comparison* rows_;
};

}  // namespace hewn::sqlite::detail
