// hewn/sqlite/client/schema_entries.hpp - the list of what a SQLite database contains.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/list.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/sqlite/client/schema_query.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace hewn::sqlite::detail {

/// A row of sqlite_master.
struct schema_entry {
  std::string type;  ///< table, index, view or trigger
  std::string name;
  std::string table;
  std::string sql;
  std::int64_t root = 0;  ///< its first page; 0: it has none
  // What SQLite says of a table; empty: it is too old to.
  std::string listed_as = {};
  bool without_rowid = false;
  bool strict = false;
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
    for (schema_entry& e : entries_)
      if (e.type != "trigger") by_name_.push_back(&e);  // those have names of their own
    if (!by_name_.empty())
      std::qsort(by_name_.begin(), by_name_.size(), sizeof(schema_entry*), &compare);

    // pragma_table_list came with 3.37, together with STRICT.
    if (sqlite3_libversion_number() < 3037000) return;
    schema_query list(db,
                      "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'");
    while (list.step()) {
      schema_entry* const e = find(list.text(0));
      if (e == nullptr) continue;
      e->listed_as = list.text(1);
      e->without_rowid = list.number(2) != 0;
      e->strict = list.number(3) != 0;
    }
  }
  schema_entries(const schema_entries&) = delete;
  schema_entries& operator=(const schema_entries&) = delete;

  const hewn::detail::list<schema_entry>& all() const { return entries_; }

  /// The CREATE INDEX text; empty for an index that stands behind a constraint.
  std::string_view index_sql(std::string_view name) const {
    const schema_entry* const found = find(name);
    return found ? std::string_view(found->sql) : std::string_view();
  }

  static table_kind kind_of(const schema_entry& e) {
    if (!e.listed_as.empty()) {
      if (e.listed_as == "virtual") return table_kind::virtual_table;
      return e.listed_as == "shadow" ? table_kind::shadow : table_kind::ordinary;
    }
    hewn::detail::tokenizer words(e.sql);
    words.next();
    return words.next().is("virtual") ? table_kind::virtual_table : table_kind::ordinary;
  }

 private:
  // For qsort, which is compiled already.
  static int compare(const void* a, const void* b) {
    return (*static_cast<schema_entry* const*>(a))
        ->name.compare((*static_cast<schema_entry* const*>(b))->name);
  }

  schema_entry* find(std::string_view name) const {
    std::size_t first = 0;
    std::size_t last = by_name_.size();
    while (first != last) {
      const std::size_t middle = first + (last - first) / 2;
      const int order = by_name_[middle]->name.compare(name);
      if (order == 0) return by_name_[middle];
      order < 0 ? first = middle + 1 : last = middle;
    }
    return nullptr;
  }

  hewn::detail::list<schema_entry> entries_;
  hewn::detail::list<schema_entry*> by_name_;
};

}  // namespace hewn::sqlite::detail
