// hewn/sync/plan/can_drop_column.hpp - which columns SQLite drops without a rebuild.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/plan/views_and_triggers.hpp>

#include <string_view>

namespace hewn::detail {

/// Whether ALTER TABLE DROP COLUMN, which refuses what something else uses, drops `column` of the
/// table `t` of `live`. 3.35.0 to 3.35.4 damaged tables. Units: `version` is SQLite's number.
/// Source: https://sqlite.org/lang_altertable.html#altertabdropcol
inline bool can_drop_column(const schema::database& live, const schema::table& t,
                            std::string_view column, int version) {
  constexpr dialect d = dialect::sqlite;
  if (version < 3035005) return false;
  const schema::column* c = find_column(t, column, d);
  if (!c || c->key_position != 0) return false;
  const auto uses = [&](std::string_view text) { return uses_column(text, column, d); };
  for (const schema::unique_key& k : t.unique_keys)
    if (contains_name(k.columns, column, d)) return false;
  for (const schema::foreign_key& k : t.foreign_keys)
    if (contains_name(k.columns, column, d)) return false;
  for (const schema::check& k : t.checks)
    if (uses(k.text)) return false;
  for (const schema::column& other : t.columns)
    if (&other != c && uses(other.generated_text)) return false;
  for (const schema::index& i : t.indexes)
    if (index_uses(i, column, d)) return false;
  for (const schema::source& s : live.sources)
    if (is_view_or_trigger(s) && mentions(s.sql, column, d)) return false;
  return true;
}

}  // namespace hewn::detail
