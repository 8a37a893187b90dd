// hewn/sqlite/client/schema_entries.hpp - the list of what a SQLite database contains.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/sqlite/client/schema_query.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::sqlite::detail {

/// A row of sqlite_master.
struct schema_entry {
  std::string type;  ///< table, index, view or trigger
  std::string name;
  std::string table;
  std::string sql;
  std::int64_t root = 0;  ///< its first page; 0: it has none
};

enum class table_kind : std::uint8_t { ordinary, virtual_table, shadow };

/// The objects of the main database in the order of their creation.
class schema_entries {
 public:
  explicit schema_entries(sqlite3* db) {
    // First: reading the schema table is what makes SQLite notice other connections' changes. The
    // pragmas alone answer from the schema as it was parsed last.
    schema_query rows(
        db, "SELECT type, name, tbl_name, sql, rootpage FROM main.sqlite_master ORDER BY rowid");
    while (rows.step())
      entries_.push_back({rows.text(0), rows.text(1), rows.text(2), rows.text(3), rows.number(4)});
    for (const schema_entry& e : entries_)
      if (e.type == "index") indexes_.push_back({e.name, &e.sql});
    std::sort(indexes_.begin(), indexes_.end(), by_name{});

    // pragma_table_list came with 3.37, together with STRICT.
    if (sqlite3_libversion_number() < 3037000) return;
    schema_query list(db,
                      "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'");
    while (list.step())
      tables_.push_back({list.text(0), list.text(1), list.number(2) != 0, list.number(3) != 0});
    std::sort(tables_.begin(), tables_.end(), by_name{});
  }
  schema_entries(const schema_entries&) = delete;
  schema_entries& operator=(const schema_entries&) = delete;

  const std::vector<schema_entry>& all() const { return entries_; }

  /// The CREATE INDEX text; empty for an index that stands behind a constraint.
  std::string_view index_sql(const std::string& name) const {
    const listed_index* found = find(indexes_, name);
    return found ? std::string_view(*found->sql) : std::string_view();
  }

  table_kind kind_of(const schema_entry& e) const {
    if (const listed_table* t = find(tables_, e.name)) {
      if (t->type == "virtual") return table_kind::virtual_table;
      return t->type == "shadow" ? table_kind::shadow : table_kind::ordinary;
    }
    hewn::detail::tokenizer words(e.sql);
    words.next();
    return words.next().is("virtual") ? table_kind::virtual_table : table_kind::ordinary;
  }

  /// Nothing where SQLite is too old to say.
  std::optional<bool> is_strict(const schema_entry& e) const {
    const listed_table* t = find(tables_, e.name);
    return t ? std::optional(t->strict) : std::nullopt;
  }

  /// Nothing where SQLite is too old to say.
  std::optional<bool> is_without_rowid(const schema_entry& e) const {
    const listed_table* t = find(tables_, e.name);
    return t ? std::optional(t->without_rowid) : std::nullopt;
  }

 private:
  struct listed_index {
    std::string name;
    const std::string* sql;  // in entries_
  };

  struct listed_table {
    std::string name;
    std::string type;
    bool without_rowid = false;
    bool strict = false;
  };

  struct by_name {
    template <class Item>
    bool operator()(const Item& a, const Item& b) const {
      return a.name < b.name;
    }
    template <class Item>
    bool operator()(const Item& a, const std::string& name) const {
      return a.name < name;
    }
  };

  template <class Item>
  static const Item* find(const std::vector<Item>& sorted, const std::string& name) {
    const auto found = std::lower_bound(sorted.begin(), sorted.end(), name, by_name{});
    return found != sorted.end() && found->name == name ? &*found : nullptr;
  }

  std::vector<schema_entry> entries_;
  std::vector<listed_index> indexes_;  // by name
  std::vector<listed_table> tables_;   // by name
};

}  // namespace hewn::sqlite::detail
