// hewn/sync/facts/empty_columns.hpp - constraints that protect nothing, because their column is
// NULL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/facts/passes_null.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/fact.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// A constraint that goes with a column which is NULL in every row has kept no row out: NULLs are
/// equal to nothing and refer to nothing, and a CHECK lets pass what is not false. So it is no
/// loosening to drop it as well.
/// Order: when the facts of all changes are known.
class empty_columns {
 public:
  empty_columns(std::vector<change>& changes, dialect d) : changes_(changes), dialect_(d) {}

  void excuse_constraints_of(const schema::table& live) {
    table_ = &live;
    for (change& c : changes_)
      if (c.loosens && same_name(dialect_, c.table, live.name)) {
        if (goes_with_column(c))
          c.loosens = false;
        else if (c.kind == change_kind::drop_check)
          c.reason = what_it_checks(c);
      }
  }

 private:
  bool goes_with_column(const change& c) const {
    switch (c.kind) {
      case change_kind::drop_unique:
        for (const schema::unique_key& k : table_->unique_keys)
          if (c.before == unique_text(k, dialect_) && any_is_empty(k.columns)) return true;
        return false;
      case change_kind::drop_foreign_key:
        for (const schema::foreign_key& k : table_->foreign_keys)
          if (c.before == reference_text(k, dialect_) && any_is_empty(k.columns)) return true;
        return false;
      case change_kind::drop_check:
        for (const schema::check& k : table_->checks)
          if (c.before == check_text(k) &&
              (reads_only_empty(k.text) || passes_null(k.text, empty_ones(), dialect_).always()))
            return true;
        return false;
      case change_kind::drop_index:
        for (const schema::index& i : table_->indexes)
          if (same_name(dialect_, c.object, i.name) && has_empty_part(i)) return true;
        return false;
      default:
        return false;
    }
  }

  bool any_is_empty(const std::vector<std::string>& columns) const {
    for (const std::string& c : columns)
      if (is_empty(c)) return true;
    return false;
  }

  bool has_empty_part(const schema::index& i) const {
    for (const schema::index_part& p : i.parts)
      if (!p.expression && is_empty(p.text)) return true;
    return false;
  }

  bool reads_only_empty(std::string_view text) const {
    for (const schema::column& c : table_->columns)
      if (uses_column(text, c.name, dialect_) && !is_empty(c.name)) return false;
    return true;
  }

  std::vector<std::string> empty_ones() const {
    std::vector<std::string> out;
    for (const schema::column& c : table_->columns)
      if (is_empty(c.name)) out.push_back(c.name);
    return out;
  }

  // Of a check that reads columns which go and others which stay.
  std::string what_it_checks(const change& c) const {
    std::string goes;
    std::string stays;
    for (const schema::check& k : table_->checks) {
      if (c.before != check_text(k)) continue;
      for (const schema::column& each : table_->columns)
        if (uses_column(k.text, each.name, dialect_))
          append_separated(is_dropped(each.name) ? goes : stays, ", ", {each.name});
      break;
    }
    if (goes.empty() || stays.empty()) return {};
    return concat({"it also limits what ", stays, " may hold, which stays when ", goes, " goes"});
  }

  bool is_dropped(const std::string& column) const {
    for (const change& c : changes_)
      if (c.kind == change_kind::drop_column && same_name(dialect_, c.table, table_->name) &&
          same_name(dialect_, c.object, column))
        return true;
    return false;
  }

  // Whether the column goes and was found to have no value.
  bool is_empty(const std::string& column) const {
    for (const change& c : changes_) {
      if (c.kind != change_kind::drop_column || !same_name(dialect_, c.table, table_->name) ||
          !same_name(dialect_, c.object, column))
        continue;
      for (const fact& f : c.facts)
        if (f.question.kind == fact_kind::values_lost && f.count == 0) return true;
    }
    return false;
  }

  std::vector<change>& changes_;
  dialect dialect_;
  const schema::table* table_ = nullptr;
};

}  // namespace hewn::detail
