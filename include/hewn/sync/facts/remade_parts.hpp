// hewn/sync/facts/remade_parts.hpp - what of a table of PostgreSQL goes and comes again, although
// nothing is to become of it.
// SPDX-License-Identifier: BSL-1.0
//
// A computed column is dropped and added where its expression or its type is another one, and where
// a column that it reads gets another type, which the server refuses as long as it is there. An
// enumeration that is made anew has the same name and is another type. Constraints and indexes on
// either go before and come again behind.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/constraint_terms.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/enumeration_diff.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// Of the live tables that stay. What changes or goes by itself is not among it.
class remade_parts {
 public:
  remade_parts(const plan_context& in, const std::vector<change>& changes)
      : in_(in), changes_(changes) {}

  /// Whether the column, which is to be computed, is dropped and added.
  bool is_remade_column(const schema::table& live, std::string_view column) const {
    const schema::table* const wanted = find_table(in_.wanted.schema, live.name, in_.dialect);
    const schema::column* const before = find_column(live, column, in_.dialect);
    const schema::column* const after =
        wanted ? find_column(*wanted, column, in_.dialect) : nullptr;
    if (!before || !after || after->generated == schema::generated::no) return false;
    const bool recomputed = find(change_kind::change_generated, live, column) != nullptr;
    const bool retyped = find(change_kind::change_type, live, column) != nullptr;
    if (before->generated == schema::generated::no) return recomputed;
    if (retyped || reads_retyped(live, *before) || reads_retyped(live, *after)) return true;
    return recomputed && !sets_expression(*before, *after);
  }

  /// Whether the server gives the column, where nothing else of it changes, another expression.
  bool sets_expression(const schema::column& before, const schema::column& after) const {
    return in_.version >= 170000 && before.generated == schema::generated::stored &&
           after.generated == schema::generated::stored;
  }

  /// The computed columns that are remade because `cause` changes the column that they are, or one
  /// that they read.
  std::vector<std::string> columns_by(const change& cause) const {
    std::vector<std::string> out;
    const schema::table* const live = find_table(in_.live, cause.table, in_.dialect);
    if (!live ||
        (cause.kind != change_kind::change_generated && cause.kind != change_kind::change_type))
      return out;
    for (const schema::column& c : live->columns)
      if ((same_name(in_.dialect, c.name, cause.object) ||
           mentions(c.generated_text, cause.object, in_.dialect)) &&
          is_remade_column(*live, c.name))
        out.push_back(c.name);
    return out;
  }

  std::vector<schema::check> checks_of(const schema::table& live) const {
    std::vector<schema::check> out;
    if (!is_wanted(live)) return out;
    for (const schema::check& k : live.checks)
      if (concerns(live, k.text) && !is_replaced(live, check_text(k))) out.push_back(k);
    return out;
  }

  std::vector<schema::unique_key> unique_keys_of(const schema::table& live) const {
    std::vector<schema::unique_key> out;
    if (!is_wanted(live)) return out;
    for (const schema::unique_key& k : live.unique_keys)
      if ((has_remade(live, k.columns) || has_remade(live, k.storage.included)) &&
          !is_replaced(live, unique_text(k, in_.dialect)))
        out.push_back(k);
    return out;
  }

  bool is_remade_key(const schema::table& live, const schema::foreign_key& k) const {
    return is_wanted(live) && has_remade(live, k.columns) &&
           !is_replaced(live, reference_text(k, in_.dialect));
  }

  /// Under the names that they will have.
  std::vector<schema::index> indexes_of(const schema::table& live) const {
    std::vector<schema::index> out;
    if (!is_wanted(live)) return out;
    for (const schema::index& i : live.indexes) {
      if (!concerns(live, i) || index_goes(changes_, i.name, in_.dialect)) continue;
      out.push_back(i);
      for (const change& c : changes_)
        if (c.kind == change_kind::rename_index && c.before == quote_identifier(i.name))
          out.back().name = c.object;
    }
    return out;
  }

  /// What the table says of such an index, and would lose with it, in words.
  std::vector<std::string> bound_indexes_of(const schema::table& live) const {
    std::vector<std::string> out;
    for (const schema::index& i : indexes_of(live))
      for (const schema::other_object& o : in_.live.others)
        if (o.kind == "clause" && same_name(in_.dialect, o.table, live.name) &&
            (o.name == concat({"REPLICA IDENTITY USING INDEX ", i.name}) ||
             o.name == concat({"CLUSTER ON ", i.name}) ||
             (o.name.starts_with("TABLESPACE ") &&
              o.name.ends_with(concat({" of index ", i.name})))))
          out.push_back(concat({o.name, " of table ", live.name}));
    return out;
  }

 private:
  bool is_wanted(const schema::table& live) const {
    return find_table(in_.wanted.schema, live.name, in_.dialect) != nullptr;
  }

  const change* find(change_kind kind, const schema::table& live, std::string_view column) const {
    for (const change& c : changes_)
      if (c.kind == kind && same_name(in_.dialect, c.table, live.name) &&
          same_name(in_.dialect, c.object, column))
        return &c;
    return nullptr;
  }

  bool reads_retyped(const schema::table& live, const schema::column& computed) const {
    for (const change& c : changes_)
      if (c.kind == change_kind::change_type && same_name(in_.dialect, c.table, live.name) &&
          mentions(computed.generated_text, c.object, in_.dialect))
        return true;
    return false;
  }

  bool has_remade(const schema::table& live, const std::vector<std::string>& columns) const {
    for (const std::string& c : columns)
      if (is_remade_column(live, c)) return true;
    return false;
  }

  // Whether a change has this of the live table in its `before`.
  bool is_replaced(const schema::table& live, const std::string& text) const {
    for (const change& c : changes_)
      if (c.before == text && same_name(in_.dialect, c.table, live.name)) return true;
    return false;
  }

  bool concerns(const schema::table& live, const schema::index& i) const {
    if (concerns(live, i.where) || has_remade(live, i.storage.included)) return true;
    for (const schema::index_part& p : i.parts)
      if (p.expression ? concerns(live, p.text) : is_remade_column(live, p.text)) return true;
    return false;
  }

  bool concerns(const schema::table& live, std::string_view text) const {
    if (text.empty()) return false;
    for (const schema::column& c : live.columns)
      if ((is_remade(in_, c.type) || is_remade_column(live, c.name)) &&
          mentions(text, c.name, in_.dialect))
        return true;
    for (const schema::enumeration& e : in_.wanted.schema.enumerations)
      if (is_remade(in_, e.name) && mentions(text, e.name, in_.dialect)) return true;
    return false;
  }

  const plan_context& in_;
  const std::vector<change>& changes_;
};

}  // namespace hewn::detail
