// hewn/sync/diff/key_diff.hpp - the differences between the unique keys and indexes of two tables.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/table_comparison.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Compares the unique constraints and the indexes of a live table with the wanted ones. Content
/// decides; a difference in name alone is one where somebody has chosen the name of an index.
class key_diff : private table_comparison {
 public:
  key_diff(const schema::table& live, const schema::table& wanted, bool complete, dialect d)
      : table_comparison(live, wanted, complete, d) {
    match_indexes();
  }

  void append_to(std::vector<change>& out) {
    found_in(out);
    compare_unique_keys();
    compare_indexes();
  }

 private:
  // A unique index over whole columns and all rows does what a unique constraint does: rows are
  // checked alike, ON CONFLICT and foreign keys find either.
  std::vector<std::string> unique_signatures(const schema::table& t) const {
    std::vector<std::string> out;
    for (const schema::unique_key& k : t.unique_keys) out.push_back(unique_signature(k, dialect_));
    for (const schema::index& i : t.indexes)
      if (const schema::unique_key k = as_unique_key(i); !k.columns.empty() && !is_replaced(i))
        out.push_back(unique_signature(k, dialect_));
    // The primary key is unique already.
    out.push_back(
        unique_signature({.columns = key_columns(t), .terms = t.primary_key_terms}, dialect_));
    return out;
  }

  // Whether a wanted index has its name and another content.
  bool is_replaced(const schema::index& live) const {
    return std::any_of(
        wanted_.indexes.begin(), wanted_.indexes.end(), [&](const schema::index& wanted) {
          return same_name(dialect_, wanted.name, live.name) &&
                 index_signature(wanted, dialect_) != index_signature(live, dialect_);
        });
  }

  static bool contains(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
  }

  // In a whole schema a constraint is a constraint; an index or the primary key does not stand for
  // it.
  std::vector<std::string> comparable_signatures(const schema::table& t) const {
    if (!complete_) return unique_signatures(t);
    std::vector<std::string> out;
    for (const schema::unique_key& k : t.unique_keys) out.push_back(unique_signature(k, dialect_));
    return out;
  }

  void compare_unique_keys() {
    const std::vector<std::string> live = comparable_signatures(live_);
    for (const schema::unique_key& k : wanted_.unique_keys)
      if (!contains(live, unique_signature(k, dialect_)))
        add(change_kind::add_unique, k.name, {}, unique_text(k, dialect_), true);
    const std::vector<std::string> wanted = comparable_signatures(wanted_);
    const std::vector<std::string> unique = unique_signatures(wanted_);
    for (const schema::unique_key& k : live_.unique_keys)
      if (const std::string content = unique_signature(k, dialect_); !contains(wanted, content))
        add(change_kind::drop_unique, k.name, unique_text(k, dialect_), {}).loosens =
            !contains(unique, content);
  }

  // One live index stands for one wanted index, so that of two alike none is overlooked.
  void match_indexes() {
    for (const schema::index& wanted : wanted_.indexes)
      if (const schema::index* live = find_index(wanted.name);
          live && index_signature(*live, dialect_) == index_signature(wanted, dialect_))
        matched_indexes_.push_back({live, &wanted});
    for (const schema::index& wanted : wanted_.indexes) {
      if (is_matched(wanted) || find_index(wanted.name)) continue;
      const std::string content = index_signature(wanted, dialect_);
      for (const schema::index& live : live_.indexes)
        if (!is_matched(live) && !is_replaced(live) && index_signature(live, dialect_) == content) {
          matched_indexes_.push_back({&live, &wanted});
          break;
        }
    }
  }

  const schema::index* find_index(std::string_view name) const {
    for (const schema::index& i : live_.indexes)
      if (same_name(dialect_, i.name, name)) return &i;
    return nullptr;
  }

  bool is_matched(const schema::index& i) const {
    return std::any_of(matched_indexes_.begin(), matched_indexes_.end(),
                       [&](const index_pair& p) { return p.live == &i || p.wanted == &i; });
  }

  void compare_indexes() {
    std::vector<std::string> live_unique;
    for (const schema::unique_key& k : live_.unique_keys)
      live_unique.push_back(unique_signature(k, dialect_));
    for (const schema::index& wanted : wanted_.indexes) {
      if (is_matched(wanted)) continue;
      // Nor does a constraint stand for an index.
      if (const schema::unique_key k = as_unique_key(wanted);
          !complete_ && !k.columns.empty() && contains(live_unique, unique_signature(k, dialect_)))
        continue;
      if (const schema::index* same_named = find_index(wanted.name)) {
        // One that the server does not use protects nothing.
        add(change_kind::change_index, wanted.name, index_text(*same_named, live_.name, dialect_),
            index_text(wanted, live_.name, dialect_), wanted.unique)
            .loosens = same_named->unique && !same_named->terms.starts_with("INVALID") &&
                       !stays_unique(*same_named);
      } else {
        add(index_creation(wanted, live_.name, dialect_));
      }
    }
    for (const index_pair& p : matched_indexes_)
      if (!same_name(dialect_, p.live->name, p.wanted->name) && (complete_ || is_chosen(*p.wanted)))
        add(change_kind::rename_index, p.wanted->name, quote_identifier(p.live->name),
            quote_identifier(p.wanted->name));
    if (complete_) drop_indexes();
  }

  // By the name that hewn gives, an index is only somehow to be there. A table that was made by
  // another program, or was renamed, has it by another one.
  bool is_chosen(const schema::index& wanted) const {
    std::string given = wanted_.name;
    for (const schema::index_part& part : wanted.parts)
      if (!part.expression) given += "_" + part.text;
    return wanted.name != given + "_idx";
  }

  bool stays_unique(const schema::index& live) const {
    const schema::unique_key k = as_unique_key(live);
    return !k.columns.empty() &&
           contains(unique_signatures(wanted_), unique_signature(k, dialect_));
  }

  void drop_indexes() {
    for (const schema::index& live : live_.indexes) {
      const bool changes = std::any_of(
          wanted_.indexes.begin(), wanted_.indexes.end(),
          [&](const schema::index& other) { return same_name(dialect_, other.name, live.name); });
      if (changes || is_matched(live)) continue;
      change& c =
          add(change_kind::drop_index, live.name, create_index(live, live_.name, dialect_), {});
      c.native = true;
      c.loosens = live.unique && !stays_unique(live);
    }
  }

  struct index_pair {
    const schema::index* live;
    const schema::index* wanted;
  };

  std::vector<index_pair> matched_indexes_;
};

}  // namespace hewn::detail
