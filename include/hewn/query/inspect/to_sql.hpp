// hewn/query/inspect/to_sql.hpp - the SQL of a query, for people.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/placeholders.hpp>
#include <hewn/dialect/write/tenant_mark.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/inspect/inspected.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/query/pieces/sql_writer.hpp>

#include <string>
#include <type_traits>
#include <utility>

namespace hewn {

namespace detail {

template <class E>
HEWN_COLD std::string condition_text(const E& e, dialect d) {
  std::string text;
  sql_writer out{text, d};
  out.qualified = true;
  if constexpr (is_dynamic<E>()) {
    out.inner = e.parts().steps.data();
    out.write(e.parts().pieces);
  } else {
    out.write_expression(e);
  }
  return text;
}

}  // namespace detail

/// The statement that a connection to this database would prepare: places for values, never the
/// values. For a query, what `all` runs; for a named query, what it runs, with default values where
/// its shape depends on them; for a condition or another expression, its text with columns by their
/// tables. The list of an IN is one place, whatever its length.
template <class Q>
std::string to_sql(const Q& query, dialect d) {
  if constexpr (detail::named<Q>) {
    std::string text;
    query.with_example([&](const auto& q) { text = to_sql(q, d); });
    return text;
  } else if constexpr (detail::statement_form<Q>) {
    constexpr bool raw =
        detail::is_raw_call<Q> || detail::is_sql_literal<Q> || std::is_same_v<Q, dynamic_sql>;
    std::string text = detail::shown_text(detail::statement_text(query, d), d);
    return raw && d == dialect::postgres ? detail::number_places(text) : std::move(text);
  } else if constexpr (detail::expression<Q>) {
    return detail::shown_text(detail::condition_text(query, d), d);
  } else {
    detail::explain_statement_form<Q>();
    return {};
  }
}

}  // namespace hewn
