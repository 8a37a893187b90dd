// hewn/sync/diff/retired.hpp - columns that stay although they are declared no more.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/intent.hpp>

#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Adds what is retired of `live` to the wanted table: the columns, and the constraints and indexes
/// that they are a part of.
class retirement {
 public:
  retirement(const schema::table& live, schema::table& wanted, dialect d)
      : live_(live), wanted_(wanted), dialect_(d) {}

  void keep(schema::column c) {
    // Rows that no longer name it must still be accepted.
    if (c.generated == schema::generated::no && is_null_default(c.default_text)) c.not_null = false;
    c.key_position = 0;
    columns_.push_back(c.name);
    wanted_.columns.push_back(std::move(c));
  }

  void keep_constraints() {
    for (const schema::unique_key& k : live_.unique_keys)
      if (shares_name(k.columns, columns_, dialect_)) wanted_.unique_keys.push_back(k);
    for (const schema::foreign_key& k : live_.foreign_keys)
      if (shares_name(k.columns, columns_, dialect_)) wanted_.foreign_keys.push_back(k);
    for (const schema::check& k : live_.checks)
      if (uses_any_column(k.text, columns_, dialect_)) wanted_.checks.push_back(k);
    for (const schema::index& i : live_.indexes)
      if (index_uses_any(i, columns_, dialect_)) wanted_.indexes.push_back(i);
  }

 private:
  const schema::table& live_;
  schema::table& wanted_;
  dialect dialect_;
  std::vector<std::string> columns_;
};

/// What is retired becomes wanted as it is. Renames are taken to be done already.
inline void keep_retired(wanted_schema& wanted, const schema::database& live, dialect d) {
  for (schema::table& t : wanted.schema.tables) {
    const schema::table* there = find_table(live, t.name, d);
    if (!there) continue;
    retirement kept(*there, t, d);
    for (const schema::column& c : there->columns)
      if (!find_column(t, c.name, d) &&
          find_intent(wanted.intents, intent_kind::retire_column, t.name, c.name, d))
        kept.keep(c);
    kept.keep_constraints();
  }
}

}  // namespace hewn::detail
