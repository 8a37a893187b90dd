// hewn/query/select/subquery.hpp - queries as values and conditions of another.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/select/as_joined.hpp>
#include <hewn/query/select/selected_query.hpp>
#include <hewn/query/select/table_query.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// `EXISTS (SELECT ...)`.
template <class Nested>
struct existence : around<Nested> {
  using around<Nested>::around;

  template <class...>
  static constexpr bool nullable = false;

  static constexpr void write_pieces(piece_recorder& out) {
    out.text("EXISTS (");
    Nested::write_pieces(out);
    out.text(")");
  }
};

/// The value of the first row that a query returns.
template <class R, class Nested, class Form>
struct scalar_query : value_expression<scalar_query<R, Nested, Form>, unwrapped<R>> {
  [[no_unique_address]] Nested query;

  constexpr explicit scalar_query(Nested q) : query(std::move(q)) {}

  template <class... Sources>
  static constexpr bool nullable =
      Form::rows != row_number::one || is_optional<R> || Form::template has_missing<Sources...>;

  static constexpr void write_pieces(piece_recorder& out) {
    out.text("(");
    Nested::write_pieces(out);
    out.text(Form::rows == row_number::one ? ")" : " LIMIT 1)");
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    query.bind(binder);
  }
};

/// A query that need not say what it returns.
template <class Query>
constexpr auto as_selected(const Query& q) {
  if constexpr (result_query<Query>)
    return q;
  else if constexpr (query<Query>)
    return as_joined(q).select_one();
  else if constexpr (requires { q.select_one(); })
    return q.select_one();
  else
    return explain_nested<Query>();
}

}  // namespace detail

/// Whether the query has a row, as a condition of another query. The query names tables of the one
/// around it after correlate().
template <class Query>
constexpr auto exists(const Query& query) {
  const auto selected = detail::as_selected(query);
  using type = std::remove_cvref_t<decltype(selected)>;
  if constexpr (!std::is_same_v<type, bool>) {
    if constexpr (detail::explain_nested<type>())
      return detail::existence<decltype(selected.nested())>(selected.nested());
  }
}

/// The value of the query's first row, as a value of another query: NULL where there is no row.
template <class Query>
constexpr auto scalar(const Query& query) {
  if constexpr (detail::explain_nested<Query>()) {
    using R = typename Query::row_type;
    constexpr detail::row_number rows = Query::form::rows;
    constexpr bool value = detail::column_value<detail::unwrapped<R>>;
    static_assert(value, "hewn: scalar() takes a query that selects a single value");
    if constexpr (!value) {
      return detail::constant_one();
    } else if constexpr (rows == detail::row_number::limited) {
      const auto nested = query.template nested<&detail::write_side_query>();
      return detail::scalar_query<R, std::remove_const_t<decltype(nested)>, typename Query::form>(
          nested);
    } else {
      return detail::scalar_query<R, decltype(query.nested()), typename Query::form>(
          query.nested());
    }
  }
}

}  // namespace hewn
