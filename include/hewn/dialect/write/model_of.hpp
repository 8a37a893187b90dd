// hewn/dialect/write/model_of.hpp - the table of a struct as a run-time model for one database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/column_type.hpp>
#include <hewn/dialect/write/declared_text.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/dialect/write/limit_sql.hpp>
#include <hewn/dialect/write/row_presence.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

HEWN_API std::vector<std::string> column_names(const table_info& table, const std::uint8_t* indices,
                                               std::size_t count);

// PostgreSQL's own convention, on both databases: <table>_<columns>_<suffix>.
HEWN_API std::string object_name(const table_info& table, const std::vector<std::string>& columns,
                                 std::string_view suffix);

HEWN_API schema::column make_model_column(const column_info& c, dialect d);

// No database takes a partial index for what a foreign key refers to.
HEWN_COLD inline void check_target(const table_info& table, const clause& c,
                                   const table_info& target) {
  const std::span<const std::uint8_t> columns(c.target_columns, c.column_count);
  if (!target.keeps_removed() || partial_unique_index(target, columns) == nullptr) return;
  const std::string_view column = target.columns[c.target_columns[0]].name;
  throw error(error_details{
      .code = errc::usage,
      .message = concat({"hewn: ", table.name, " refers to ", target.name, ".", column,
                         ", which is unique among the rows that are not removed alone; let it "
                         "refer to the primary key, or remove soft_delete<>"}),
      .table = std::string(table.name),
      .column = std::string(table.columns[c.columns[0]].name)});
}

HEWN_API std::string labels_condition(const column_info& c);

HEWN_API void apply_to_model(const table_info& table, const clause& c, dialect d,
                             schema::table& model);

}  // namespace detail

/// Adds the types of the table's own that its columns are of.
/// Throws: errc::usage where two columns mean different types by one name.
HEWN_API void append_enumerations(std::vector<schema::enumeration>& out, const table_info& table);

/// The table of a struct as the model that sync compares and creates.
HEWN_API schema::table table_model(const table_info& table, dialect d);

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/dialect/write/time_trigger.hpp>

namespace hewn::detail {

HEWN_API std::vector<std::string> column_names(const table_info& table, const std::uint8_t* indices,
                                               std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i != count; ++i) names.emplace_back(table.columns[indices[i]].name);
  return names;
}

HEWN_API std::string object_name(const table_info& table, const std::vector<std::string>& columns,
                                 std::string_view suffix) {
  std::string name(table.name);
  for (const std::string& c : columns) name += "_" + c;
  name += suffix;
  return name;
}

HEWN_API schema::column make_model_column(const column_info& c, dialect d) {
  schema::column column;
  column.name = c.name;
  column.type = c.declared_type.empty() ? column_type_sql(c.type, d) : c.declared_type;
  if (d == dialect::postgres && !c.enum_type.empty())
    column.type = quote_identifier(c.enum_type, d);
  column.not_null = !c.nullable;
  column.collation = c.collation;
  return column;
}

// Otherwise the database says so with the first row that takes the default.
HEWN_COLD inline void check_label(const table_info& table, const column_info& c,
                                  std::string_view value) {
  if (c.labels.empty() || value.size() < 2 || value.find('\'', 1) != value.size() - 1) return;
  for (const std::string_view label : c.labels)
    if (quote_literal(label) == value) return;
  throw error(error_details{
      .code = errc::usage,
      .message = concat({"hewn: ", table.name, ".", c.name, " has the default ", value,
                         ", which is no value of its enumeration; correct default_value<>"}),
      .table = std::string(table.name),
      .column = std::string(c.name)});
}

HEWN_API std::string labels_condition(const column_info& c) {
  std::string text;
  append_identifier(text, c.name);
  text += " IN (";
  for (std::size_t i = 0; i != c.labels.size(); ++i) {
    if (i != 0) text += ", ";
    text += quote_literal(c.labels[i]);
  }
  return text + ")";
}

HEWN_API void apply_to_model(const table_info& table, const clause& c, dialect d,
                             schema::table& model) {
  const auto columns = column_names(table, c.columns, c.column_count);
  schema::column& first = model.columns[c.columns[0]];
  if (is_limit(c.kind))
    model.checks.push_back(
        {object_name(table, columns, limit_suffix(c.kind)), limit_sql(table, c, d)});
  switch (c.kind) {
    case clause_kind::autoincrement:
      for (schema::column& column : model.columns)
        if (column.key_position != 0 && table.assigned_key) column.autoincrement = true;
      break;
    case clause_kind::unique:
      if (table.keeps_removed()) {
        schema::index index;
        index.unique = true;
        index.name = c.text.empty() ? object_name(table, columns, "_key") : std::string(c.text);
        for (const std::string& column : columns) index.parts.push_back({.text = column});
        index.where = covered_rows(table, c, d);
        model.indexes.push_back(std::move(index));
        break;
      }
      model.unique_keys.push_back(
          {c.text.empty() ? object_name(table, columns, "_key") : std::string(c.text), columns});
      break;
    case clause_kind::index: {
      schema::index index;
      index.unique = c.unique;
      index.name = c.text.empty() ? object_name(table, columns, "_idx") : std::string(c.text);
      for (std::size_t i = 0; i != columns.size(); ++i)
        index.parts.push_back({.text = columns[i], .descending = (c.descending >> i & 1) != 0});
      if (c.expression.size != 0)
        index.parts.push_back({.text = resolve(table, c.expression, d), .expression = true});
      index.where = covered_rows(table, c, d);
      model.indexes.push_back(std::move(index));
      break;
    }
    case clause_kind::reference: {
      const table_info& target = c.target();
      check_target(table, c, target);
      model.foreign_keys.push_back(
          {.name = object_name(table, columns, "_fkey"),
           .columns = columns,
           .target_table = std::string(target.name),
           .target_columns = column_names(target, c.target_columns, c.column_count),
           .on_delete = c.on_delete,
           .on_update = c.on_update});
      break;
    }
    case clause_kind::check:
      model.checks.push_back({std::string(c.text), resolve(table, c.expression, d)});
      break;
    case clause_kind::default_value:
      first.default_text = resolve_value(table, table.columns[c.columns[0]], c.expression, d);
      check_label(table, table.columns[c.columns[0]], first.default_text);
      break;
    case clause_kind::updated:
      if (c.expression.size == 0) break;
      // Rows that are inserted without the time have it by the DEFAULT.
      if (first.default_text.empty()) first.default_text = resolve(table, c.expression, d);
      model.time_triggers.push_back(
          make_time_trigger(table.name, column_names(table, table.key.data(), table.key.size()),
                            columns[0], resolve(table, c.expression, d), d));
      break;
    case clause_kind::version:
      if (first.default_text.empty()) first.default_text = "0";
      break;
    case clause_kind::generated:
      first.generated = c.stored ? schema::generated::stored : schema::generated::on_read;
      first.generated_text = resolve(table, c.expression, d);
      break;
    default:
      break;  // in table_info already
  }
}

}  // namespace hewn::detail

namespace hewn {

HEWN_API void append_enumerations(std::vector<schema::enumeration>& out, const table_info& table) {
  for (const column_info& c : table.columns) {
    if (c.enum_type.empty()) continue;
    schema::enumeration wanted{.name = std::string(c.enum_type)};
    for (const std::string_view label : c.labels) wanted.labels.emplace_back(label);
    bool known = false;
    for (const schema::enumeration& e : out) {
      if (e.name != wanted.name) continue;
      known = true;
      if (e.labels == wanted.labels) continue;
      throw error(errc::usage, "hewn: the type " + e.name + " of " + std::string(table.name) + "." +
                                   std::string(c.name) +
                                   " has other values elsewhere; give native_enum<> another name");
    }
    if (!known) out.push_back(std::move(wanted));
  }
}

HEWN_API schema::table table_model(const table_info& table, dialect d) {
  schema::table model;
  model.name = table.name;
  model.strict = table.strict;
  model.without_rowid = table.without_rowid;
  for (const column_info& c : table.columns)
    model.columns.push_back(detail::make_model_column(c, d));
  for (std::size_t k = 0; k != table.key.size(); ++k) {
    model.columns[table.key[k]].key_position = static_cast<int>(k) + 1;
    // SQLite alone would let it be NULL, and then find several rows by one key.
    model.columns[table.key[k]].not_null = true;
  }
  for (const column_info& c : table.columns)
    if (!c.labels.empty() && (d == dialect::sqlite || c.enum_type.empty()))
      model.checks.push_back({detail::object_name(table, {std::string(c.name)}, "_check"),
                              detail::labels_condition(c)});
  for (const detail::clause& c : table.clauses) detail::apply_to_model(table, c, d, model);
  // PostgreSQL: a key that the database chooses must be declared so.
  if (d == dialect::postgres && table.assigned_key)
    model.columns[table.key[0]].autoincrement = true;
  return model;
}

}  // namespace hewn

#endif
