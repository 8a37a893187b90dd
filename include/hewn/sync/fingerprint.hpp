// hewn/sync/fingerprint.hpp - a digest that tells one schema from another.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/digest.hpp>
#include <hewn/dialect/dialect.hpp>
#include <hewn/dialect/expression.hpp>
#include <hewn/schema/model.hpp>
#include <hewn/sync/signature.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

inline std::string canonical_column(const schema::column& c, dialect d) {
  return joined({folded_name(d, c.name), lower(c.type), c.not_null ? "not null" : "",
                 std::to_string(c.key_position), c.autoincrement ? "autoincrement" : "",
                 canonical_default(c.default_text, d),
                 std::to_string(static_cast<int>(c.generated)),
                 canonical_expression(c.generated_text, d), collation_signature(c.collation, d)});
}

inline std::string canonical_foreign_key(const schema::foreign_key& k, dialect d) {
  return joined({folded_name(d, k.name), foreign_key_signature(k, nullptr, d),
                 std::string(to_string(k.on_delete)), std::string(to_string(k.on_update)),
                 k.deferred ? "deferred" : ""});
}

template <class Items, class ToText>
std::string canonical_list(const Items& items, ToText to_text) {
  std::vector<std::string> out;
  for (const auto& item : items) out.push_back(to_text(item));
  return sorted_and_joined(std::move(out));
}

inline std::string canonical_table(const schema::table& t, dialect d) {
  return joined(
      {folded_name(d, t.name), t.strict ? "strict" : "", t.without_rowid ? "without rowid" : "",
       folded_name(d, t.primary_key_name),
       canonical_list(t.columns, [d](const schema::column& c) { return canonical_column(c, d); }),
       canonical_list(t.unique_keys,
                      [d](const schema::unique_key& k) {
                        return joined({folded_name(d, k.name), unique_signature(k, d)});
                      }),
       canonical_list(t.checks,
                      [d](const schema::check& k) {
                        return joined({folded_name(d, k.name), canonical_expression(k.text, d)});
                      }),
       canonical_list(t.foreign_keys,
                      [d](const schema::foreign_key& k) { return canonical_foreign_key(k, d); }),
       canonical_list(t.indexes, [d](const schema::index& i) {
         return joined({folded_name(d, i.name), index_signature(i, d)});
       })});
}

}  // namespace detail

/// SHA-256 over everything in `schema.tables` that matters to the database. White space, the case
/// of keywords, and the order of tables, columns and constraints do not.
inline std::string fingerprint(const schema::database& schema, dialect d) {
  return sha256_hex("hewn-schema:1" +
                    detail::canonical_list(schema.tables, [d](const schema::table& t) {
                      return detail::canonical_table(t, d);
                    }));
}

/// The tables of `live` that `wanted` names, and nothing else.
inline schema::database managed_part(const schema::database& live, const schema::database& wanted,
                                     dialect d) {
  schema::database out;
  for (const schema::table& t : wanted.tables)
    if (const schema::table* there = detail::find_table(live, t.name, d))
      out.tables.push_back(*there);
  return out;
}

}  // namespace hewn
