// hewn/dialect/write/constraint_ddl.hpp - constraints as they stand in CREATE and ALTER statements.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/constraint_terms.hpp>
#include <hewn/schema/database_model.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

inline void append_name(std::string& out, std::string_view name, dialect d) {
  check_identifier(name, d);
  append_identifier(out, name);
}

inline void append_collation(std::string& out, std::string_view collation, dialect d) {
  if (collation.empty()) return;
  out += " COLLATE ";
  if (d == dialect::sqlite && is_plain_word(collation)) {
    out += collation;
  } else {
    append_name(out, collation, d);
  }
}

inline void append_names(std::string& out, const std::vector<std::string>& names,
                         const std::vector<std::string>& collations, dialect d) {
  out += '(';
  for (std::size_t i = 0; i != names.size(); ++i) {
    if (i != 0) out += ", ";
    append_name(out, names[i], d);
    if (i < collations.size()) append_collation(out, collations[i], d);
  }
  out += ')';
}

inline void append_constraint_name(std::string& out, std::string_view name, dialect d) {
  if (name.empty()) return;
  out += "CONSTRAINT ";
  append_name(out, name, d);
  out += ' ';
}

inline void append_check(std::string& out, const schema::check& c, dialect d) {
  append_constraint_name(out, c.name, d);
  out += "CHECK (";
  out += c.text;
  out += ')';
  append_enforcement(out, c.terms, c.extras);
}

inline void append_reference(std::string& out, const schema::foreign_key& key, dialect d) {
  out += "REFERENCES ";
  append_name(out, key.target_table, d);
  if (!key.target_columns.empty()) {
    out += ' ';
    append_names(out, key.target_columns, {}, d);
    if (has_term(key.terms, "PERIOD")) name_period(out, key.target_columns);
  }
  if (has_term(key.terms, "MATCH FULL") || has_term(key.extras, "MATCH FULL")) out += " MATCH FULL";
  if (key.on_delete != schema::action::no_action) {
    out += " ON DELETE ";
    out += to_string(key.on_delete);
    out += columns_set(key.terms);
    out += columns_set(key.extras);
  }
  if (key.on_update != schema::action::no_action) {
    out += " ON UPDATE ";
    out += to_string(key.on_update);
  }
  if (key.deferred) out += " DEFERRABLE INITIALLY DEFERRED";
  if (!key.deferred && has_term(key.extras, "DEFERRABLE")) out += " DEFERRABLE";
  append_enforcement(out, key.terms, {});
}

inline void append_foreign_key(std::string& out, const schema::foreign_key& key, dialect d) {
  append_constraint_name(out, key.name, d);
  out += "FOREIGN KEY ";
  append_names(out, key.columns, {}, d);
  if (has_term(key.terms, "PERIOD")) name_period(out, key.columns);
  out += ' ';
  append_reference(out, key, d);
}

/// What follows the columns of a key.
inline void append_key_terms(std::string& out, std::string_view terms,
                             const schema::index_storage& storage, dialect d) {
  if (has_term(terms, "WITHOUT OVERLAPS")) out.insert(out.size() - 1, " WITHOUT OVERLAPS");
  if (!storage.included.empty()) {
    out += " INCLUDE ";
    append_names(out, storage.included, {}, d);
  }
  if (!storage.parameters.empty()) out += " WITH (" + storage.parameters + ')';
  if (has_term(terms, "DEFERRABLE")) out += " DEFERRABLE";
  if (has_term(terms, "INITIALLY DEFERRED")) out += " INITIALLY DEFERRED";
}

}  // namespace hewn::detail
