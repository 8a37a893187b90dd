// hewn/query/inspect/changed_rows.hpp - a change of rows as a value, which runs later.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/inspect/inserted_rows.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/select/result_fit.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/statements/claim_text.hpp>
#include <hewn/query/statements/insert_from_text.hpp>
#include <hewn/query/statements/returning.hpp>
#include <hewn/query/statements/update_text.hpp>
#include <hewn/query/type_erasure/run_returning.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>
#include <hewn/query/verbs/returning_writes.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/types.hpp>

#include <concepts>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

template <class Query, class... Set>
struct row_update {
  using record_type = typename Query::record_type;

  Query query;
  std::tuple<Set...> set;

  void check(call_site site) const { check_condition(query, site); }

  template <class Session>
  std::int64_t run(const Session& db, call_site site) const {
    const Query here = query.called_at(site);
    return std::apply([&](const auto&... each) { return db.update(here, each...); }, set);
  }

  /// Calls `use` with the update as the verbs have it. `now`: of updated<> columns.
  template <class Use>
  auto as_request(Use use, timestamp now = {}) const {
    return std::apply(
        [&](const auto&... each) {
          return use(update_request<record_type, Query, Set...>{query, {each...}, now, false});
        },
        set);
  }
};

template <class Query>
struct row_removal {
  using record_type = typename Query::record_type;

  Query query;

  void check(call_site site) const { check_condition(query, site); }

  template <class Session>
  std::int64_t run(const Session& db, call_site site) const {
    return db.remove(query, site);
  }

  template <class Use>
  auto as_request(Use use, timestamp now = {}) const {
    return use(removal_request(query, now));
  }
};

/// A claim, which is a change only with what it returns.
template <class Query, class... Set>
struct row_claim {
  using record_type = typename Query::record_type;

  Query query;
  std::tuple<Set...> set;

  void check(call_site site) const { check_claim(query, site); }

  template <class Use>
  auto as_request(Use use, timestamp now = {}) const {
    return std::apply(
        [&](const auto&... each) {
          return use(claim_request<record_type, Query, Set...>{
              query, {all_claimed<record_type>, {each...}, now, false}});
        },
        set);
  }
};

/// A change with what it returns.
template <class Change, class Clause>
struct row_return {
  using record_type = typename Clause::record_type;

  Change change;
  Clause returned;

  /// Returns whether there is any row.
  template <class Driver>
  bool run(const returning_writes<Driver>& db, row_demand demand, void* to, call_site site) const {
    if constexpr (is_row_insertion<Change>) {
      return change.run_returning(db, returned, demand, to, site);
    } else {
      auto& c = db.connection(site);
      change.check(site);
      return change.as_request(
          [&](const auto& request) {
            return run_returning(c, request, returned, demand, to, site);
          },
          c.native().now());
    }
  }

  /// Calls `use` with the statement as the verbs have it.
  template <class Use>
  auto as_request(Use use) const {
    return change.as_request([&]<class Request>(const Request& request) {
      return use(returning_request<Request, Clause>{request, returned});
    });
  }
};

template <class S>
inline constexpr bool is_row_update = false;
template <class Query, class... Set>
inline constexpr bool is_row_update<row_update<Query, Set...>> = true;
template <class S>
inline constexpr bool is_row_removal = false;
template <class Query>
inline constexpr bool is_row_removal<row_removal<Query>> = true;
template <class S>
inline constexpr bool is_row_return = false;
template <class Change, class Clause>
inline constexpr bool is_row_return<row_return<Change, Clause>> = true;

/// What changes rows of `T`, with or without what it returns of them.
template <class S>
inline constexpr bool changes_rows =
    is_row_update<S> || is_row_removal<S> || is_row_insertion<S> || is_row_return<S>;

template <class Query, class... Set>
consteval bool explain_update_of() {
  if constexpr (!explain_update<Query, sizeof...(Set)>() || !explain_assignments<Set...>()) {
    return false;
  } else {
    constexpr bool own_fields =
        (std::same_as<typename Set::record, typename Query::record_type> && ...);
    static_assert(own_fields,
                  "hewn: update_of() sets a field of another struct; name fields of the updated "
                  "one");
    if constexpr (!own_fields)
      return false;
    else if constexpr (!explain_set<typename Query::record_type, Set...>())
      return false;
    else
      return explain_own_values<typename Query::record_type, Set...>();
  }
}

template <class Query>
consteval bool explain_removal() {
  static_assert(Query::has_condition,
                "hewn: remove_of() without where() would remove every row; say remove_all<T>() of "
                "the session if that is meant");
  static_assert(!Query::is_limited, "hewn: remove_of() cannot take limit() or offset()");
  return true;
}

/// A change with what it returns, which may be refused.
template <class Change, class Clause>
constexpr auto with_returned(const Change& change, const Clause& returned) {
  static_cast<void>(explain_returning<typename Change::record_type, Clause>());
  return row_return<Change, Clause>{change, returned};
}

template <class T, class Columns, class Query>
constexpr auto insertion_of(const Query& query) {
  return row_insertion<T, Columns, Query>{query};
}
template <class T, class Columns, class Query, class Clause>
constexpr auto insertion_of(const Query& query, const Clause& returned) {
  return with_returned(insertion_of<T, Columns>(query), returned);
}

}  // namespace detail

/// What db.update(query, set...) would do, as a value for hewn::exec, to_sql and explain; with
/// hewn::returning() behind the assignments also for hewn::many, one and optional. Lifetime: text
/// compared or set as an lvalue is referred to, not copied.
template <detail::query Query, class... Set>
constexpr auto update_of(const Query& query, const Set&... set) {
  if constexpr (detail::ends_in_returning<Set...>) {
    return detail::split_returning(
        [&](const auto& returned, const auto&... each) {
          return detail::with_returned(update_of(query, each...), returned);
        },
        set...);
  } else {
    static_cast<void>(detail::explain_update_of<Query, Set...>());
    return detail::row_update<Query, Set...>{query, {set...}};
  }
}

/// What db.remove(query) would do, as a value. Lifetime: as update_of.
template <detail::query Query>
constexpr auto remove_of(const Query& query) {
  static_cast<void>(detail::explain_removal<Query>());
  return detail::row_removal<Query>{query};
}
template <detail::query Query, class R, class... E>
constexpr auto remove_of(const Query& query, const returning_clause<R, E...>& returned) {
  return detail::with_returned(remove_of(query), returned);
}

/// What db.claim(query, set...) would do, as a value for hewn::many, one, optional, to_sql and
/// explain: it returns the rows, or what hewn::returning() behind the assignments names of them.
/// Lifetime: as update_of.
template <detail::query Query, class... Set>
constexpr auto claim_of(const Query& query, const Set&... set) {
  using T = typename Query::record_type;
  if constexpr (detail::ends_in_returning<Set...>) {
    return detail::split_returning(
        [&]<class... Each>(const auto& returned, const Each&... each) {
          static_cast<void>(detail::explain_claim<Query, Each...>());
          return detail::with_returned(detail::row_claim<Query, Each...>{query, {each...}},
                                       returned);
        },
        set...);
  } else {
    return claim_of(query, set..., returning<T>(row_of<T>));
  }
}

/// What db.insert_from<T>(query) would do, as a value for hewn::exec, to_sql and explain; with
/// hewn::returning() also for hewn::many, one and optional. Lifetime: as update_of.
template <class T, detail::result_query Query, class... Returned>
constexpr auto insert_from_of(const Query& query, const Returned&... returned) {
  if constexpr (detail::explain_table<T>())
    static_cast<void>(detail::explain_insert_from<T, typename Query::record_type>());
  return detail::insertion_of<T, detail::inserted_columns<T>>(query, returned...);
}
template <auto First, auto... Members, detail::result_query Query, class... Returned>
constexpr auto insert_from_of(const Query& query, const Returned&... returned) {
  using T = member_record<First>;
  if constexpr (detail::explain_named_columns<First, Members...>())
    static_cast<void>(
        detail::explain_insert_from<T, typename Query::record_type, detail::one_column<First>(),
                                    detail::one_column<Members>()...>());
  return detail::insertion_of<T, detail::named_columns<First, Members...>>(query, returned...);
}

}  // namespace hewn
