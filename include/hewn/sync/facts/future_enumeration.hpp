// hewn/sync/facts/future_enumeration.hpp - values that types have when a plan is applied.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/enumeration_diff.hpp>
#include <hewn/sync/facts/table_source.hpp>
#include <hewn/sync/model/canonical_text.hpp>

#include <string>
#include <string_view>

namespace hewn::detail {

/// The enumeration of a column that the plan makes, or to whose values it gives names: nothing can
/// be converted to it yet. Nullptr: of any other column.
inline const schema::enumeration* future_enumeration(const plan_context& in,
                                                     const schema::column& c) {
  if (const schema::enumeration* e = remade_enumeration(in.live, in.wanted.schema, c.type))
    return e;
  for (const schema::enumeration& e : in.wanted.schema.enumerations)
    if (is_of(c.type, e) &&
        (!in.live.find_enumeration(e.name) || in.renamed.renames_values(c.type)))
      return &e;
  return nullptr;
}

/// The condition that `value`, an expression over the rows of `live`, is none of the values of `e`.
/// `type`: of the future column `column`, `e` or an array of it.
inline std::string no_value_of(const plan_context& in, const schema::enumeration& e,
                               const schema::table& live, std::string_view column,
                               std::string_view type, const std::string& value) {
  const schema::column* const before = find_column(live, column, in.dialect);
  // The values that are there are counted before they get other names.
  const bool own = before && is_of(before->type, e) && value == quote_identifier(column);
  std::string labels;
  for (const std::string& label : e.labels)
    append_separated(labels, ", ",
                     {quote_literal(own ? in.renamed.former_value(e.name, label) : label)});
  const std::string none =
      labels.empty() ? std::string("IS NOT NULL") : concat({"NOT IN (", labels, ")"});
  const std::string text = labels_of(type, value);
  if (!type.ends_with("[]")) return concat({text, " ", none});
  return concat({"EXISTS (SELECT FROM unnest(", text, ") AS v WHERE v ", none, ")"});
}

}  // namespace hewn::detail
