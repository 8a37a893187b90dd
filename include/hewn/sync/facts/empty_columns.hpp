// hewn/sync/facts/empty_columns.hpp - constraints that protect nothing, because their column is
// NULL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/fact.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// A constraint that goes with a column which is NULL in every row has kept no row out: NULLs are
/// equal to nothing and refer to nothing. So it is no loosening to drop it as well.
/// Order: when the facts of all changes are known.
class empty_columns {
 public:
  empty_columns(std::vector<change>& changes, dialect d) : changes_(changes), dialect_(d) {}

  void excuse_constraints_of(const schema::table& live) {
    table_ = &live;
    for (change& c : changes_)
      if (c.loosens && same_name(dialect_, c.table, live.name) && goes_with_column(c))
        c.loosens = false;
  }

 private:
  bool goes_with_column(const change& c) const {
    switch (c.kind) {
      case change_kind::drop_unique:
        return any_of(table_->unique_keys, [&](const schema::unique_key& k) {
          return c.before == unique_text(k, dialect_) && any_is_empty(k.columns);
        });
      case change_kind::drop_foreign_key:
        return any_of(table_->foreign_keys, [&](const schema::foreign_key& k) {
          return c.before == reference_text(k, dialect_) && any_is_empty(k.columns);
        });
      case change_kind::drop_check:
        return any_of(table_->checks, [&](const schema::check& k) {
          return c.before == check_text(k) && reads_only_empty(k.text);
        });
      case change_kind::drop_index:
        return any_of(table_->indexes, [&](const schema::index& i) {
          return same_name(dialect_, c.object, i.name) &&
                 any_of(i.parts, [&](const schema::index_part& p) {
                   return !p.expression && is_empty(p.text);
                 });
        });
      default:
        return false;
    }
  }

  template <class List, class Fits>
  static bool any_of(const List& list, const Fits& fits) {
    return std::any_of(list.begin(), list.end(), fits);
  }

  bool any_is_empty(const std::vector<std::string>& columns) const {
    return any_of(columns, [this](const std::string& c) { return is_empty(c); });
  }

  bool reads_only_empty(std::string_view text) const {
    return !any_of(table_->columns, [&](const schema::column& c) {
      return uses_column(text, c.name, dialect_) && !is_empty(c.name);
    });
  }

  // Whether the column goes and was found to have no value.
  bool is_empty(const std::string& column) const {
    return any_of(changes_, [&](const change& c) {
      return c.kind == change_kind::drop_column && same_name(dialect_, c.table, table_->name) &&
             same_name(dialect_, c.object, column) && any_of(c.facts, [](const fact& f) {
               return f.question.kind == fact_kind::values_lost && f.count == 0;
             });
    });
  }

  std::vector<change>& changes_;
  dialect dialect_;
  const schema::table* table_ = nullptr;
};

}  // namespace hewn::detail
