// tests/differential/reference.hpp - a query as plain data, with the rows that it has.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "cell.hpp"
#include "evaluator.hpp"
#include "rows.hpp"

#include <hewn/query/expressions/aggregate.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/plan/query_plan.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace differential {

using cells = std::vector<cell>;

struct reference_join {
  hewn::detail::query_word word;
  table added;
  std::optional<evaluated> on{};  // none: every row with every row
};

struct reference_order {
  evaluated key;
  bool descending = false;
  hewn::detail::null_place nulls = hewn::detail::null_place::smallest;
};

struct reference_query {
  table first = table::one;
  std::vector<reference_join> joins{};
  std::vector<evaluated> where{};
  bool is_grouped = false;
  std::vector<evaluated> groups{};
  std::vector<evaluated> having{};
  std::vector<evaluated> values{};
  bool distinct = false;
  std::vector<reference_order> orders{};
  std::optional<std::int64_t> limit{};
  std::int64_t offset = 0;
};

struct reference_result {
  std::vector<cells> rows{};
  bool in_order = false;   // rows come in this order
  bool uncertain = false;  // what the databases do depends on them
  bool fails = false;      // both report an error
};

/// Whether a row with these keys comes before one with those.
bool sorts_before(const std::vector<reference_order>& orders, const cells& left,
                  const cells& right);

/// `outer`: the row of the query around this one.
reference_result run(const reference_query& query, const population& rows,
                     const joined_row& outer = {});

/// A set operation.
reference_result combined(hewn::detail::query_word word, reference_result left,
                          reference_result right);

// ---------------------------------------------------------------- queries inside queries

cell exists_in(const reference_query& query, const scope& s);
/// The first value of the first row.
cell scalar_of(const reference_query& query, const scope& s);
/// Whether the value is among the first values of all rows.
cell among_rows(const cell& value, const reference_query& query, const scope& s, bool opposite);

/// An expression with a meaning of its own, because its type does not tell it: a query inside.
template <class E, class Meaning>
struct with_meaning : E {
  Meaning meaning;
};

template <class E, class Meaning>
with_meaning<E, Meaning> meaning_of(const E& e, Meaning meaning) {
  return {e, std::move(meaning)};
}

template <class E, class Meaning>
struct evaluator<with_meaning<E, Meaning>> {
  static cell value(const with_meaning<E, Meaning>& e, const scope& s) { return e.meaning(s); }
};

}  // namespace differential
