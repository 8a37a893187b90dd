// hewn/query/inspect/verify.hpp - queries against the tables that are there, without running them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/tenancy.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/query/inspect/explain.hpp>
#include <hewn/query/inspect/inspected.hpp>
#include <hewn/query/inspect/to_sql.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/rows/result_row.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/row_check.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/write_check.hpp>
#include <hewn/query/verbs/reads.hpp>
#include <hewn/reflect/type_name.hpp>
#include <hewn/schema/column_info.hpp>
#include <hewn/schema/columns_of.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

/// Why a query would fail.
struct query_problem {
  std::string query;    ///< its name; the table of a query without one; the text of raw SQL
  std::string problem;  ///< one sentence, as of an error; no values

  bool operator==(const query_problem&) const = default;
};

namespace detail {

/// How the columns of a statement come to the fields of a row.
enum class column_match : std::uint8_t { nothing, in_order, by_name, single };

/// What a query asks of the tables.
template <class Driver>
struct query_claims {
  std::string_view name;
  inspected<Driver> what;
  column_match match = column_match::nothing;
  std::span<const column_info> fields = {};
  std::string_view record = {};       // the row type, for messages
  const table_info* table = nullptr;  // whose rows it reads or changes; nullptr: several
  void (*write)(const void* what, sql_writer& out) = nullptr;  // of what changes rows
};

/// Compiled once for each driver.
template <class Driver>
struct query_verifier {
  static void verify(connection<Driver>& c, const query_claims<Driver>& claims,
                     std::vector<query_problem>& problems, call_site site);

 private:
  static void prepare(connection<Driver>& c, const query_claims<Driver>& claims, call_site site);
};

/// Adds the fields that are no std::optional and have a column that takes NULL.
template <class Driver>
HEWN_COLD void find_nulls(mismatch_list& found, const lease<Driver>& opened,
                          std::span<const column_info> fields,
                          std::span<const std::uint16_t> columns) {
  if constexpr (requires { opened.statement().columns_with_null(); }) {
    const std::vector<bool> null = opened.statement().columns_with_null();
    for (std::size_t i = 0; i != fields.size(); ++i)
      if (columns[i] < null.size() && null[columns[i]] && !fields[i].nullable)
        found.add("column " + std::string(fields[i].name) +
                  " can be NULL but the field is no std::optional");
  }
}

/// The same sentences as of the first row, before there is one.
template <class Driver>
HEWN_COLD void check_claimed_columns(const lease<Driver>& opened,
                                     const query_claims<Driver>& claims) {
  auto& statement = opened.statement();
  if (claims.match == column_match::nothing) return;
  if (claims.match == column_match::single) {
    check_single_column(opened, &claims);
    column_info column = claims.fields[0];
    column.name = statement.column_name(0);
    mismatch_list found;
    check_type<Driver>(found, statement, 0, column);
    const std::uint16_t first = 0;
    if (found.empty()) find_nulls(found, opened, std::span(&column, 1), std::span(&first, 1));
    if (!found.empty())
      opened->owner->fail_with(
          found.details("the result for a single value:",
                        "read it into another type, or select another expression"),
          *opened.operator->());
    return;
  }
  std::vector<std::uint16_t> columns(claims.fields.size());
  mismatch_list found;
  if (claims.match == column_match::by_name) {
    check_columns_by_name(opened, &claims, claims.record, claims.fields);
    columns = opened->columns;
  } else {
    for (std::size_t i = 0; i != columns.size(); ++i) {
      columns[i] = static_cast<std::uint16_t>(i);
      check_type<Driver>(found, statement, static_cast<int>(i), claims.fields[i]);
    }
  }
  find_nulls(found, opened, claims.fields, columns);
  if (found.empty()) return;
  opened->owner->fail_with(
      claims.table != nullptr && claims.write == nullptr
          ? misfit(*claims.table, found)
          : found.details("the result of a query does not fit its struct:",
                          "correct the field, or change the column by a migration"),
      *opened.operator->());
}

template <class Driver>
HEWN_COLD void query_verifier<Driver>::prepare(connection<Driver>& c,
                                               const query_claims<Driver>& claims, call_site site) {
  const tenant_frame unasked(c.tenants(), tenant_value{tenant_value::scope::unasked});
  // The blank behind it keeps it from being taken for one that was prepared before.
  const auto opened =
      prepare_once(c, claims.what.text(claims.what.what, c.spoken()) + ' ', site, claims.table);
  opened->reported = true;  // it does not run, so no observer is told
  check_claimed_columns(opened, claims);
  if (claims.write != nullptr)
    check_written_columns(opened, *claims.table, false, [&](mentioned_columns& mentioned) {
      std::string text;
      sql_writer out{text, c.spoken(), 0, &mentioned};
      claims.write(claims.what.what, out);
    });
  auto& statement = opened.statement();
  if (claims.what.values >= 0 && statement.parameter_count() != claims.what.values)
    fail_parameter_count(opened, static_cast<std::size_t>(claims.what.values));
  claims.what.bind(statement, claims.what.what, site);
  // What else is wrong with a value is so because it is an example.
  if (statement.problem() != value_problem::other_parameter_type) return;
  fail_parameter(opened);
}

template <class Driver>
HEWN_COLD void query_verifier<Driver>::verify(connection<Driver>& c,
                                              const query_claims<Driver>& claims,
                                              std::vector<query_problem>& problems,
                                              call_site site) {
  // PostgreSQL: a text that does not prepare would end the caller's transaction.
  std::optional<transaction_scope<Driver>> undone;
  if (c.spoken() == dialect::postgres && c.native().in_transaction())
    undone.emplace(c, transaction_mode::deferred, site);
  try {
    prepare(c, claims, site);
  } catch (const error& failure) {
    switch (failure.code()) {
      // The connection rather than the query.
      case errc::connection_lost:
      case errc::interrupted:
      case errc::out_of_memory:
      case errc::busy:
      case errc::io:
      case errc::corrupt:
      case errc::transaction_aborted:
        throw;
      default:
        problems.push_back({std::string(claims.name), failure.what()});
    }
  }
}

template <class Q>
HEWN_COLD void write_changed(const void* what, sql_writer& out) {
  static_cast<const Q*>(what)->as_request([&](const auto& request) { request.write(out); });
}

/// The struct of the table that a statement reads or changes.
template <class Q>
struct struct_of_statement {
  using type = typename Q::record_type;
};
template <class Change, class Clause>
struct struct_of_statement<row_return<Change, Clause>> {
  using type = typename Change::record_type;
};

template <class F>
inline constexpr column_info single_value_column[] = {make_column<F>("")};

/// `R`: the row type of raw SQL; void: it is not known.
template <class Driver, class R, class Q>
query_claims<Driver> claims_of(std::string_view name, const Q& q) {
  query_claims<Driver> claims{name, inspect<Driver>(q)};
  if constexpr (rows_query<Q> || changes_rows<Q>) {
    using T = typename struct_of_statement<Q>::type;
    claims.table = &table_of<T>;
    if constexpr (rows_query<Q>) {
      claims.match = column_match::in_order;
      claims.fields = table_of<T>.columns;
      claims.record = table_of<T>.record;
    } else {
      claims.write = &write_changed<Q>;
    }
    if constexpr (is_row_return<Q>) {
      using result = typename Q::record_type;
      claims.match = column_match::in_order;
      claims.fields = result_columns<result>;
      claims.record = type_name<result>();
    }
  } else if constexpr (result_query<Q> || locks_rows<Q>) {
    using result = typename Q::record_type;
    claims.match = column_match::in_order;
    claims.fields = result_columns<result>;
    claims.record = type_name<result>();
  } else if constexpr (!std::is_void_v<R>) {
    if constexpr (column_value<unwrapped<R>>) {
      claims.match = column_match::single;
      claims.fields = single_value_column<R>;
    } else {
      claims.match = column_match::by_name;
      claims.fields = row_columns<R>;
      claims.record = type_name<R>();
    }
  }
  return claims;
}

template <class Q>
struct raw_result_of {
  using type = void;
};
template <class Q>
requires requires { typename Q::raw_result; }
struct raw_result_of<Q> {
  using type = typename Q::raw_result;
};

/// Verifies one query, whatever it is.
template <class Driver, class Q>
void verify_query(connection<Driver>& c, const Q& q, std::vector<query_problem>& problems,
                  call_site site) {
  if constexpr (named<Q>) {
    q.with_example([&](const auto& example) {
      using R = typename raw_result_of<Q>::type;
      query_verifier<Driver>::verify(c, claims_of<Driver, R>(Q::name(), example), problems, site);
    });
  } else if constexpr (statement_form<Q>) {
    std::string name;
    if constexpr (rows_query<Q> || changes_rows<Q>)
      name = table_of<typename struct_of_statement<Q>::type>.name;
    else
      name = to_sql(q, c.spoken());
    query_verifier<Driver>::verify(c, claims_of<Driver, void>(name, q), problems, site);
  } else {
    explain_statement_form<Q>();
  }
}

template <class Driver, class... Queries>
std::vector<query_problem> verify_queries(const reads<Driver>& db, call_site site,
                                          const Queries&... queries) {
  auto& c = db.connection(site);
  std::vector<query_problem> problems;
  refresh_tables(c, site);
  (verify_query(c, queries, problems, site), ...);
  return problems;
}

/// Throws: schema_mismatch where there are problems.
HEWN_RARE HEWN_API void check_verified(std::span<const query_problem> problems, call_site site);

}  // namespace detail

/// Prepares every query against the tables that are there and runs none: what is wrong with them,
/// in their order; empty where nothing is. `hewn::verify<agents_of, drop_idle>(db)` takes named
/// queries, and any other query that is a constant, as `hewn::from<agent>`, whose columns are then
/// compared with its struct.
///
/// A problem is a text that does not prepare (a table or column that is missing, a mistake in raw
/// SQL), a column of another type than its field, or one that can be NULL for a field that is no
/// std::optional, and a parameter that does not take values of its type. What is looked at is the
/// query of default values: where conditions are chosen at run time, give that query by value.
/// Throws: what has to do with the connection and not with a query.
template <const auto&... Queries, class Driver>
requires(sizeof...(Queries) !=
         0) std::vector<query_problem> verify(const reads<Driver>& db,
                                              call_site site = call_site::current()) {
  return detail::verify_queries(db, site, Queries...);
}

/// The same of values: `hewn::verify(db, agents_of, recent.with(5))`.
template <class Driver, class... Queries>
requires(sizeof...(Queries) != 0) std::vector<query_problem> verify(const reads<Driver>& db,
                                                                    const Queries&... queries) {
  return detail::verify_queries(db, call_site{}, queries...);
}

/// As verify(), for start-up and tests. Throws: schema_mismatch with everything that is wrong.
template <const auto&... Queries, class Driver>
requires(sizeof...(Queries) != 0) void expect_verified(const reads<Driver>& db,
                                                       call_site site = call_site::current()) {
  detail::check_verified(detail::verify_queries(db, site, Queries...), site);
}

template <class Driver, class... Queries>
requires(sizeof...(Queries) != 0) void expect_verified(const reads<Driver>& db,
                                                       const Queries&... queries) {
  detail::check_verified(detail::verify_queries(db, call_site{}, queries...), call_site{});
}

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <utility>

namespace hewn::detail {

HEWN_API void check_verified(std::span<const query_problem> problems, call_site site) {
  if (problems.empty()) return;
  error_details d;
  d.code = errc::schema_mismatch;
  d.site = site;
  d.message = "hewn: ";
  d.message += problems.size() == 1 ? std::string("a query does")
                                    : std::to_string(problems.size()) + " queries do";
  d.message += " not fit the tables that are there";
  std::string_view before = ": ";
  for (const query_problem& p : problems) {
    std::string_view sentence = p.problem;
    if (sentence.starts_with("hewn: ")) sentence.remove_prefix(6);
    d.message += before;
    d.message += p.query;
    d.message += ": ";
    d.message += sentence;
    before = ". ";
  }
  d.message += "; correct the queries, or change the tables by a migration";
  throw error(std::move(d));
}

}  // namespace hewn::detail

#endif
