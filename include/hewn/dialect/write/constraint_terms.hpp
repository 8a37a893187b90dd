// hewn/dialect/write/constraint_terms.hpp - what else a constraint says, as clauses of its
// declaration.
// SPDX-License-Identifier: BSL-1.0
//
// The terms and extras of the schema model are PostgreSQL's own words; those of SQLite are empty.
#pragma once

#include <hewn/dialect/text/quote.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

inline constexpr std::string_view nulls_are_one = "NULLS NOT DISTINCT";

/// Whether `terms` have `term`. What is behind a parenthesis are names.
inline bool has_term(std::string_view terms, std::string_view term) {
  return terms.substr(0, terms.find('(')).find(term) != terms.npos;
}

/// Whether rows that were there before may break the constraint.
inline bool is_unvalidated(std::string_view terms) { return has_term(terms, "NOT VALID"); }

/// Whether any row may break the constraint.
inline bool is_unenforced(std::string_view terms) { return has_term(terms, "NOT ENFORCED"); }

/// The columns of `SET NULL ("a", "b")` with a blank before.
inline std::string_view columns_set(std::string_view terms) {
  const std::size_t open = terms.find(" (");
  return open == terms.npos ? std::string_view() : terms.substr(open);
}

inline void append_enforcement(std::string& out, std::string_view terms, std::string_view extras) {
  if (has_term(extras, "NO INHERIT")) out += " NO INHERIT";
  if (is_unenforced(terms)) out += " NOT ENFORCED";
}

/// `out` ends with a list of `names`, of which the last is a period.
inline void name_period(std::string& out, const std::vector<std::string>& names) {
  out.insert(out.size() - 1 - quote_identifier(names.back()).size(), "PERIOD ");
}

}  // namespace hewn::detail
