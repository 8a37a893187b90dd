// hewn/sqlite/schema/computed_columns.hpp - whether new columns can be computed for every row.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite adds a column that is computed when it is read without computing it for the rows that are
// there. When that fails for one, no SELECT of the whole table works any more. Rows that are
// written later are no danger: SQLite computes the columns of those, and refuses them.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/read/create_table_reader.hpp>
#include <hewn/sqlite/client/named_functions.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/client/program_functions.hpp>
#include <hewn/sqlite/schema/validate.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite::detail {

/// The columns of the main database that are computed when they are read, at one moment.
class computed_columns {
 public:
  explicit computed_columns(sqlite3* db) : db_(db) {
    read([this](const std::string&, const std::string&, const std::string& identity) {
      known_.push_back(identity);
    });
  }

  /// `users.age cannot be computed for every row, because malformed JSON`, of a column that is new
  /// since then or computed otherwise; empty: all of them can. What was there stays the program's
  /// own trouble: a statement that mends a part of it must not be refused for the rest.
  /// `callable`: whether the functions of the program can be called on this connection; on a copy
  /// they cannot, and what mentions one is passed over. Cost: computes each such column.
  std::string problem_of_new(bool callable) const {
    std::vector<std::string> lent;
    if (!callable)
      lent = names(db_, "SELECT DISTINCT name FROM pragma_function_list WHERE builtin = 0");
    std::string out;
    read([&](const std::string& table, const std::string& column, const std::string& identity) {
      bool known = !out.empty() || mentions(identity, lent);
      for (const std::string& each : known_) known = known || each == identity;
      if (!known) out = problem_of(table, column);
    });
    return out;
  }

 private:
  // Calls `take(table, column, identity)`; the identity has the expression, too.
  template <class Take>
  void read(Take take) const {
    // A virtual table has no page, and asking for its columns would call its module.
    native_query columns(db_,
                         "SELECT t.name, t.sql, c.name, c.cid FROM main.sqlite_master AS t, "
                         "pragma_table_xinfo(t.name, 'main') AS c WHERE t.type = 'table' AND "
                         "t.rootpage <> 0 AND t.sql LIKE '%as%' AND c.hidden = 2 ORDER BY t.rowid");
    while (columns.step()) {
      const std::string table = columns.text(0);
      const std::string column = columns.text(2);
      const auto at = static_cast<std::size_t>(columns.number(3));
      const auto written = hewn::detail::read_create_table(columns.text(1)).table.columns;
      take(table, column,
           hewn::detail::concat({as_identifier(table), ".", as_identifier(column), " AS ",
                                 at < written.size() ? written[at].generated_text : ""}));
    }
  }

  std::string problem_of(const std::string& table, const std::string& column) const {
    try {
      native_query(db_, hewn::detail::concat({"SELECT count(", as_identifier(column),
                                              ") FROM main.", as_identifier(table)}))
          .step();
      return {};
    } catch (const error& failure) {
      switch (failure.native() & 0xff) {
        case SQLITE_ERROR:
        case SQLITE_TOOBIG:
        case SQLITE_MISMATCH:
        case SQLITE_RANGE:
          return hewn::detail::concat({table, ".", column,
                                       " cannot be computed for every row, because ",
                                       hewn::detail::without_frame(failure.what())});
        default:
          throw;
      }
    }
  }

  sqlite3* db_;
  std::vector<std::string> known_;
};

}  // namespace hewn::sqlite::detail
