// hewn/postgres/schema/generated_columns.hpp - when a server computes the columns that a struct
// computes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/canonical_text.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::postgres::detail {

/// Whether an index or a key needs the values of the column stored.
HEWN_COLD inline bool is_looked_up(const schema::table& t, const std::string& column) {
  const auto has = [&](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), column) != names.end();
  };
  return std::any_of(t.unique_keys.begin(), t.unique_keys.end(),
                     [&](const schema::unique_key& k) { return has(k.columns); }) ||
         std::any_of(t.foreign_keys.begin(), t.foreign_keys.end(),
                     [&](const schema::foreign_key& k) { return has(k.columns); }) ||
         std::any_of(t.indexes.begin(), t.indexes.end(), [&](const schema::index& i) {
           return hewn::detail::index_uses(i, column, dialect::postgres);
         });
}

/// A server before version 18 computes generated columns only when they are written, and a later
/// one when they are read only where no index needs them and no type of the schema's own is used.
/// Source: https://www.postgresql.org/docs/18/ddl-generated-columns.html
HEWN_COLD inline void place_generated(schema::table& t, const schema::database& wanted,
                                      int version) {
  for (schema::column& c : t.columns) {
    if (c.generated != schema::generated::on_read) continue;
    const bool own_type = std::any_of(
        wanted.enumerations.begin(), wanted.enumerations.end(), [&](const schema::enumeration& e) {
          return hewn::detail::mentions(c.type, e.name, dialect::postgres) ||
                 hewn::detail::mentions(c.generated_text, e.name, dialect::postgres);
        });
    if (version < 180000 || c.key_position != 0 || own_type || is_looked_up(t, c.name))
      c.generated = schema::generated::stored;
  }
}

/// A column that an earlier server computes when it is written may stay so: its values are the
/// same, and to compute them otherwise would rewrite the table.
HEWN_COLD inline void keep_generated(schema::table& wanted, const schema::table& live) {
  for (schema::column& c : wanted.columns) {
    if (c.generated != schema::generated::on_read) continue;
    const schema::column* const there = live.find_column(c.name);
    if (there != nullptr && there->generated == schema::generated::stored)
      c.generated = schema::generated::stored;
  }
}

/// Source: https://www.postgresql.org/docs/18/ddl-identity-columns.html
inline bool may_be_identity(std::string_view type) {
  for (const std::string_view integer :
       {"smallint", "integer", "bigint", "int2", "int4", "int8", "int"})
    if (hewn::detail::same_word(type, integer)) return true;
  return false;
}

/// A key that the program gives may be one that the database would choose otherwise. Not one that
/// it always chooses, nor one that has a default.
HEWN_COLD inline void keep_identity(schema::table& wanted, const schema::table& live,
                                    const std::vector<schema::other_object>& others) {
  for (schema::column& c : wanted.columns) {
    const schema::column* const there = live.find_column(c.name);
    if (c.key_position == 0 || c.autoincrement || there == nullptr || !there->autoincrement ||
        !may_be_identity(c.type) || !c.default_text.empty())
      continue;
    c.autoincrement =
        std::none_of(others.begin(), others.end(), [&](const schema::other_object& o) {
          return o.table == live.name &&
                 o.name == "GENERATED ALWAYS AS IDENTITY of column " + c.name;
        });
  }
}

}  // namespace hewn::postgres::detail
