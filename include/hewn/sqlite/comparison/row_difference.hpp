// hewn/sqlite/comparison/row_difference.hpp - the rows and values that another table lacks.
// SPDX-License-Identifier: BSL-1.0
//
// Everything is counted by SQL, so memory does not grow with the rows.
#pragma once

#include <hewn/dialect/text/quote.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/comparison/other_rows.hpp>
#include <hewn/sqlite/comparison/row_pairs.hpp>
#include <hewn/sqlite/comparison/same_value.hpp>
#include <hewn/sqlite/comparison/stored_tables.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite::detail {

struct column_difference {
  std::string name;
  std::int64_t dropped = 0;      ///< values of a column that is not there any more
  std::int64_t cleared = 0;      ///< values that are NULL now
  std::int64_t overwritten = 0;  ///< values that are others now
};

/// What of the rows of one table is not in another one. A row that is gone takes its values along;
/// they are not counted again.
struct row_difference {
  std::int64_t rows = 0;
  std::vector<column_difference> columns = {};
  bool unclear = false;  ///< something else is there now, and what was there cannot be told

  bool none() const {
    return rows == 0 && !unclear && std::all_of(columns.begin(), columns.end(), [](const auto& c) {
             return c.dropped == 0 && c.cleared == 0 && c.overwritten == 0;
           });
  }

  /// To how many rows something has happened, at least; then how many values went with columns.
  std::pair<std::int64_t, std::int64_t> weight() const {
    std::pair<std::int64_t, std::int64_t> out(rows, 0);
    std::int64_t most = 0;
    for (const column_difference& c : columns) {
      most = std::max(most, c.cleared + c.overwritten);
      out.second += c.dropped;
    }
    out.first += most;
    return out;
  }
};

/// Compares tables of one connection, as they were, with tables of another one, as they are.
class row_comparison {
 public:
  row_comparison(sqlite3* was, sqlite3* is) : was_(was), is_(is) {
    add_value_functions(is);
    source_.db = was;
  }
  row_comparison(const row_comparison&) = delete;
  row_comparison& operator=(const row_comparison&) = delete;
  ~row_comparison() {
    sqlite3_create_module_v2(is_, "hewn_was", nullptr, nullptr, nullptr);
    remove_value_functions(is_);
  }

  /// Rows are found again by their key, where both tables have it; otherwise by their rowid or by
  /// their content, whichever explains it with less. Throws: what SQLite reports.
  row_difference compare(const stored_table& before, const stored_table& after) {
    open(before);
    std::vector<std::string> key = key_in(before, after);
    if (!key.empty() && !holds_null(before, before.key))
      return by_key(before, after, join(before, after, std::move(key)));
    row_difference by_row;
    const bool rowids = !before.rowid.empty() && !after.rowid.empty();
    if (rowids) {
      const std::string same =
          "a." + quoted(after.rowid) + " = b.c" + std::to_string(before.columns.size());
      by_row = by_key(before, after, same);
      if (by_row.none() || before.kind == table_kind::virtual_table) return by_row;
    }
    row_difference by_content = compare_content(before, after);
    return rowids && by_row.weight() <= by_content.weight() ? by_row : by_content;
  }

  /// How many rows of `before` have no row with the same key in `after`.
  std::int64_t missing_keys(const stored_table& before, const stored_table& after) {
    stored_table keys = before;
    keys.columns = before.key;
    return compare(keys, after).rows;
  }

  /// The rows of a query on the first connection as the table temp.hewn_was of the second one.
  /// No table of the database hides it.
  void bring(std::string sql) {
    source_.sql = std::move(sql);
    // Anew each time, for it has other columns.
    if (sqlite3_create_module_v2(is_, "hewn_was", other_rows::module(), &source_, nullptr) !=
        SQLITE_OK)
      fail_native(is_, {});
  }

 private:
  static std::string quoted(std::string_view name) {
    std::string out;
    hewn::append_identifier(out, name);
    return out;
  }

  static std::string number(std::size_t i) { return std::to_string(i); }

  void open(const stored_table& before) {
    std::string sql = "SELECT ";
    for (const std::string& c : before.columns) sql += quoted(c) + ", ";
    sql += before.rowid.empty() ? "0" : quoted(before.rowid);
    bring(sql + " FROM main." + quoted(before.name));
  }

  // ---- by key

  /// Pairs of expressions, what the key is called in `after` and in `before`; empty: no such key.
  static std::vector<std::string> key_in(const stored_table& before, const stored_table& after) {
    std::vector<std::string> out;
    if (before.key.empty()) return out;
    const bool renamed = std::any_of(before.key.begin(), before.key.end(),
                                     [&](const auto& k) { return after.find(k).empty(); });
    // Under new names the key is still the key.
    if (renamed && after.key.size() != before.key.size()) return out;
    for (std::size_t i = 0; i != before.key.size(); ++i) {
      const std::string_view name = renamed ? after.key[i] : after.find(before.key[i]);
      if (renamed && name != after.find(before.key[i]) && !before.find(name).empty()) return {};
      out.emplace_back("a." + quoted(name));
      const auto at = std::find(before.columns.begin(), before.columns.end(), before.key[i]);
      if (at == before.columns.end()) return {};
      out.emplace_back("b.c" + number(static_cast<std::size_t>(at - before.columns.begin())));
    }
    return out;
  }

  // A new row stands for one old row at most. Where the new table takes for equal what the old one
  // does, that is so anyway; to count it costs half as much as the comparison.
  std::string join(const stored_table& before, const stored_table& after,
                   std::vector<std::string> key) {
    row_pairs pairs{.after = after.name, .id = row_pairs::id_of(after)};
    const auto rules = rules_of_key(was_, before);
    bool sure = rules && key.size() == 2 * after.key.size() && rules == rules_of_key(is_, after);
    // The column first: its collation and affinity decide, and its index finds the row.
    for (std::size_t i = 0; i != key.size(); i += 2) {
      pairs.same += (i == 0 ? "" : " AND ") + key[i] + " = " + key[i + 1];
      pairs.values.emplace_back(key[i + 1], key[i]);
      sure = sure && key[i] == "a." + quoted(after.key[i / 2]);
    }
    if (sure) return std::move(pairs.same);
    native_query found(is_, pairs.counts());
    found.step();
    if (found.number(0) == found.number(1) && found.number(0) == found.number(2))
      return std::move(pairs.same);
    for (std::size_t i = 0; i != before.columns.size(); ++i)
      if (const std::string_view name = after.find(before.columns[i]); !name.empty())
        pairs.values.emplace_back("b.c" + number(i), "a." + quoted(name));
    pairs.key = std::move(key);
    return pairs.one_to_one();
  }

  bool holds_null(const stored_table& t, const std::vector<std::string>& columns) const {
    std::string sql = "SELECT EXISTS (SELECT 1 FROM main." + quoted(t.name) + " WHERE ";
    for (const std::string& c : columns)
      sql += (&c == columns.data() ? "" : " OR ") + quoted(c) + " IS NULL";
    native_query found(was_, sql + ")");
    return found.step() && found.number(0) != 0;
  }

  row_difference by_key(const stored_table& before, const stored_table& after,
                        const std::string& same) {
    const std::string from =
        " FROM temp.hewn_was AS b LEFT JOIN main." + quoted(after.name) + " AS a ON " + same;
    const std::string found = "a." + quoted(after.marker()) + " IS NOT NULL";
    const auto count = [&](const std::string& condition) {
      return "count(*) FILTER (WHERE " + condition + ")";
    };
    const std::vector<std::string> added = added_columns(before, after);
    taken_.clear();
    std::vector<std::string> wanted = {count("NOT (" + found + ")")};
    for (std::size_t i = 0; i != before.columns.size(); ++i) {
      const std::string was = "b.c" + number(i);
      if (const std::string_view name = after.find(before.columns[i]); !name.empty()) {
        const std::string is = "a." + quoted(name);
        wanted.push_back(count(found + " AND " + was + " IS NOT NULL AND " + is + " IS NULL"));
        wanted.push_back(count(found + " AND " + is + " IS NOT NULL AND NOT hewn_same(" + was +
                               ", " + is + ")"));
        continue;
      }
      wanted.push_back(count(found + " AND " + was + " IS NOT NULL"));
      for (const std::string& other : added)
        wanted.push_back(count(found + " AND NOT hewn_same(" + was + ", a." + quoted(other) + ")"));
    }
    const std::vector<std::int64_t> counted = numbers(wanted, from);
    std::size_t at = 0;
    row_difference out{.rows = counted[at++]};
    for (const std::string& name : before.columns) {
      column_difference c{.name = name};
      if (!after.find(name).empty()) {
        c.cleared = counted[at++];
        c.overwritten = counted[at++];
      } else {
        c.dropped = counted[at++];
        for (std::size_t i = 0; i != added.size(); ++i)
          if (counted[at++] == 0)
            c.dropped = is_renamed(before, c, after, added[i]) ? 0 : c.dropped;
      }
      out.columns.push_back(std::move(c));
    }
    return out;
  }

  static std::vector<std::string> added_columns(const stored_table& before,
                                                const stored_table& after) {
    std::vector<std::string> out;
    for (const std::string& name : after.names)
      if (before.find(name).empty()) out.push_back(name);
    return out;
  }

  // Whether a new column that has the values of one that is gone is that column. It may be so by
  // chance, where all rows have one value; then it counts only in the place of the old one, where
  // RENAME COLUMN leaves it. No new column is two old ones.
  bool is_renamed(const stored_table& before, const column_difference& gone,
                  const stored_table& after, const std::string& added) {
    if (gone.dropped == 0 || std::find(taken_.begin(), taken_.end(), added) != taken_.end())
      return false;
    const auto place = std::find(before.names.begin(), before.names.end(), gone.name);
    const auto i = static_cast<std::size_t>(place - before.names.begin());
    const bool in_place = after.names.size() == before.names.size() && i < after.names.size() &&
                          after.names[i] == added;
    if (!in_place) {
      native_query several(was_, "SELECT count(*) FROM (SELECT DISTINCT " + quoted(gone.name) +
                                     " FROM main." + quoted(before.name) + " LIMIT 2)");
      if (!several.step() || several.number(0) != 2) return false;
    }
    taken_.push_back(added);
    return true;
  }

  // ---- by content

  row_difference compare_content(const stored_table& before, const stored_table& after) {
    std::vector<std::size_t> kept;
    std::vector<std::string> names;
    for (std::size_t i = 0; i != before.columns.size(); ++i)
      if (const std::string_view name = after.find(before.columns[i]); !name.empty()) {
        kept.push_back(i);
        names.emplace_back(name);
      }
    row_difference out{.rows = missing(kept, names, after)};
    taken_.clear();
    for (std::size_t i = 0; i != before.columns.size(); ++i) {
      if (!after.find(before.columns[i]).empty()) continue;
      column_difference c{.name = before.columns[i]};
      c.dropped = numbers({"count(c" + number(i) + ")"}, " FROM temp.hewn_was").front();
      for (const std::string& other : added_columns(before, after)) {
        if (c.dropped == 0 || out.rows != 0) break;
        auto with = kept;
        auto with_names = names;
        with.push_back(i);
        with_names.push_back(other);
        if (missing(with, with_names, after) == 0 && is_renamed(before, c, after, other))
          c.dropped = 0;
      }
      out.columns.push_back(std::move(c));
    }
    return out;
  }

  // How many rows `after` lacks, equal ones counted each.
  std::int64_t missing(const std::vector<std::size_t>& columns,
                       const std::vector<std::string>& names, const stored_table& after) {
    std::string was = "SELECT 1 AS d, 0 AS v";
    std::string is = "SELECT -1, 0";
    std::string group = " GROUP BY v";
    for (std::size_t i = 0; i != columns.size(); ++i) {
      was += ", hewn_text(c" + number(columns[i]) + ") AS v" + number(i);
      is += ", hewn_text(" + quoted(names[i]) + ")";
      group += ", v" + number(i);
    }
    return numbers({"coalesce(sum(n), 0)"}, " FROM (SELECT sum(d) AS n FROM (" + was +
                                                " FROM temp.hewn_was UNION ALL " + is +
                                                " FROM main." + quoted(after.name) + ")" + group +
                                                " HAVING sum(d) > 0)")
        .front();
  }

  // In one pass; in several where SQLite would not take so many columns.
  std::vector<std::int64_t> numbers(const std::vector<std::string>& wanted,
                                    const std::string& from) const {
    constexpr std::size_t at_once = 500;
    std::vector<std::int64_t> out;
    while (out.size() != wanted.size()) {
      const std::size_t n = std::min(at_once, wanted.size() - out.size());
      std::string sql;
      for (std::size_t i = 0; i != n; ++i)
        sql += (i == 0 ? "SELECT " : ", ") + wanted[out.size() + i];
      native_query row(is_, sql + from);
      row.step();
      for (std::size_t i = 0; i != n; ++i) out.push_back(row.number(static_cast<int>(i)));
    }
    return out;
  }

  sqlite3* was_;
  sqlite3* is_;
  other_source source_;
  std::vector<std::string> taken_ = {};  // columns that are old ones under new names
};

}  // namespace hewn::sqlite::detail
