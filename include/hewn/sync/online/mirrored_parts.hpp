// hewn/sync/online/mirrored_parts.hpp - what second columns get because the first ones have it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/token_cursor.hpp>
#include <hewn/dialect/write/constraint_ddl.hpp>
#include <hewn/dialect/write/constraint_terms.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/online/online_names.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// A column and the one that takes its place.
struct shadow_column {
  std::string name = {};
  std::string shadow = {};
  const schema::column* before = nullptr;
  const schema::column* wanted = nullptr;
  std::string value = {};      ///< the new one, of the row as it was
  bool widens = false;         ///< every value has one
  const step* keep = nullptr;  ///< of values that the new type changes; nullptr: it changes none
};

/// Whether the token of an expression as the server writes it may be a column: it is no part of a
/// type, of a qualified name or of a clause. `before`: the token before it.
inline bool may_be_column(const token& before, const token& t, const token& behind) {
  if (!t.is_name() || behind.kind == token_kind::open) return false;
  if (before.text == "::" || before.text == "." || behind.text == "." || before.is("collate"))
    return false;
  // double precision, character varying, timestamp without time zone
  return !(before.is("double") && t.is("precision")) && !(before.is("time") && t.is("zone")) &&
         !((before.is("character") || before.is("bit")) && t.is("varying")) &&
         !((before.is("with") || before.is("without") || before.is("at")) && t.is("time"));
}

/// `sql`, an expression as the server writes it, about the shadows of those columns.
inline std::string about_shadows(std::string_view sql, const std::vector<shadow_column>& columns) {
  std::string out;
  std::size_t copied = 0;
  token before;
  for (token_cursor in(sql); !in.at_end(); in.skip()) {
    const token t = in.peek();
    // EXTRACT(year FROM x) names no column there.
    if (t.is("extract") && in.peek(1).kind == token_kind::open) {
      in.skip();
      in.skip();
    } else if (may_be_column(before, t, in.peek(1))) {
      for (const shadow_column& c : columns)
        if (unquoted(t) == c.name) {
          const auto at = static_cast<std::size_t>(t.text.data() - sql.data());
          append(out, {sql.substr(copied, at - copied), quote_identifier(c.shadow)});
          copied = at + t.text.size();
        }
    }
    before = in.peek();
  }
  return concat({out, sql.substr(copied)});
}

/// A constraint of shadows like one of the columns.
struct mirrored_constraint {
  std::string name = {};
  std::string former = {};  ///< the name that it takes; empty: it goes
  std::string sql = {};
  bool is_value = false;  ///< it reads the first column, too
};
/// Likewise an index.
struct mirrored_index {
  std::string name = {};
  std::string former = {};
  std::string sql = {};
  bool unique = false;
  std::string constraint = {};  ///< of a unique key: what ends its ADD CONSTRAINT, or a blank
};

/// The constraints and indexes of shadows. Each has a number in its name, so that none is taken
/// twice.
class mirrored_parts {
 public:
  /// Lifetime of `columns`: beyond this call. `live`: their table.
  mirrored_parts(const schema::table& live, const std::vector<shadow_column>& columns)
      : table_(live.name), columns_(columns) {
    for (const shadow_column& c : columns_) {
      const std::string shadow = quote_identifier(c.shadow);
      std::string name = name_of_part();
      constraints_.push_back(
          {.name = name,
           .sql = concat({"CONSTRAINT ", quote_identifier(name), " CHECK (CAST(", shadow,
                          " AS text) COLLATE \"C\" IS NOT DISTINCT FROM CAST((", c.value,
                          ") AS text) COLLATE \"C\")"}),
           .is_value = true});
      if (!c.before->not_null) continue;
      name = name_of_part();
      constraints_.push_back({.name = name,
                              .sql = concat({"CONSTRAINT ", quote_identifier(name), " CHECK (",
                                             shadow, " IS NOT NULL)"})});
    }
    for (schema::check k : live.checks) {
      if (!concerns(k.text)) continue;
      mirrored_constraint& to = constraints_.emplace_back(
          mirrored_constraint{.former = std::exchange(k.name, name_of_part())});
      to.name = k.name;
      k.text = about_shadows(k.text, columns_);
      append_check(to.sql, k, dialect::postgres);
    }
    for (schema::foreign_key k : live.foreign_keys) {
      if (!concerns(k.columns)) continue;
      mirrored_constraint& to = constraints_.emplace_back(
          mirrored_constraint{.former = std::exchange(k.name, name_of_part())});
      to.name = k.name;
      put_shadows(k.columns);
      append_foreign_key(to.sql, k, dialect::postgres);
    }
    for (schema::unique_key k : live.unique_keys)
      if (concerns(k.columns) || concerns(k.storage.included)) mirror(std::move(k));
    for (const schema::index& i : live.indexes)
      if (concerns(i)) mirror(i);
  }

  const std::vector<mirrored_constraint>& constraints() const { return constraints_; }
  const std::vector<mirrored_index>& indexes() const { return indexes_; }

  /// Whether a constraint or an index of that name is among what they are like.
  bool has(std::string_view name) const {
    for (const mirrored_constraint& k : constraints_)
      if (k.former == name) return true;
    for (const mirrored_index& i : indexes_)
      if (i.former == name) return true;
    return false;
  }

 private:
  bool concerns(std::string_view text) const { return about_shadows(text, columns_) != text; }

  bool concerns(const std::vector<std::string>& names) const {
    for (const shadow_column& c : columns_)
      if (contains_text(names, c.name)) return true;
    return false;
  }

  std::string name_of_part() {
    return online_name(table_, concat({"~", std::to_string(++parts_)}));
  }

  void put_shadows(std::vector<std::string>& names) const {
    for (std::string& each : names)
      for (const shadow_column& c : columns_)
        if (each == c.name) {
          each = c.shadow;
          break;
        }
  }

  bool concerns(const schema::index& i) const {
    if (concerns(i.where) || concerns(i.storage.included)) return true;
    for (const schema::index_part& p : i.parts)
      if (p.expression ? concerns(p.text) : concerns(std::vector{p.text})) return true;
    return false;
  }

  void mirror(schema::index i) {
    mirrored_index& to = indexes_.emplace_back(
        mirrored_index{.former = std::exchange(i.name, name_of_part()), .unique = i.unique});
    to.name = i.name;
    i.where = about_shadows(i.where, columns_);
    put_shadows(i.storage.included);
    for (schema::index_part& p : i.parts) {
      if (p.expression) {
        p.text = about_shadows(p.text, columns_);
      } else {
        std::vector<std::string> one{p.text};
        put_shadows(one);
        p.text = one.front();
      }
    }
    to.sql = create_index(i, table_, dialect::postgres);
  }

  void mirror(schema::unique_key k) {
    schema::index i{.name = name_of_part(), .unique = true, .storage = k.storage};
    put_shadows(k.columns);
    put_shadows(i.storage.included);
    for (const std::string& each : k.columns) i.parts.push_back({.text = each});
    if (has_term(k.terms, nulls_are_one)) i.terms = nulls_are_one;
    std::string terms;
    append_key_terms(terms, k.terms, {}, dialect::postgres);
    indexes_.push_back({.name = i.name,
                        .former = k.name,
                        .sql = create_index(i, table_, dialect::postgres),
                        .unique = true,
                        .constraint = concat({" ", terms})});
  }

  std::string table_;
  const std::vector<shadow_column>& columns_;
  std::vector<mirrored_constraint> constraints_;
  std::vector<mirrored_index> indexes_;
  std::size_t parts_ = 0;
};

}  // namespace hewn::detail
