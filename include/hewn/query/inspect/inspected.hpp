// hewn/query/inspect/inspected.hpp - the text and the values of whatever is a statement.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/db/values/field.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/sql.hpp>
#include <hewn/query/inspect/changed_rows.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/pieces/value_binder.hpp>
#include <hewn/query/select/locked_projection.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/query/select/row_lock.hpp>
#include <hewn/query/select/shape_request.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/statements/query_text.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/type_erasure/plan_opener.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace hewn::detail {

/// Raw SQL with its values, which it refers to.
template <class... Args>
struct raw_call {
  raw_statement<sizeof...(Args)> statement;
  std::tuple<const Args&...> values;
};

template <class Q>
inline constexpr bool is_raw_call = false;
template <class... Args>
inline constexpr bool is_raw_call<raw_call<Args...>> = true;

template <class Q>
inline constexpr bool is_sql_literal = false;
template <fixed_string Text>
inline constexpr bool is_sql_literal<sql_literal<Text>> = true;

/// What a connection can prepare.
template <class Q>
concept statement_form = rows_query<Q> || result_query<Q> || locks_rows<Q> || changes_rows<Q> ||
    is_raw_call<Q> || is_sql_literal<Q> || std::is_same_v<Q, dynamic_sql>;

/// Queries that have a name.
template <class Q>
concept named = requires(const Q& q) {
  q.name();
  q.with_example([](const auto&) {});
};

template <class Q>
consteval void explain_statement_form() {
  static_assert(!shape_request<Q>,
                "hewn: a shape is read by several statements, and this takes one; give the query "
                "of its root, or that of one field");
  constexpr bool statement = statement_form<Q> || shape_request<Q>;  // so that nobody lists why not
  static_assert(statement,
                "hewn: this is no statement; give a query, hewn::update_of(), hewn::remove_of(), "
                "hewn::insert_from_of<>() or hewn::sql<>, and end a query over several tables with "
                "select()");
}

/// Calls `use` with the statement, of a named query with the one of default values.
template <class Q, class Use>
void visit_statement(const Q& q, Use use) {
  if constexpr (named<Q>)
    q.with_example(use);
  else if constexpr (statement_form<Q>)
    use(q);
  else
    explain_statement_form<Q>();
}

/// The statement of a query over the rows of one table.
template <query_statement What, class Query>
std::string text_of_query(const Query& query, dialect d) {
  std::string text;
  sql_writer out{text, d};
  write_query(out, table_of<typename Query::record_type>, What, &write_part<Query, What>, &query);
  return text;
}

/// As it is given to a connection: the places of raw SQL are `?` everywhere.
template <statement_form Q>
HEWN_COLD std::string statement_text(const Q& q, dialect d) {
  if constexpr (rows_query<Q>)
    return text_of_query<query_statement::select>(q, d);
  else if constexpr (locks_rows<Q>)
    return q.query().plan().sql(d);
  else if constexpr (result_query<Q>)
    return q.plan().sql(d);
  else if constexpr (changes_rows<Q>)
    return q.as_request(
        [&](const auto& request) { return text_of_query<query_statement::update>(request, d); });
  else if constexpr (is_raw_call<Q>)
    return std::string(q.statement.text);
  else
    return std::string(q.text);
}

template <class Statement, class... Args>
void bind_arguments(Statement& statement, const Args&... args) {
  [[maybe_unused]] int i = 0;
  (bind_field(statement, ++i, static_cast<const argument<Args>&>(args), true), ...);
}

template <class Statement, statement_form Q>
HEWN_COLD void bind_statement(Statement& statement, const Q& q, [[maybe_unused]] call_site site) {
  [[maybe_unused]] value_binder<Statement> binder{statement, true};
  if constexpr (rows_query<Q>)
    check_counts(q, site), q.bind_tail(binder);
  else if constexpr (locks_rows<Q>)
    bind_plan(statement, q.query().plan(), true, site);
  else if constexpr (result_query<Q>)
    bind_plan(statement, q.plan(), true, site);
  else if constexpr (changes_rows<Q>)
    q.as_request([&](const auto& request) { request.bind(binder); });
  else if constexpr (is_raw_call<Q>)
    std::apply([&](const auto&... args) { bind_arguments(statement, args...); }, q.values);
}

/// A statement as plain data: what looks at it is compiled once for each driver.
template <class Driver>
struct inspected {
  const void* what;
  std::string (*text)(const void* what, dialect d);
  void (*bind)(typename Driver::statement& statement, const void* what, call_site site);
  int values = -1;  // how many it is given; -1: as many as it has places
};

template <class Q>
HEWN_COLD std::string inspected_text(const void* what, dialect d) {
  return statement_text(*static_cast<const Q*>(what), d);
}
template <class Statement, class Q>
HEWN_COLD void bind_inspected(Statement& statement, const void* what, call_site site) {
  bind_statement(statement, *static_cast<const Q*>(what), site);
}

template <class Q>
inline constexpr int count_values_of = -1;
template <class... Args>
inline constexpr int count_values_of<raw_call<Args...>> = static_cast<int>(sizeof...(Args));
template <>
inline constexpr int count_values_of<dynamic_sql> = 0;

/// Lifetime: refers to `q`.
template <class Driver, class Q>
inspected<Driver> inspect(const Q& q) {
  if constexpr (is_sql_literal<Q>) static_cast<void>(raw_statement<0>(q));  // or so it must be
  return {&q, &inspected_text<Q>, &bind_inspected<typename Driver::statement, Q>,
          count_values_of<Q>};
}

}  // namespace hewn::detail
