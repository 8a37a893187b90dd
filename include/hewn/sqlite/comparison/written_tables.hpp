// hewn/sqlite/comparison/written_tables.hpp - the tables that statements write to.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>

#include <sqlite3.h>

#include <set>
#include <string>
#include <string_view>

namespace hewn::sqlite::detail {

/// An account of the tables of the main database that statements may have changed, kept by what
/// SQLite tells its authorizer.
class written_tables {
 public:
  bool written(std::string_view table) const {
    return anything_ || written_.contains(hewn::detail::lower(table));
  }

  /// Whether ALTER TABLE changed it, which also renames.
  bool altered(std::string_view table) const {
    return altered_.contains(hewn::detail::lower(table));
  }

  /// The tables that were dropped, in lower case.
  const std::set<std::string>& dropped() const noexcept { return dropped_; }

  /// `action` of the authorizer on `table`.
  void note(int action, const char* table) noexcept {
    try {
      if (hewn::detail::same_word(table, "sqlite_dbpage")) anything_ = true;
      const std::string name = hewn::detail::lower(table);
      written_.insert(name);
      if (action == SQLITE_ALTER_TABLE) altered_.insert(name);
      if (action == SQLITE_DROP_TABLE || action == SQLITE_DROP_VTABLE) dropped_.insert(name);
    } catch (...) {  // out of memory; SQLite must not see an exception
      anything_ = true;
    }
  }

 private:
  std::set<std::string> written_;  // in lower case, like the others
  std::set<std::string> altered_;
  std::set<std::string> dropped_;
  bool anything_ = false;
};

}  // namespace hewn::sqlite::detail
