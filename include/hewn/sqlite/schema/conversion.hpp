// hewn/sqlite/schema/conversion.hpp - what a column of another type would make of values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/affinity.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/schema/scratch.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/fact.hpp>

#include <sqlite3.h>

#include <string>
#include <string_view>

namespace hewn::sqlite {

namespace detail {

/// Stores values in a column of the type in question, in a database in memory, and looks at what
/// came out: SQLite's own conversion, and nothing is written to the user's database. Values that
/// the type keeps as they are never get there.
class conversion_probe {
 public:
  using conversion = hewn::schema_executor::conversion;

  explicit conversion_probe(std::string_view type)
      : affinity_(hewn::detail::affinity_of(type)),
        numbers_only_(hewn::detail::expects_numbers(type)) {
    run(scratch_.native(),
        std::string("CREATE TABLE probe (before, after ") + declared() + ", key)");
    run(scratch_.native(), "BEGIN");
  }

  conversion count(native_query& rows) {
    native_query insert(scratch_.native(), "INSERT INTO probe VALUES (?1, ?1, ?2)");
    int waiting = 0;
    while (rows.step()) {
      if (keeps(rows.type(0))) continue;
      insert.bind(1, rows.value(0));
      insert.bind(2, rows.value(1));
      insert.step();
      // So that memory does not grow with the table.
      if (++waiting == batch) {
        classify();
        waiting = 0;
      }
    }
    classify();
    return result_;
  }

 private:
  static constexpr int batch = 1000;

  bool keeps(int storage) const {
    using hewn::detail::affinity;
    switch (storage) {
      case SQLITE_NULL:
        return true;
      case SQLITE_INTEGER:
        return affinity_ == affinity::integer || affinity_ == affinity::numeric ||
               affinity_ == affinity::blob;
      case SQLITE_FLOAT:
        return affinity_ == affinity::real || affinity_ == affinity::blob;
      case SQLITE_TEXT:
        return affinity_ == affinity::text || affinity_ == affinity::blob;
      default:
        return affinity_ == affinity::blob;
    }
  }

  // The type as such may be any text.
  const char* declared() const {
    using hewn::detail::affinity;
    switch (affinity_) {
      case affinity::integer:
        return "INTEGER";
      case affinity::real:
        return "REAL";
      case affinity::numeric:
        return "NUMERIC";
      case affinity::text:
        return "TEXT";
      default:
        return "";
    }
  }

  // What fits. A date in a column of dates is no number and none is expected there.
  const char* held() const {
    using hewn::detail::affinity;
    if (!numbers_only_ && affinity_ != affinity::text) return "('integer', 'real', 'text', 'blob')";
    switch (affinity_) {
      case affinity::integer:
        return "('integer')";
      case affinity::real:
        return "('real')";
      case affinity::numeric:
        return "('integer', 'real')";
      case affinity::text:
        return "('text')";
      default:
        return "('integer', 'real', 'text', 'blob')";
    }
  }

  // A number in text is unchanged when it is spelt as SQLite would spell it; 12 is no other value
  // than 12.0. A number made text is unchanged when the text leads back to it.
  void classify() {
    sqlite3* const db = scratch_.native();
    native_query verdicts(
        db, std::string("SELECT CASE WHEN typeof(after) NOT IN ") + held() +
                " THEN 1 WHEN typeof(before) = typeof(after) THEN 0"
                " WHEN typeof(before) = 'text' THEN"
                " 2 * (CAST(after AS TEXT) <> before AND (typeof(after) = 'integer' OR"
                " CAST(CAST(before AS INTEGER) AS TEXT) <> before OR"
                " CAST(before AS INTEGER) <> after))"
                " WHEN typeof(after) = 'text' AND typeof(before) = 'integer' THEN"
                " 2 * (CAST(after AS INTEGER) <> before)"
                " WHEN typeof(after) = 'text' THEN 2 * (CAST(after AS REAL) <> before)"
                " ELSE 2 * (before <> after) END, key FROM probe ORDER BY rowid");
    while (verdicts.step()) {
      const auto verdict = verdicts.number(0);
      if (verdict == 0) continue;
      ++(verdict == 1 ? result_.unconvertible : result_.changed);
      auto& samples = verdict == 1 ? result_.unconvertible_samples : result_.changed_samples;
      if (samples.size() < fact::max_samples) samples.push_back(verdicts.text(1));
    }
    run(db, "DELETE FROM probe");
  }

  hewn::detail::affinity affinity_;
  bool numbers_only_;
  scratch scratch_;
  conversion result_;
};

}  // namespace detail

/// As hewn::schema_executor::count_conversion. `type` counts as in a table that is not STRICT; what
/// converts nothing, as ANY in a STRICT table, is an empty type.
/// Cost: reads the source once and holds 1000 values at a time.
inline hewn::schema_executor::conversion count_conversion(sqlite3* db, std::string_view source,
                                                          std::string_view expression,
                                                          std::string_view key,
                                                          std::string_view type) {
  std::string sql = "SELECT (";
  sql += expression;
  sql += "), (";
  sql += key;
  sql += ") FROM ";
  sql += source;
  detail::native_query rows(db, sql);
  return detail::conversion_probe(type).count(rows);
}

}  // namespace hewn::sqlite
