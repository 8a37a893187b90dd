// hewn/sqlite/sealed_copy.hpp - a copy of a SQLite database that nothing gets out of.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/dialect/ascii.hpp>
#include <hewn/sqlite/private_copy.hpp>
#include <hewn/sqlite/row_difference.hpp>
#include <hewn/sqlite/seal.hpp>
#include <hewn/sqlite/stand_ins.hpp>
#include <hewn/sqlite/stored_tables.hpp>
#include <hewn/sync/loss.hpp>
#include <hewn/sync/sealed_copy.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::sqlite {

namespace detail {

/// Finds out what one database had and another one, its later state, has not.
class copy_comparison {
 public:
  copy_comparison(sqlite3* was, sqlite3* is)
      : was_(was),
        is_(is),
        before_(stored_tables(was)),
        after_(stored_tables(is)),
        rows_(was, is) {}

  std::vector<loss> losses(const seal& writes, bool everywhere) {
    find_renamed(writes);
    for (const stored_table& t : before_) {
      if (t.kind == table_kind::shadow || (!everywhere && !is_written(writes, t))) continue;
      try {
        judge(t);
      } catch (const uncountable&) {
        give_up(t, "has no rows that could be counted");
      } catch (const error& failure) {
        // A collation or a module that the copy does not know. The disk is another matter.
        if ((failure.native() & 0xff) != SQLITE_ERROR) throw;
        give_up(t, "cannot be read on a copy");
      }
    }
    return std::move(out_);
  }

 private:
  struct uncountable {};

  void give_up(const stored_table& t, std::string_view why) {
    out_.push_back({.kind = loss_kind::unknown,
                    .table = t.name,
                    .reason = "the table " + t.name + " " + std::string(why)});
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

  bool is_written(const seal& writes, const stored_table& t) const {
    if (writes.written(t.name)) return true;
    if (t.kind != table_kind::virtual_table) return false;
    for (const stored_table& s : before_)
      if (is_shadow_of(s, t) && writes.written(s.name)) return true;
    return false;
  }

  void judge(const stored_table& t) {
    const stored_table* const same = find(after_, t.name);
    row_difference lost;
    if (same != nullptr) {
      lost = difference(t, *same);
      if (lost.none()) return;
    }
    const std::int64_t rows = rows_of(was_, before_, t);
    if ((same == nullptr && rows == 0) || lives_on(t, rows)) return;
    if (same != nullptr) return append(t, lost);
    out_.push_back({loss_kind::table, t.name, {}, rows});
  }

  // ---- what is new and holds what seems gone

  /// Tables that ALTER TABLE gave a new name. They keep their first page, which another table gets
  /// only after a table has been dropped, and one that is not known here might be theirs.
  void find_renamed(const seal& writes) {
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

  /// Whether a new table has these rows and, unless it is `t` renamed, no others: by chance a long
  /// list of numbers contains a short one. It stands for one table only.
  bool lives_on(const stored_table& t, std::int64_t rows) {
    for (const auto& [other, owner] : heirs_)
      if (owner == &t && difference(t, *other).none()) return true;
    for (const stored_table& other : after_)
      if (is_new(other) && !heirs_.contains(&other) && rows_of(is_, after_, other) == rows &&
          difference(t, other).none()) {
        heirs_.emplace(&other, &t);
        return true;
      }
    return false;
  }

  void append(const stored_table& t, const row_difference& lost) {
    if (lost.rows != 0) out_.push_back({loss_kind::rows, t.name, {}, lost.rows});
    for (const column_difference& c : lost.columns) {
      if (c.dropped != 0) out_.push_back({loss_kind::column, t.name, c.name, c.dropped});
      if (c.cleared != 0) out_.push_back({loss_kind::values, t.name, c.name, c.cleared});
      if (c.overwritten != 0)
        out_.push_back({loss_kind::overwritten, t.name, c.name, c.overwritten});
    }
  }

  row_difference difference(const stored_table& t, const stored_table& other) {
    if (!is_index_only(before_, t)) return rows_.compare(t, other);
    // The texts are elsewhere or nowhere; that a row is indexed is all that such an index holds.
    // The other shadow tables are rewritten by every insert.
    const stored_table* const entries = find(before_, t.name + "_docsize");
    const stored_table* const later = find(after_, other.name + "_docsize");
    if (entries == nullptr) throw uncountable{};
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
  row_comparison rows_;
  std::map<const stored_table*, const stored_table*> heirs_;  // and what they stand for
  std::vector<loss> out_;
};

}  // namespace detail

/// As hewn::sealed_copy, of a connection to a private database.
class sealed_copy final : public hewn::sealed_copy {
 public:
  explicit sealed_copy(sqlite3* db) : db_(db), seal_(db) {}

  void mark() override {
    before_.reset();
    before_.emplace(detail::raw_handle::nameless());
    detail::fill(*before_, db_);
    detail::take_settings(*before_, db_);
    detail::lend_names(db_, before_->get());
    seal_.forget();
  }

  std::vector<loss> losses(bool everywhere) override {
    // What was tried may have left it on.
    sqlite3_exec(db_, "PRAGMA query_only = 0", nullptr, nullptr, nullptr);
    return detail::copy_comparison(before_->get(), db_).losses(seal_, everywhere);
  }

  std::string refusal() const override { return seal_.refusal(); }

 private:
  sqlite3* db_;
  seal seal_;
  std::optional<detail::raw_handle> before_;
};

}  // namespace hewn::sqlite
