// tests/differential/derived_tables.hpp - the reference of queries that read another query.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "databases.hpp"
#include "queries.hpp"
#include "reference.hpp"

#include <hewn/reflect/fields.hpp>
#include <hewn/schema/codec.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <vector>

namespace differential {

template <class F>
void put_cell(const cell& c, F& field) {
  if constexpr (hewn::detail::is_optional<F>) {
    field.reset();
    if (!c.is_null()) put_cell(c, field.emplace());
  } else if constexpr (std::is_same_v<F, bool>) {
    field = c.is_true();
  } else if constexpr (std::is_same_v<F, double>) {
    field = c.real;
  } else if constexpr (std::is_integral_v<F>) {
    field = static_cast<F>(c.number);
  } else if constexpr (std::is_same_v<F, std::string>) {
    field = c.text;
  } else if constexpr (std::is_same_v<F, colour>) {
    for (const colour known : {colour::red, colour::green, colour::blue})
      if (cell_of(known).text == c.text) field = known;
  } else {
    field = F(typename F::duration(c.number));
  }
}

template <class Row>
void add_row(std::vector<Row>& rows, const cells& values) {
  std::size_t i = 0;
  hewn::visit_fields(rows.emplace_back(), [&](auto& field, auto) { put_cell(values[i++], field); });
}

/// Keeps the rows of a query for one that reads them. False: they are not certain, since a database
/// need not compute what nobody reads.
template <class Row>
bool keep(std::vector<Row>& rows, const reference_result& found) {
  rows.clear();
  for (const cells& values : found.rows) add_row(rows, values);
  return !found.uncertain && !found.fails;
}

/// Runs the queries that a query reads, in their order. False: their rows are not certain.
using prepare_rows = std::function<bool(population&)>;

inline reference_result run_after(const prepare_rows& prepare, const reference_query& query,
                                  const population& rows) {
  population with = rows;
  if (!prepare(with)) return {.uncertain = true};
  return run(query, with);
}

/// As check_selected(), of a query that reads others.
template <class Shape, class Query, class... E>
void check_prepared(std::uint64_t seed, const Query& query, const prepare_rows& prepare,
                    reference_query reference, const E&... e) {
  using row = typename Shape::template row<E...>;
  reference.values = {forget(e)...};
  const auto selected = query.template select<row>(e...);
  check(seed, selected.plan(), hewn::detail::result_columns<row>,
        [&](const population& p) { return run_after(prepare, reference, p); });
}

}  // namespace differential
