// hewn/sync/plan/dangling.hpp - references to tables that are nowhere.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/make_change.hpp>
#include <hewn/sync/model/own_tables.hpp>

#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Finds foreign keys to tables that are neither wanted nor there. SQLite would create them, and
/// then refuse every insert.
class dangling_references {
 public:
  dangling_references(schema_executor& executor, const schema::database& live,
                      const schema::database& wanted)
      : executor_(executor), live_(live), wanted_(wanted) {}

  /// Blocks `c` where it would create such a key.
  void refuse_in(change& c) {
    const bool creates = c.kind == change_kind::create_table ||
                         c.kind == change_kind::add_foreign_key ||
                         c.kind == change_kind::add_column;
    const schema::table* const t =
        creates ? find_table(wanted_, c.table, executor_.dialect()) : nullptr;
    if (t == nullptr) return;
    for (const schema::foreign_key& k : t->foreign_keys) {
      if (!belongs(c, k) || is_anywhere(k.target_table)) continue;
      c.unsupported = true;
      c.reason = concat({"it refers to table ", k.target_table,
                         ", which is neither in this call nor in the database"});
      c.repair = concat({"name the struct of ", k.target_table, " in the same call"});
      return;
    }
  }

 private:
  bool belongs(const change& c, const schema::foreign_key& k) const {
    if (c.kind == change_kind::create_table) return true;
    if (c.kind == change_kind::add_column)
      return contains_name(k.columns, c.object, executor_.dialect());
    return same_name(executor_.dialect(), c.object, k.name) ||
           contains_name(k.columns, c.object, executor_.dialect());
  }

  bool is_anywhere(const std::string& table) {
    const dialect d = executor_.dialect();
    if (find_table(wanted_, table, d) || find_table(live_, table, d) || is_own_table(table))
      return true;
    for (const schema::other_object& o : live_.others)
      if (o.table.empty() && same_name(d, o.name, table)) return true;
    if (d != dialect::postgres) return false;
    // Another schema of the search path may have it.
    const std::vector<text_row> found =
        executor_.query("SELECT pg_catalog.to_regclass($1)::text", {quote_identifier(table)});
    return !found.empty() && !found.front().empty() && found.front().front().has_value();
  }

  schema_executor& executor_;
  const schema::database& live_;
  const schema::database& wanted_;
};

}  // namespace hewn::detail
