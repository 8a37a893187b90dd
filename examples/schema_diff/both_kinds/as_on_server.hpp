// examples/schema_diff/both_kinds/as_on_server.hpp - a SQLite schema as PostgreSQL would have it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "column_types.hpp"
#include "default_values.hpp"
#include "text_checks.hpp"

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/own_tables.hpp>

#include <string>
#include <utility>
#include <vector>

namespace schema_diff {

namespace detail {

// Names that differ in case alone are one in SQLite, and PostgreSQL writes most in lower case.
template <class Named>
const Named* find_named(const std::vector<Named>& in, const std::string& name) {
  const Named* found = nullptr;
  for (const Named& each : in) {
    if (each.name == name) return &each;
    if (hewn::detail::same_word(each.name, name)) found = &each;
  }
  return found;
}

class table_translation {
 public:
  table_translation(const hewn::schema::table& from, const hewn::schema::database& server)
      : from_(from), server_(server), there_(find_named(server.tables, from.name)) {
    if (there_ == nullptr) there_ = &none_;
  }

  hewn::schema::table make() {
    hewn::schema::table out = from_;
    if (there_ != &none_) out.name = there_->name;
    out.strict = false;
    out.without_rowid = false;
    out.primary_key_storage = there_->primary_key_storage;
    for (hewn::schema::column& c : out.columns) translate(c);
    std::erase_if(out.checks,
                  [&](const hewn::schema::check& k) { return is_of_type(k.text, out); });
    for (hewn::schema::check& k : out.checks) k.text = server_check(k.text, *there_);
    for (hewn::schema::unique_key& k : out.unique_keys) {
      rename(k.columns);
      k.collations.clear();
    }
    for (hewn::schema::foreign_key& k : out.foreign_keys) translate(k);
    for (hewn::schema::index& i : out.indexes)
      for (hewn::schema::index_part& p : i.parts) {
        if (!p.expression) p.text = here(p.text);
        p.collation.clear();
      }
    for (hewn::schema::time_trigger& t : out.time_triggers)
      if (const auto* same = find_named(there_->time_triggers, t.name)) t = *same;
    return out;
  }

 private:
  void translate(hewn::schema::column& c) {
    const hewn::schema::column* const same = find_named(there_->columns, c.name);
    const hewn::schema::column other;
    const hewn::schema::column& there = same != nullptr ? *same : other;
    const bool alias = is_rowid(c);
    if (same != nullptr) c.name = there.name;
    const std::string sqlite_type = std::exchange(c.type, server_type_of(c.type));
    if (same != nullptr && is_same_type(sqlite_type, there.type) && has_values_of(there))
      c.type = there.type;
    hewn::schema::column typed = there;
    typed.type = c.type;
    c.default_text = server_default(c.default_text, typed);
    // SQLite chooses every such key, whoever declared it; hewn writes no AUTOINCREMENT for most.
    c.autoincrement = alias && (same == nullptr || there.autoincrement);
    c.always = there.always && c.autoincrement;
    if (c.key_position != 0) c.not_null = true;
    c.collation = there.collation;
  }

  void translate(hewn::schema::foreign_key& k) const {
    rename(k.columns);
    const hewn::schema::table* const target = find_named(server_.tables, k.target_table);
    if (target == nullptr) return;
    k.target_table = target->name;
    for (std::string& name : k.target_columns)
      if (const auto* same = find_named(target->columns, name)) name = same->name;
  }

  // SQLite's own number of the row.
  bool is_rowid(const hewn::schema::column& c) const {
    int parts = 0;
    for (const hewn::schema::column& other : from_.columns) parts += other.key_position != 0;
    return c.key_position != 0 && parts == 1 && !from_.without_rowid &&
           hewn::detail::same_word(c.type, "INTEGER");
  }

  const hewn::schema::enumeration* type_of(const hewn::schema::column& there) const {
    for (const hewn::schema::enumeration& e : server_.enumerations)
      if (there.type == e.name || there.type == hewn::quote_identifier(e.name)) return &e;
    return nullptr;
  }

  // In SQLite a check has the values of the enumeration.
  bool has_values_of(const hewn::schema::column& there) const {
    const hewn::schema::enumeration* const type = type_of(there);
    if (type == nullptr) return true;
    const std::string needed = values_check(there.name, *type);
    for (const hewn::schema::check& k : from_.checks)
      if (same_expression(k.text, needed)) return true;
    return false;
  }

  bool is_of_type(const std::string& text, const hewn::schema::table& translated) const {
    for (const hewn::schema::column& c : translated.columns) {
      const hewn::schema::enumeration* const type = type_of(c);
      if (type != nullptr && same_expression(text, values_check(c.name, *type))) return true;
    }
    return false;
  }

  static std::string values_check(const std::string& column, const hewn::schema::enumeration& e) {
    std::string out = hewn::quote_identifier(column) + " IN (";
    for (const std::string& label : e.labels)
      out += (out.ends_with('(') ? "" : ", ") + hewn::quote_literal(label);
    return out + ")";
  }

  static bool same_expression(const std::string& a, const std::string& b) {
    return hewn::detail::canonical_expression(a, hewn::dialect::sqlite) ==
           hewn::detail::canonical_expression(b, hewn::dialect::sqlite);
  }

  std::string here(const std::string& column) const {
    const auto* same = find_named(there_->columns, column);
    return same != nullptr ? same->name : column;
  }

  void rename(std::vector<std::string>& columns) const {
    for (std::string& c : columns) c = here(c);
  }

  const hewn::schema::table& from_;
  const hewn::schema::database& server_;
  const hewn::schema::table* there_;
  hewn::schema::table none_;
};

}  // namespace detail

/// Without the tables that hewn keeps for itself.
inline hewn::schema::database without_own_tables(hewn::schema::database in) {
  std::erase_if(in.tables,
                [](const hewn::schema::table& t) { return hewn::detail::is_own_table(t.name); });
  return in;
}

/// The tables of SQLite as tables of PostgreSQL: with the types of `server` where they hold the
/// same, else with those that hewn would take.
inline hewn::schema::database as_on_server(const hewn::schema::database& sqlite,
                                           const hewn::schema::database& server) {
  hewn::schema::database out;
  for (const hewn::schema::table& t : sqlite.tables)
    out.tables.push_back(detail::table_translation(t, server).make());
  out.enumerations = server.enumerations;
  return out;
}

}  // namespace schema_diff
