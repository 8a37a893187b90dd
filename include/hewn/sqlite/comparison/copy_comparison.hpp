// hewn/sqlite/comparison/copy_comparison.hpp - what a later state of a database lacks.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/comparison/index_difference.hpp>
#include <hewn/sqlite/comparison/key_counters.hpp>
#include <hewn/sqlite/comparison/row_difference.hpp>
#include <hewn/sqlite/comparison/stored_tables.hpp>
#include <hewn/sqlite/comparison/written_tables.hpp>
#include <hewn/sync/model/loss.hpp>

#include <sqlite3.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite::detail {

/// Tables whose rows cannot be compared, and why.
using given_up_tables = std::map<std::string, std::string>;

/// Finds out what one database had and another one, its later state, has not.
class copy_comparison {
 public:
  /// Tables that an earlier comparison gave up are not compared, and others join them.
  copy_comparison(sqlite3* was, sqlite3* is, given_up_tables& given_up)
      : was_(was),
        is_(is),
        before_(stored_tables(was)),
        after_(stored_tables(is)),
        counted_(key_counters(was)),
        counts_(key_counters(is)),
        rows_(was, is),
        given_up_(given_up) {}

  std::vector<loss> losses(const written_tables& writes, bool everywhere) {
    find_renamed(writes);
    // AUTOINCREMENT does not count as a statement that writes there.
    const bool counters = writes.written("sqlite_sequence");
    for (const stored_table& t : before_) {
      if (t.kind == table_kind::shadow) continue;
      const stored_table* heir = find(after_, t.name);
      const bool touched = everywhere || is_written(writes, t);
      if (touched) heir = heir_of(t);
      if ((touched || counters) && heir != nullptr) check_counter(t, *heir);
    }
    return std::move(out_);
  }

 private:
  struct uncountable {};

  void unknown(const stored_table& t, std::string why) {
    out_.push_back({.kind = loss_kind::unknown, .table = t.name, .reason = std::move(why)});
  }

  /// Where the rows of `t` are now; nullptr: nowhere. Notes what they have lost.
  const stored_table* heir_of(const stored_table& t) {
    if (!given_up_.contains(t.name)) {
      try {
        return compare(t);
      } catch (const uncountable&) {
        given_up_[t.name] = "has no rows that could be counted";
      } catch (const error& failure) {
        // A collation or a module that the copy does not know, or what a migration wrote into the
        // tables of a module. The disk is another matter.
        if ((failure.native() & 0xff) != SQLITE_ERROR && failure.native() != SQLITE_CORRUPT_VTAB)
          throw;
        given_up_[t.name] = "cannot be read on a copy";
      }
    }
    unknown(t, "the table " + t.name + " " + given_up_[t.name]);
    return find(after_, t.name);
  }

  // Whoever kept a key of a row that was deleted would find another row by it.
  void check_counter(const stored_table& t, const stored_table& heir) {
    const auto before = counted_.find(t.name);
    if (before == counted_.end() || !has_counter(was_, t) || !gives_keys(is_, heir)) return;
    std::int64_t last = highest_key(is_, heir);
    if (const auto after = counts_.find(heir.name);
        after != counts_.end() && has_counter(is_, heir))
      last = std::max(last, after->second);
    if (last < before->second)
      unknown(t, "the AUTOINCREMENT counter of the table " + t.name +
                     " falls, so that keys which it has given out would be given out again");
  }

  static const stored_table* find(const std::vector<stored_table>& all, std::string_view name) {
    for (const stored_table& t : all)
      if (hewn::detail::same_word(t.name, name)) return &t;
    return nullptr;
  }

  static bool is_shadow_of(const stored_table& t, const stored_table& owner) {
    return t.kind == table_kind::shadow && t.name.size() > owner.name.size() &&
           t.name[owner.name.size()] == '_' &&
           hewn::detail::same_word(std::string_view(t.name).substr(0, owner.name.size()),
                                   owner.name);
  }

  bool is_written(const written_tables& writes, const stored_table& t) const {
    if (writes.written(t.name)) return true;
    if (t.kind != table_kind::virtual_table) return false;
    for (const stored_table& s : before_)
      if (is_shadow_of(s, t) && writes.written(s.name)) return true;
    return false;
  }

  const stored_table* compare(const stored_table& t) {
    const stored_table* const same = find(after_, t.name);
    row_difference lost;
    if (same != nullptr) {
      lost = difference(t, *same);
      if (lost.none()) return same;
    }
    const std::int64_t rows = rows_of(was_, before_, t);
    if (const stored_table* const other = living_on(t, rows)) return other;
    if (same != nullptr) {
      append(t, lost);
    } else if (rows != 0) {
      out_.push_back({loss_kind::table, t.name, {}, rows});
    }
    return same;
  }

  // ---- what is new and holds what seems gone

  /// Tables that ALTER TABLE gave a new name. They keep their first page, which another table gets
  /// only after a table has been dropped, and one that is not known here might be theirs.
  void find_renamed(const written_tables& writes) {
    for (const std::string& name : writes.dropped())
      if (!find(before_, name)) return;
    for (const stored_table& t : before_) {
      if (!writes.altered(t.name) || writes.dropped().contains(hewn::detail::lower(t.name)))
        continue;
      for (const stored_table& other : after_)
        if (is_new(other) && other.kind == t.kind && other.root == t.root &&
            other.module == t.module)
          heirs_.try_emplace(&other, &t);
    }
  }

  bool is_new(const stored_table& other) const {
    return other.kind != table_kind::shadow && !find(before_, other.name);
  }

  /// A new table that has these rows and, unless it is `t` renamed, no others: by chance a long
  /// list of numbers contains a short one. It stands for one table only.
  const stored_table* living_on(const stored_table& t, std::int64_t rows) {
    for (const auto& [other, owner] : heirs_)
      if (owner == &t && difference(t, *other).none()) return other;
    // Without rows any empty table would do.
    if (rows == 0 && find(after_, t.name) == nullptr) return nullptr;
    for (const stored_table& other : after_)
      if (is_new(other) && !heirs_.contains(&other) && rows_of(is_, after_, other) == rows &&
          difference(t, other).none()) {
        heirs_.emplace(&other, &t);
        return &other;
      }
    return nullptr;
  }

  void append(const stored_table& t, const row_difference& lost) {
    if (lost.unclear)
      unknown(t,
              "the table " + t.name + " has other words in the place of some that cannot be told");
    if (lost.rows != 0) out_.push_back({loss_kind::rows, t.name, {}, lost.rows});
    for (const column_difference& c : lost.columns) {
      if (c.dropped != 0) out_.push_back({loss_kind::column, t.name, c.name, c.dropped});
      if (c.cleared != 0) out_.push_back({loss_kind::values, t.name, c.name, c.cleared});
      if (c.overwritten != 0)
        out_.push_back({loss_kind::overwritten, t.name, c.name, c.overwritten});
    }
  }

  row_difference difference(const stored_table& t, const stored_table& other) {
    if (!t.contentless && !is_index_only(before_, t)) return rows_.compare(t, other);
    const stored_table* const entries = find(before_, t.name + "_docsize");
    const stored_table* const later = find(after_, other.name + "_docsize");
    if (entries == nullptr) throw uncountable{};
    if (t.contentless && later != nullptr) {
      row_difference lost = index_comparison(was_, is_, rows_).compare(t, *entries, other, *later);
      // Columns that are not indexed may be stored (contentless_unindexed, SQLite 3.47).
      if (!is_index_only(before_, t))
        for (column_difference& c : rows_.compare(t, other).columns)
          lost.columns.push_back(std::move(c));
      return lost;
    }
    // The texts are elsewhere; that a row is indexed is all that can be lost here. The other shadow
    // tables are rewritten by every insert.
    row_difference out;
    out.rows = later == nullptr ? count(was_, *entries) : rows_.missing_keys(*entries, *later);
    return out;
  }

  /// A full-text index without a copy of the texts.
  static bool is_index_only(const std::vector<stored_table>& all, const stored_table& t) {
    return (t.module == "fts5" || t.module == "fts4") && !find(all, t.name + "_content");
  }

  static std::int64_t rows_of(sqlite3* db, const std::vector<stored_table>& all,
                              const stored_table& t) {
    const stored_table* const entries =
        is_index_only(all, t) ? find(all, t.name + "_docsize") : nullptr;
    return count(db, entries == nullptr ? t : *entries);
  }

  static std::int64_t count(sqlite3* db, const stored_table& t) {
    std::string sql = "SELECT count(*) FROM main.";
    hewn::append_identifier(sql, t.name);
    native_query rows(db, sql);
    rows.step();
    return rows.number(0);
  }

  sqlite3* was_;
  sqlite3* is_;
  std::vector<stored_table> before_;
  std::vector<stored_table> after_;
  std::map<std::string, std::int64_t> counted_;
  std::map<std::string, std::int64_t> counts_;
  row_comparison rows_;
  given_up_tables& given_up_;
  std::map<const stored_table*, const stored_table*> heirs_;  // and what they stand for
  std::vector<loss> out_;
};

}  // namespace hewn::sqlite::detail
