// hewn/sqlite/comparison/stored_tables.hpp - the places of a database that hold values.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/client/schema_entries.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite::detail {

/// A table with what is needed to find its rows again.
struct stored_table {
  std::string name;
  table_kind kind = table_kind::ordinary;
  std::string module = {};                ///< of a virtual table
  bool contentless = false;               ///< a full-text index that has no texts
  std::vector<std::string> columns = {};  ///< that hold values of their own
  std::vector<std::string> names = {};    ///< of all columns, those that are computed included
  std::vector<std::string> key = {};      ///< the primary key; empty: none
  std::string rowid = {};                 ///< a name by which the rowid is reached; empty: none
  std::int64_t root = 0;                  ///< the first page; 0: none

  /// What `column` is called here; empty: it is not here.
  std::string_view find(std::string_view column) const {
    for (const std::string& each : names)
      if (same_word(each, column)) return each;
    return {};
  }

  /// A column that is NULL in no row.
  const std::string& marker() const { return rowid.empty() ? key.front() : rowid; }

 private:
  static bool same_word(std::string_view a, std::string_view b) {
    return hewn::detail::same_word(a, b);
  }
};

inline std::string_view name_for_rowid(const stored_table& t) {
  for (const std::string_view alias : {"rowid", "_rowid_", "oid"})
    if (t.find(alias).empty()) return alias;
  return {};
}

inline std::string module_of(std::string_view sql) {
  hewn::detail::tokenizer words(sql);
  for (hewn::detail::token t = words.next(); t.kind != hewn::detail::token_kind::end;
       t = words.next())
    if (t.is("using")) return hewn::detail::lower(hewn::detail::unquoted(words.next()));
  return {};
}

/// Whether a full-text index is declared with `content=''`. FTS5 takes the beginning of the word.
inline bool is_contentless(std::string_view sql) {
  using hewn::detail::token_kind;
  const hewn::detail::token_list t = hewn::detail::tokenize(sql);
  for (std::size_t i = 1; i + 2 < t.size(); ++i) {
    const bool begins = t[i - 1].kind == token_kind::open || t[i - 1].kind == token_kind::comma;
    if (!begins || t[i].kind != token_kind::word || t[i + 1].text != "=") continue;
    if (!std::string_view("content").starts_with(hewn::detail::lower(t[i].text))) continue;
    const token_kind value = t[i + 2].kind;
    if (value == token_kind::comma || value == token_kind::close) return true;
    return hewn::detail::unquoted(t[i + 2]).empty();
  }
  return false;
}

/// Every table of the main database but SQLite's own, in the order of creation.
inline std::vector<stored_table> stored_tables(sqlite3* db) {
  std::vector<stored_table> out;
  const schema_entries entries(db);
  for (const schema_entry& e : entries.all()) {
    if (e.type != "table" ||
        hewn::detail::same_word(std::string_view(e.name).substr(0, 7), "sqlite_"))
      continue;
    stored_table t{.name = e.name, .kind = schema_entries::kind_of(e), .root = e.root};
    if (t.kind == table_kind::virtual_table) {
      t.module = module_of(e.sql);
      t.contentless = (t.module == "fts5" || t.module == "fts4") && is_contentless(e.sql);
    }
    // The columns of a virtual table are its module's to tell, which may be missing.
    try {
      native_query columns(db, "SELECT name, pk, hidden FROM pragma_table_xinfo(?1, 'main')");
      columns.bind(1, e.name);
      while (columns.step()) {
        const std::string name = columns.text(0);
        if (columns.number(2) != 1) t.names.push_back(name);
        if (columns.number(2) == 0) t.columns.push_back(name);
        if (const std::int64_t at = columns.number(1); at > 0) {
          if (t.key.size() < static_cast<std::size_t>(at))
            t.key.resize(static_cast<std::size_t>(at));
          t.key[static_cast<std::size_t>(at) - 1] = name;
        }
      }
    } catch (const error&) {
      if (t.kind != table_kind::virtual_table) throw;
    }
    if (!e.without_rowid) t.rowid = name_for_rowid(t);
    out.push_back(std::move(t));
  }
  return out;
}

}  // namespace hewn::sqlite::detail
