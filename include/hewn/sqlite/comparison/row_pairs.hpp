// hewn/sqlite/comparison/row_pairs.hpp - which new row an old one has become.
// SPDX-License-Identifier: BSL-1.0
//
// Whether two keys are equal is for the new column to say, by its collation and affinity. So two
// old rows may find one new row, which has taken the place of one of them only, and one old row
// may find several. SQL pairs them off, so that memory does not grow with the rows.
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/comparison/stored_tables.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite::detail {

/// What decides which values of the primary key are equal; nothing: more than its columns say, and
/// equal values may be in several rows. Two tables of the same rules agree about all keys.
inline std::optional<std::string> rules_of_key(sqlite3* db, const stored_table& t) {
  std::string out;
  native_query index(db,
                     "SELECT x.coll FROM pragma_index_list(?1, 'main') AS l, "
                     "pragma_index_xinfo(l.name, 'main') AS x WHERE l.origin = 'pk' AND x.key "
                     "ORDER BY x.seqno");
  index.bind(1, t.name);
  for (const std::string& column : t.key) {
    const char* type = nullptr;
    const char* collation = nullptr;
    if (sqlite3_table_column_metadata(db, "main", t.name.c_str(), column.c_str(), &type, &collation,
                                      nullptr, nullptr, nullptr) != SQLITE_OK)
      return std::nullopt;
    const std::string_view declared = type == nullptr ? "" : type;
    // It has one meaning in a STRICT table and another one elsewhere.
    if (hewn::detail::same_word(declared, "any")) return std::nullopt;
    // INTEGER PRIMARY KEY has no index.
    if (index.step() && !hewn::detail::same_word(index.text(0), collation)) return std::nullopt;
    out.append(declared).append(", ").append(collation).append("; ");
  }
  return hewn::detail::lower(out);
}

/// Old rows, `b`, that find new ones, `a`, by a condition.
struct row_pairs {
  std::string after = {};                                        ///< name of the new table
  std::string same = {};                                         ///< the condition
  std::string id = {};                                           ///< no two new rows share it
  std::vector<std::string> key = {};                             ///< new and old parts in turn
  std::vector<std::pair<std::string, std::string>> values = {};  ///< old and new ones

  /// The expression for `id` in a table.
  static std::string id_of(const stored_table& t) {
    if (!t.rowid.empty()) return "a." + quoted(t.rowid);
    std::string out;
    // Hexadecimal digits are capitals, types are not, so no two keys give one text.
    for (const std::string& name : t.key.empty() ? t.names : t.key)
      append_part(out, "a." + quoted(name));
    return out;
  }

  /// Finds how many pairs there are, how many old rows have one, and how many new rows.
  std::string counts() const {
    return "SELECT count(*), count(DISTINCT b.rowid), count(DISTINCT " + id + ")" + joined();
  }

  /// The condition under which a new row stands for one old row at most, and an old row for one new
  /// row. Rows that find the same rows are a class, in which those that differ least come first on
  /// both sides; the first is paired with the first, the second with the second.
  std::string one_to_one() const {
    std::string old_key;
    std::string new_key;
    for (std::size_t i = 0; i != key.size(); i += 2) {
      append_part(new_key, key[i]);
      append_part(old_key, key[i + 1]);
    }
    return same + " AND (+b.rowid, +(" + id +
           ")) IN (SELECT old, new FROM (SELECT old, new,"
           " dense_rank() OVER (PARTITION BY class ORDER BY old_least, old_key, old) AS old_place,"
           " dense_rank() OVER (PARTITION BY class ORDER BY new_least, new_key, new) AS new_place"
           " FROM (SELECT old, new, old_key, new_key, min(new) OVER (PARTITION BY old) AS class,"
           " min(differ) OVER (PARTITION BY old) AS old_least,"
           " min(differ) OVER (PARTITION BY new) AS new_least FROM (SELECT b.rowid AS old, " +
           id + " AS new, " + old_key + " AS old_key, " + new_key + " AS new_key, " +
           differences() + " AS differ" + joined() + "))) WHERE old_place = new_place)";
  }

 private:
  static std::string quoted(std::string_view name) {
    std::string out;
    hewn::append_identifier(out, name);
    return out;
  }

  static void append_part(std::string& out, const std::string& value) {
    out += (out.empty() ? "typeof(" : " || typeof(") + value + ") || hex(hewn_text(" + value + "))";
  }

  // CROSS keeps the old rows outside, which have no index.
  std::string joined() const {
    return " FROM temp.hewn_was AS b CROSS JOIN main." + quoted(after) + " AS a ON " + same;
  }

  // How many values differ. In groups, because SQLite limits the depth of an expression to 1000.
  std::string differences() const {
    std::string out = "(0";
    for (std::size_t i = 0; i != values.size(); ++i)
      out += std::string(i % 100 == 99 ? ") + (" : " + ") + "(NOT hewn_same(" + values[i].first +
             ", " + values[i].second + "))";
    return out + ")";
  }
};

}  // namespace hewn::sqlite::detail
