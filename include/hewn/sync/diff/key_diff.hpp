// hewn/sync/diff/key_diff.hpp - the differences between the unique keys and indexes of two tables.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/pairing.hpp>
#include <hewn/sync/diff/table_comparison.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// Compares the unique constraints and the indexes of a live table with the wanted ones. Content
/// decides; a difference in name alone is one where somebody has chosen the name of an index.
class key_diff : private table_comparison {
 public:
  key_diff(const schema::table& live, const schema::table& wanted, bool complete, dialect d)
      : table_comparison(live, wanted, complete, d),
        indexes_(live.indexes.size(), wanted.indexes.size()) {
    match_indexes();
  }

  void append_to(std::vector<change>& out) {
    found_in(out);
    compare_unique_keys();
    compare_indexes();
  }

 private:
  // In a whole schema all that the model has of an index. Elsewhere what no row depends on is left
  // alone.
  std::string stored_as(const schema::index_storage& s) const {
    return complete_ ? joined({s.method, joined(s.included)}) : std::string();
  }

  std::string content_of(const schema::unique_key& k) const {
    return canonical_unique_key(k, dialect_) + stored_as(k.storage);
  }

  std::string content_of(const schema::index& i) const {
    std::string out = canonical_index(i, dialect_) + stored_as(i.storage);
    if (complete_)
      for (const schema::index_part& p : i.parts) out += joined({p.operator_class, p.nulls});
    return out;
  }

  // A unique index over whole columns and all rows does what a unique constraint does: rows are
  // checked alike, ON CONFLICT and foreign keys find either.
  std::vector<std::string> canonical_unique_keys(const schema::table& t) const {
    std::vector<std::string> out;
    for (const schema::unique_key& k : t.unique_keys)
      out.push_back(canonical_unique_key(k, dialect_));
    for (const schema::index& i : t.indexes)
      if (const schema::unique_key k = as_unique_key(i); !k.columns.empty() && !is_replaced(i))
        out.push_back(canonical_unique_key(k, dialect_));
    // The primary key is unique already.
    out.push_back(
        canonical_unique_key({.columns = key_columns(t), .terms = t.primary_key_terms}, dialect_));
    return out;
  }

  // Whether a wanted index has its name and another content.
  bool is_replaced(const schema::index& live) const {
    const std::size_t at = position(wanted_.indexes, live.name);
    return at != pairing::none && content_of(wanted_.indexes[at]) != content_of(live);
  }

  // In a whole schema a constraint is a constraint; an index or the primary key does not stand for
  // it.
  std::vector<std::string> comparable_unique_keys(const schema::table& t) const {
    if (!complete_) return canonical_unique_keys(t);
    std::vector<std::string> out;
    for (const schema::unique_key& k : t.unique_keys) out.push_back(content_of(k));
    return out;
  }

  void compare_unique_keys() {
    const std::vector<std::string> live = comparable_unique_keys(live_);
    for (const schema::unique_key& k : wanted_.unique_keys)
      if (!contains_text(live, content_of(k)))
        add(change_kind::add_unique, k.name, {}, unique_text(k, dialect_), true);
    const std::vector<std::string> wanted = comparable_unique_keys(wanted_);
    const std::vector<std::string> unique = canonical_unique_keys(wanted_);
    for (const schema::unique_key& k : live_.unique_keys)
      if (!contains_text(wanted, content_of(k)) || gives_name_to_key(k)) {
        change& c = add(change_kind::drop_unique, k.name, unique_text(k, dialect_), {});
        c.loosens = !is_narrowed(k.columns, {}) &&
                    !contains_text(unique, canonical_unique_key(k, dialect_));
      }
  }

  // PostgreSQL: whether the primary key that comes has the name of this constraint.
  bool gives_name_to_key(const schema::unique_key& k) const {
    return dialect_ == dialect::postgres && !key_columns(wanted_).empty() &&
           k.name == wanted_.primary_key_name && live_.primary_key_name != k.name;
  }

  // Whether a wanted index keeps these columns unique among the rows in which a new column is NULL,
  // as soft_delete<> does. Every row that there is has none there, so nothing that protects it
  // goes.
  bool is_narrowed(const std::vector<std::string>& columns, const std::string& where) const {
    for (const schema::index& wanted : wanted_.indexes)
      if (wanted.unique && !wanted.where.empty() && is_over(wanted, columns))
        for (const schema::column& c : wanted_.columns)
          if (!c.not_null && c.default_text.empty() && c.generated == schema::generated::no &&
              find_column(live_, c.name, dialect_) == nullptr &&
              is_with_null(wanted.where, where, c.name))
            return true;
    return false;
  }

  bool is_over(const schema::index& i, const std::vector<std::string>& columns) const {
    if (i.parts.size() != columns.size()) return false;
    for (std::size_t part = 0; part != columns.size(); ++part)
      if (i.parts[part].expression || !same_name(dialect_, i.parts[part].text, columns[part]))
        return false;
    return true;
  }

  // Each database has its own parentheses.
  bool is_with_null(const std::string& condition, const std::string& where,
                    const std::string& column) const {
    const std::string wanted = canonical_expression(condition, dialect_);
    const std::string null = concat({quote_identifier(column), " IS NULL"});
    if (where.empty()) return wanted == canonical_expression(null, dialect_);
    for (const std::string& before : {where, concat({"(", where, ")"})})
      for (const std::string& behind : {null, concat({"(", null, ")"})})
        if (wanted == canonical_expression(concat({before, " AND ", behind}), dialect_))
          return true;
    return false;
  }

  // The same of an index, or whether one comes in its place that leaves out fewer rows.
  bool is_narrowed_or_widened(const schema::index& live) const {
    std::vector<std::string> columns;
    for (const schema::index_part& part : live.parts) {
      if (part.expression) return false;
      columns.push_back(part.text);
    }
    for (const schema::index& wanted : wanted_.indexes)
      if (wanted.unique && is_over(wanted, columns))
        for (const schema::column& c : live_.columns)
          if (is_with_null(live.where, wanted.where, c.name)) return true;
    return is_narrowed(columns, live.where);
  }

  // One live index stands for one wanted index, so that of two alike none is overlooked.
  void match_indexes() {
    for (std::size_t i = 0; i != wanted_.indexes.size(); ++i) {
      const std::size_t at = position(live_.indexes, wanted_.indexes[i].name);
      if (at != pairing::none && content_of(live_.indexes[at]) == content_of(wanted_.indexes[i]))
        indexes_.pair(at, i);
    }
    for (std::size_t i = 0; i != wanted_.indexes.size(); ++i) {
      if (!indexes_.is_missing(i) ||
          position(live_.indexes, wanted_.indexes[i].name) != pairing::none)
        continue;
      const std::string content = content_of(wanted_.indexes[i]);
      for (std::size_t at = 0; at != live_.indexes.size(); ++at)
        if (const schema::index& live = live_.indexes[at];
            !indexes_.is_paired(at) && !is_replaced(live) && content_of(live) == content) {
          indexes_.pair(at, i);
          break;
        }
    }
  }

  std::size_t position(const std::vector<schema::index>& in, std::string_view name) const {
    for (std::size_t i = 0; i != in.size(); ++i)
      if (same_name(dialect_, in[i].name, name)) return i;
    return pairing::none;
  }

  void compare_indexes() {
    std::vector<std::string> live_unique;
    for (const schema::unique_key& k : live_.unique_keys)
      live_unique.push_back(canonical_unique_key(k, dialect_));
    for (std::size_t i = 0; i != wanted_.indexes.size(); ++i) {
      if (!indexes_.is_missing(i)) continue;
      const schema::index& wanted = wanted_.indexes[i];
      // Nor does a constraint stand for an index.
      if (const schema::unique_key k = as_unique_key(wanted);
          !complete_ && !k.columns.empty() &&
          contains_text(live_unique, canonical_unique_key(k, dialect_)))
        continue;
      if (const std::size_t at = position(live_.indexes, wanted.name); at != pairing::none) {
        // One that the server does not use protects nothing.
        const schema::index& live = live_.indexes[at];
        add(change_kind::change_index, wanted.name, index_text(live, live_.name, dialect_),
            index_text(wanted, live_.name, dialect_), wanted.unique)
            .loosens = live.unique && !live.terms.starts_with("INVALID") && !stays_unique(live) &&
                       !is_narrowed_or_widened(live);
      } else {
        add(index_creation(wanted, live_.name, dialect_));
      }
    }
    for (std::size_t i = 0; i != wanted_.indexes.size(); ++i) {
      const std::size_t at = indexes_.partner(i);
      if (at == pairing::none) continue;
      const std::string& now = live_.indexes[at].name;
      const schema::index& wanted = wanted_.indexes[i];
      if (!same_name(dialect_, now, wanted.name) && (complete_ || is_chosen(wanted)))
        add(change_kind::rename_index, wanted.name, quote_identifier(now),
            quote_identifier(wanted.name));
    }
    if (complete_) drop_indexes();
  }

  // By the name that hewn gives, an index is only somehow to be there. A table that was made by
  // another program, or was renamed, has it by another one.
  bool is_chosen(const schema::index& wanted) const {
    std::string given = wanted_.name;
    for (const schema::index_part& part : wanted.parts)
      if (!part.expression) append(given, {"_", part.text});
    append(given, {"_idx"});
    return wanted.name != given;
  }

  bool stays_unique(const schema::index& live) const {
    const schema::unique_key k = as_unique_key(live);
    return !k.columns.empty() &&
           contains_text(canonical_unique_keys(wanted_), canonical_unique_key(k, dialect_));
  }

  void drop_indexes() {
    for (std::size_t at = 0; at != live_.indexes.size(); ++at) {
      const schema::index& live = live_.indexes[at];
      if (indexes_.is_paired(at) || position(wanted_.indexes, live.name) != pairing::none) continue;
      change& c =
          add(change_kind::drop_index, live.name, create_index(live, live_.name, dialect_), {});
      c.native = true;
      c.loosens = live.unique && !stays_unique(live) && !is_narrowed_or_widened(live);
    }
  }

  pairing indexes_;
};

}  // namespace hewn::detail
