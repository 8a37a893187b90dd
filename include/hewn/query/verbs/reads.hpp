// hewn/query/verbs/reads.hpp - the verbs that read rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/turn.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/expressions/row_value.hpp>
#include <hewn/query/expressions/sql.hpp>
#include <hewn/query/plan/locked_tables.hpp>
#include <hewn/query/plan/query_plan.hpp>
#include <hewn/query/rows/result_row.hpp>
#include <hewn/query/rows/results.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/rows.hpp>
#include <hewn/query/select/as_joined.hpp>
#include <hewn/query/select/common_table.hpp>
#include <hewn/query/select/joined_query.hpp>
#include <hewn/query/select/locked_projection.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/query/select/shape_request.hpp>
#include <hewn/query/select/subquery.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/statements/changed_plan.hpp>
#include <hewn/query/statements/query_text.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/type_erasure/plan_opener.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>
#include <hewn/query/verbs/key_reads.hpp>
#include <hewn/query/verbs/misread.hpp>

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

/// What the verbs that read take: rows of a table, rows of several, and what select() says.
template <class Q>
concept readable_query = rows_query<Q> || result_query<Q> || row_query<Q> ||
    locks_rows<std::remove_cvref_t<Q>> || shape_request<Q>;

}  // namespace detail

/// The reading half of a session. One thread at a time.
template <class Driver>
class reads : public detail::key_reads<Driver> {
 public:
  // ---------------------------------------------------------------- read by query

  /// Every row of the query.
  template <detail::rows_query Query>
  auto all(const Query& query, call_site site = call_site::current()) const {
    using T = typename Query::record_type;
    std::vector<detail::kept<T>> rows;
    if constexpr (detail::explain_table<T>() && detail::explain_owning<T>()) {
      detail::check_counts(query, site);
      if constexpr (Query::is_limited) rows.reserve(query.expected_rows());
      detail::collect_query(this->turn_, query, &rows, &detail::read_rows<Driver, T>, site);
    }
    return rows;
  }

  /// Every row of a query with select(), in the type that it names; of one without, all columns of
  /// its tables, as a std::tuple of their structs.
  template <class R, class Data, bool Dynamic>
  auto all(const projection<R, Data, Dynamic>& query, call_site site = call_site::current()) const {
    std::vector<R> rows;
    if constexpr (detail::explain_alone<R>() && detail::explain_owning<R>())
      detail::plan_opener<Driver>::all(this->turn_, query.plan(), query.slot(), &rows,
                                       detail::all_rows_of<R, Driver>, site);
    return rows;
  }
  template <class R, class Data, bool Dynamic>
  auto all(const locked_projection<R, Data, Dynamic>& query,
           call_site site = call_site::current()) const {
    return all(lock_rows(query, site), site);
  }
  template <detail::row_query Query>
  auto all(const Query& query, call_site site = call_site::current()) const {
    return all(query.select_rows(), site);
  }

  /// Every shape of the query, each with what belongs to it; see hewn::shape_query. As many
  /// statements as the shape has relations, on one snapshot.
  template <detail::shape_request Query>
  auto all(const Query& query, call_site site = call_site::current()) const {
    return all_shapes(this->turn_, query, site);
  }
  template <class Query, class... Values>
  requires detail::misread<Query, Values...>
  auto all(const Query&, const Values&...) const {
    return detail::explain_misread<detail::misread_rows::many, Query>();
  }

  /// Every row of the table.
  template <class T>
  std::vector<detail::kept<T>> all(call_site site = call_site::current()) const {
    return all(from<T>, site);
  }

  /// Every row of raw SQL, into structs by column names or into values from a single column.
  template <class T, class... Args>
  std::vector<detail::kept<T>> all(detail::raw_statement<sizeof...(Args)> sql,
                                   const Args&... args) const {
    std::vector<detail::kept<T>> rows;
    if constexpr (detail::explain_result<T>() && detail::explain_owning<T>()) {
      auto lease = detail::open_raw(this->connection(sql.site), sql, false, args...);
      bool more = lease.step();
      detail::check_raw_row<T>(lease);
      detail::reserve_rows(lease, rows);
      for (; more; more = lease.step()) detail::read_raw_row(lease, rows.emplace_back());
    }
    return rows;
  }

  template <fixed_string Text, class... Args>
  std::vector<detail::no_key> all(detail::sql_literal<Text> sql, const Args&...) const {
    return detail::refuse_untyped_sql<decltype(sql)>(), std::vector<detail::no_key>();
  }

  /// The rows of the query one by one, as a range for one pass; see hewn::rows.
  template <detail::rows_query Query>
  auto each(const Query& query, call_site site = call_site::current()) const {
    using T = typename Query::record_type;
    static_assert(detail::explain_table<T>());
    return rows<T, Driver, detail::row_form::table>(
        detail::open_query(this->connection(site), query, true, site), this->turn_.scope);
  }

  template <class R, class Data, bool Dynamic>
  auto each(const projection<R, Data, Dynamic>& query,
            call_site site = call_site::current()) const {
    if constexpr (!detail::explain_alone<R>())
      return std::vector<R>();
    else
      return rows<R, Driver, detail::row_form::result>(
          detail::plan_opener<Driver>::open(this->connection(site), query.plan(), query.slot(),
                                            true, site),
          this->turn_.scope);
  }
  template <class R, class Data, bool Dynamic>
  auto each(const locked_projection<R, Data, Dynamic>& query,
            call_site site = call_site::current()) const {
    return each(lock_rows(query, site), site);
  }
  template <detail::row_query Query>
  auto each(const Query& query, call_site site = call_site::current()) const {
    return each(query.select_rows(), site);
  }

  /// The shapes of the query one by one; see hewn::shape_range.
  template <detail::shape_request Query>
  auto each(const Query& query, call_site site = call_site::current()) const {
    return each_shape(*this, query, site);
  }
  template <class Query, class... Values>
  requires detail::misread<Query, Values...>
  auto each(const Query&, const Values&...) const {
    return detail::explain_misread<detail::misread_rows::many, Query>();
  }

  template <class T>
  auto each(call_site site = call_site::current()) const {
    return each(from<T>, site);
  }

  template <class T, class... Args>
  auto each(detail::raw_statement<sizeof...(Args)> sql, const Args&... args) const {
    if constexpr (detail::explain_result<T>())
      return rows<T, Driver, detail::row_form::raw>(
          detail::open_raw(this->connection(sql.site), sql, true, args...), this->turn_.scope);
    else
      return std::vector<detail::kept<T>>();  // so that no other mistake follows from this one
  }

  template <fixed_string Text, class... Args>
  std::vector<detail::no_key> each(detail::sql_literal<Text> sql, const Args&... args) const {
    return all(sql, args...);
  }

  /// The first row of the query, or nothing.
  template <detail::rows_query Query>
  auto first(const Query& query, call_site site = call_site::current()) const {
    using T = typename Query::record_type;
    std::optional<T> row;
    if constexpr (detail::explain_owning<T>()) {
      auto lease = detail::open_query(this->connection(site), query, false, site);
      if (!lease.step()) return row;
      detail::check_table_row(lease, table_of<T>);
      detail::read_row(lease, row.emplace());
    }
    return row;
  }

  template <class R, class Data, bool Dynamic>
  auto first(const projection<R, Data, Dynamic>& query,
             call_site site = call_site::current()) const {
    R row{};
    bool found = false;
    if constexpr (detail::explain_alone<R>() && detail::explain_owning<R>())
      found = detail::plan_opener<Driver>::first(this->turn_, query.plan(), query.slot(), &row,
                                                 detail::one_row_of<R, Driver>, false, site);
    return found ? std::optional<R>(std::move(row)) : std::optional<R>();
  }
  template <class R, class Data, bool Dynamic>
  auto first(const locked_projection<R, Data, Dynamic>& query,
             call_site site = call_site::current()) const {
    return first(lock_rows(query, site), site);
  }
  template <detail::row_query Query>
  auto first(const Query& query, call_site site = call_site::current()) const {
    return first(query.select_rows(), site);
  }

  template <detail::shape_request Query>
  auto first(const Query& query, call_site site = call_site::current()) const {
    return first_shape(this->turn_, query, site);
  }
  template <class Query, class... Values>
  requires detail::misread<Query, Values...>
  auto first(const Query&, const Values&...) const {
    return detail::explain_misread<detail::misread_rows::optional, Query>();
  }

  template <class T, class... Args>
  std::optional<detail::kept<T>> first(detail::raw_statement<sizeof...(Args)> sql,
                                       const Args&... args) const {
    std::optional<detail::kept<T>> row;
    if constexpr (detail::explain_result<T>() && detail::explain_owning<T>()) {
      auto lease = detail::open_raw(this->connection(sql.site), sql, false, args...);
      const bool found = lease.step();
      detail::check_raw_row<T>(lease);
      if (found) detail::read_raw_row(lease, row.emplace());
    }
    return row;
  }

  /// The only row of the query. Throws: not_found when there is none, usage when there are more.
  template <detail::rows_query Query>
  auto one(const Query& query, call_site site = call_site::current()) const {
    using T = typename Query::record_type;
    T row{};
    if constexpr (detail::explain_owning<T>()) {
      auto lease = detail::open_query(this->connection(site), query, false, site);
      if (!lease.step()) detail::fail_not_found(lease, table_of<T>);
      detail::check_table_row(lease, table_of<T>);
      detail::read_row(lease, row);
      if (lease.step()) detail::fail_more_than_one(lease);
    }
    return row;
  }

  template <class R, class Data, bool Dynamic>
  auto one(const projection<R, Data, Dynamic>& query, call_site site = call_site::current()) const {
    R row{};
    if constexpr (detail::explain_alone<R>() && detail::explain_owning<R>())
      detail::plan_opener<Driver>::first(this->turn_, query.plan(), query.slot(), &row,
                                         detail::one_row_of<R, Driver>, true, site);
    return row;
  }
  template <class R, class Data, bool Dynamic>
  auto one(const locked_projection<R, Data, Dynamic>& query,
           call_site site = call_site::current()) const {
    return one(lock_rows(query, site), site);
  }
  template <detail::row_query Query>
  auto one(const Query& query, call_site site = call_site::current()) const {
    return one(query.select_rows(), site);
  }

  template <detail::shape_request Query>
  auto one(const Query& query, call_site site = call_site::current()) const {
    return one_shape(this->turn_, query, site);
  }
  template <class Query, class... Values>
  requires detail::misread<Query, Values...>
  auto one(const Query&, const Values&...) const {
    return detail::explain_misread<detail::misread_rows::one, Query>();
  }

  /// The only row of raw SQL, e.g. `db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM t">)`.
  template <class T, class... Args>
  detail::kept<T> one(detail::raw_statement<sizeof...(Args)> sql, const Args&... args) const {
    if constexpr (detail::explain_result<T>() && detail::explain_owning<T>()) {
      T row{};
      auto lease = detail::open_raw(this->connection(sql.site), sql, false, args...);
      const bool found = lease.step();
      detail::check_raw_row<T>(lease);
      if (!found) detail::fail_no_row(lease);
      detail::read_raw_row(lease, row);
      if (lease.step()) detail::fail_more_than_one(lease);
      return row;
    } else {
      return detail::nothing<detail::kept<T>>();
    }
  }

  template <fixed_string Text, class... Args>
  detail::no_key one(detail::sql_literal<Text> sql, const Args&...) const {
    return detail::refuse_untyped_sql<decltype(sql)>(), detail::no_key();
  }

  /// How many rows the query has. Limit and offset are not for counting.
  template <detail::query Query>
  std::int64_t count(const Query& query, call_site site = call_site::current()) const {
    static_assert(!Query::is_limited,
                  "hewn: count() of a query with limit() or offset(); count the "
                  "query without them");
    return detail::open_number<detail::query_statement::count>(this->connection(site), query, site);
  }

  template <class Query>
  requires detail::locks_rows<Query> std::int64_t count(const Query&)
  const { return detail::refuse_locks<Query>(), 0; }

  /// How many rows a query over several tables or with select() has, its limit and offset included.
  /// Cost: found by its text.
  template <detail::result_query Query>
  std::int64_t count(const Query& query, call_site site = call_site::current()) const {
    return answer_of<detail::plan_use::count>(query, site);
  }
  template <detail::row_query Query>
  std::int64_t count(const Query& query, call_site site = call_site::current()) const {
    return count(query.select_rows(), site);
  }

  /// How many roots the shapes of the query have.
  template <detail::shape_request Query>
  std::int64_t count(const Query& query, call_site site = call_site::current()) const {
    return count(query.root(), site);
  }

  template <class T>
  std::int64_t count(call_site site = call_site::current()) const {
    return count(from<T>, site);
  }
  template <class T, detail::expression Condition>
  std::int64_t count(const Condition&) const {
    return detail::refuse_bare_condition<Condition>(), 0;
  }

  /// Whether the query has any row.
  template <detail::query Query>
  bool exists(const Query& query, call_site site = call_site::current()) const {
    detail::check_counts(query, site);
    return detail::open_number<detail::query_statement::exists>(this->connection(site), query,
                                                                site) != 0;
  }

  template <class Query>
  requires detail::locks_rows<Query>
  bool exists(const Query&) const { return detail::refuse_locks<Query>(), false; }

  template <detail::result_query Query>
  bool exists(const Query& query, call_site site = call_site::current()) const {
    return answer_of<detail::plan_use::exists>(query, site) != 0;
  }
  template <detail::row_query Query>
  bool exists(const Query& query, call_site site = call_site::current()) const {
    return exists(query.select_rows(), site);
  }

  template <detail::shape_request Query>
  bool exists(const Query& query, call_site site = call_site::current()) const {
    return exists(query.root(), site);
  }

  template <class T, detail::expression Condition>
  bool exists(const Condition&) const {
    return detail::refuse_bare_condition<Condition>(), false;
  }
  template <class T, class... Key>
  requires(!detail::expression<Key> && ...) bool exists(const Key&...) const {
    return detail::refuse_key_for_query<T>(), false;
  }

 protected:
  using detail::key_reads<Driver>::key_reads;

 private:
  template <detail::plan_use Use, class Query>
  std::int64_t answer_of(const Query& query, const call_site& site) const {
    if constexpr (detail::explain_alone<typename Query::record_type>()) {
      detail::changed_plan asked(query.plan(), {.order = false});
      return detail::plan_opener<Driver>::number(this->connection(site), asked.plan(Use), site);
    } else {
      return 0;
    }
  }

  /// The query to be run once that is done.
  template <class R, class Data, bool Dynamic>
  const projection<R, Data, Dynamic>& lock_rows(const locked_projection<R, Data, Dynamic>& query,
                                                call_site site) const {
    if constexpr (detail::explain_alone<R>())
      detail::prepare_row_locks(this->connection(site),
                                detail::first_locked_table(query.query().plan().steps), site);
    return query.query();
  }
};

}  // namespace hewn
