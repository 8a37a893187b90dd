// hewn/sync/model/obstacle.hpp - what a database can add to a table that has rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/change.hpp>

#include <string>

namespace hewn::detail {

/// Why a change waits and what to do about it; both empty when it does not wait.
struct obstacle {
  std::string reason;
  std::string repair;

  explicit operator bool() const { return !reason.empty(); }
};

/// Whether SQLite's ALTER TABLE adds this column to a table that may have rows; what it does not
/// add takes a rebuild. `referenced`: the column comes with a foreign key.
/// Source: https://sqlite.org/lang_altertable.html#alter_table_add_column
inline bool sqlite_adds(const schema::column& c, bool referenced) {
  if (c.key_position != 0 || c.generated == schema::generated::stored) return false;
  if (c.generated != schema::generated::no) return true;
  if (is_null_default(c.default_text)) return !c.not_null;
  return !referenced && is_constant_default(c.default_text, dialect::sqlite);
}

/// What keeps sync from adding this column to a table of PostgreSQL that may have rows. A column
/// that needs a value is added while there are none, which are counted. `filled`: a backfill is
/// declared for it.
inline obstacle obstacle_to_adding(const schema::column& c, bool filled) {
  if (filled || c.generated != schema::generated::no || c.autoincrement) return {};
  // A default of the current time is added while there are no rows, which are counted.
  if (!is_null_default(c.default_text) && !is_constant_default(c.default_text, dialect::postgres) &&
      !is_current_time(c.default_text))
    return {"sync gives existing rows constants only, and its default is computed",
            "declare backfill for it, or a constant instead of an expression"};
  return {};
}

/// The five axes of adding a column.
inline change_risk risk_of_adding(const schema::column& c, bool checked, dialect d) {
  change_risk risk;
  if (c.generated != schema::generated::no) risk.effect = data_effect::derived_only;
  const bool empty =
      c.not_null && is_null_default(c.default_text) && c.generated == schema::generated::no;
  if (checked || empty) risk.dependence = data_dependence::can_fail;
  if (checked) risk.cost = change_cost::scan;
  if (c.generated == schema::generated::stored || (d == dialect::postgres && c.autoincrement) ||
      (d == dialect::postgres && !is_null_default(c.default_text) &&
       !is_constant_default(c.default_text, d)))
    risk.cost = change_cost::rewrite;
  if (empty) risk.breaks = compatibility::writers;
  risk.undo = reversibility::structural;
  return risk;
}

/// The five axes of a change other than adding a column. `tightens`: fewer rows are valid after it.
/// Constraints cost SQLite a rebuild and PostgreSQL a scan.
inline change_risk risk_of(change_kind kind, bool tightens, dialect d) {
  const change_cost constraint_cost =
      d == dialect::sqlite ? change_cost::rewrite : change_cost::scan;
  const change_cost catalog_cost =
      d == dialect::sqlite ? change_cost::rewrite : change_cost::metadata;
  const data_dependence rows = tightens ? data_dependence::can_fail : data_dependence::none;
  const compatibility side = tightens ? compatibility::writers : compatibility::readers;
  switch (kind) {
    case change_kind::create_table:
    case change_kind::add_column:
    case change_kind::create_type:
      return {};
    case change_kind::add_value:
      // The previous release does not know it when it reads it.
      return {data_effect::none, data_dependence::none, change_cost::metadata,
              compatibility::readers, reversibility::none};
    case change_kind::change_values:
      return {data_effect::reinterpreting, data_dependence::can_fail, change_cost::rewrite,
              compatibility::readers_and_writers, reversibility::structural};
    case change_kind::create_index:
    case change_kind::change_index:
      return {data_effect::derived_only, rows, change_cost::scan,
              tightens ? compatibility::writers : compatibility::none, reversibility::exact};
    case change_kind::rename_index:
      // SQLite makes it again under the other name.
      return {data_effect::none, data_dependence::none,
              d == dialect::sqlite ? change_cost::scan : change_cost::metadata, compatibility::none,
              reversibility::exact};
    case change_kind::drop_column:
      return {data_effect::lossy, data_dependence::none, catalog_cost,
              compatibility::readers_and_writers, reversibility::structural};
    case change_kind::change_type:
      return {data_effect::reinterpreting, data_dependence::can_change, change_cost::rewrite,
              compatibility::readers_and_writers, reversibility::none};
    case change_kind::change_default:
      return {data_effect::none, data_dependence::none, catalog_cost, compatibility::writers,
              reversibility::exact};
    case change_kind::change_generated:
      return {data_effect::derived_only, data_dependence::can_change, change_cost::rewrite,
              compatibility::writers, reversibility::structural};
    case change_kind::change_collation:
      return {data_effect::reinterpreting, data_dependence::can_fail, change_cost::rewrite,
              compatibility::none, reversibility::exact};
    case change_kind::change_autoincrement:
      // Without it, the key of a deleted row is given away again.
      return {data_effect::reinterpreting, data_dependence::none, catalog_cost, compatibility::none,
              reversibility::structural};
    case change_kind::change_primary_key:
      return {data_effect::reinterpreting, data_dependence::can_fail, change_cost::rewrite,
              compatibility::readers_and_writers, reversibility::structural};
    case change_kind::change_check:
      return {data_effect::none, data_dependence::can_fail, constraint_cost,
              compatibility::readers_and_writers, reversibility::exact};
    case change_kind::change_foreign_key:
      // What refers to what stays; the rows have been held against that.
      return {data_effect::none, data_dependence::none, constraint_cost,
              compatibility::readers_and_writers, reversibility::exact};
    case change_kind::change_table_options:
      return {data_effect::none, data_dependence::can_fail, change_cost::rewrite,
              compatibility::writers, reversibility::exact};
    case change_kind::rename_table:
    case change_kind::rename_column:
    case change_kind::rename_value:
      return {data_effect::none, data_dependence::none, change_cost::metadata,
              compatibility::readers_and_writers, reversibility::exact};
    case change_kind::fill_column:
      // Declared, and nothing was there before.
      return {data_effect::none, data_dependence::none, change_cost::rewrite, compatibility::none,
              reversibility::none};
    case change_kind::drop_table:
      return {data_effect::lossy, data_dependence::none, change_cost::metadata,
              compatibility::readers_and_writers, reversibility::structural};
    case change_kind::drop_index:
      return {data_effect::derived_only, data_dependence::none, change_cost::metadata,
              compatibility::none, reversibility::exact};
    case change_kind::create_view:
    case change_kind::create_trigger:
      return {data_effect::none, data_dependence::none, change_cost::metadata, compatibility::none,
              reversibility::exact};
    case change_kind::drop_view:
    case change_kind::change_view:
      return {data_effect::derived_only, data_dependence::none, change_cost::metadata,
              compatibility::readers, reversibility::exact};
    case change_kind::drop_trigger:
    case change_kind::change_trigger:
      return {data_effect::none, data_dependence::none, change_cost::metadata,
              compatibility::writers, reversibility::exact};
    default:
      return {data_effect::none, rows, constraint_cost, side, reversibility::exact};
  }
}

}  // namespace hewn::detail
