// hewn/query/verbs/returning_writes.hpp - the verbs that write and return what returning() names.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/key_argument.hpp>
#include <hewn/query/rows/ref_key.hpp>
#include <hewn/query/rows/row_limits.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/statements/claim_text.hpp>
#include <hewn/query/statements/conflict_text.hpp>
#include <hewn/query/statements/returning.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/update_text.hpp>
#include <hewn/query/type_erasure/conflict_returning.hpp>
#include <hewn/query/type_erasure/row_type.hpp>
#include <hewn/query/type_erasure/run_returning.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>
#include <hewn/query/verbs/reads.hpp>

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn {

/// The part of a session that writes rows and returns what hewn::returning(), the last argument,
/// names of them. Verbs that may change several rows return a vector, in no particular order. One
/// thread at a time.
template <class Driver>
class returning_writes : public reads<Driver> {
  using demand = detail::row_demand;

 public:
  // ---------------------------------------------------------------- remove

  /// As remove of a query, with what is named of the rows that were removed.
  template <detail::query Query, class R, class... E>
  std::vector<R> remove(const Query& query, const returning_clause<R, E...>& returned,
                        call_site site = call_site::current()) const {
    static_assert(detail::explain_remove<Query>());
    detail::check_condition(query, site);
    std::vector<R> rows;
    remove_where(query, demand::any, rows, site, returned);
    return rows;
  }

  /// As remove of every row of a table.
  template <class T, class R, class... E>
  std::vector<R> remove_all(const returning_clause<R, E...>& returned,
                            call_site site = call_site::current()) const {
    std::vector<R> rows;
    remove_where(from<T>, demand::any, rows, site, returned);
    return rows;
  }

  /// As remove of the row with this key; nothing when there was none.
  template <class T, class R, class... E>
  std::optional<R> remove(detail::plain_key<T> key, const returning_clause<R, E...>& returned,
                          call_site site = call_site::current()) const {
    if constexpr (detail::explain_key<T>())
      return remove_by_key(detail::key_condition<T>{key}, returned, site);
    else
      return std::nullopt;
  }
  template <class T, detail::loose_key<key_of<T>> K = detail::given_key<key_of<T>>, class R,
            class... E>
  std::optional<R> remove(const K& key, const returning_clause<R, E...>& returned,
                          call_site site = call_site::current()) const {
    const auto& held = detail::hold_key<key_of<T>>(key);
    const detail::key_condition<T> where{detail::value_of_key<key_of<T>>(held)};
    return detail::key_exists(held)
               ? remove_by_key(where, returned, site)
               : remove_by_key(detail::no_key_condition<T>{where}, returned, site);
  }

  template <class T = void, detail::ref_to_row<T> Ref, class R, class... E>
  std::optional<R> remove(const Ref& r, const returning_clause<R, E...>& returned,
                          call_site site = call_site::current()) const {
    if constexpr (detail::explain_ref_of<T, Ref>())
      return remove<typename Ref::record_type>(r.key(), returned, site);
    else
      return std::nullopt;
  }

  // ---------------------------------------------------------------- rows that are given

  /// As insert, with what is named of the row as it is stored. `row` keeps its values.
  template <class Row, class R, class... E>
  R insert(Row&& row, const returning_clause<R, E...>& returned,
           call_site site = call_site::current()) const {
    using T = std::remove_cvref_t<Row>;
    R to{};
    if constexpr (detail::explain_insertable<T>() && detail::explain_key<T>() &&
                  is_known<T, R, E...>())
      store<T>(std::forward<Row>(row), site, [&]<class Kind>(T& stored, Kind) {
        return detail::insert_returning<detail::conflict_default::fail, Kind::value, T>(
            this->connection(), stored, returned, &to, site);
      });
    return to;
  }

  /// As insert_or_ignore, with what is named of the row where it is stored.
  template <auto... Members, class Row, class R, class... E>
  std::optional<R> insert_or_ignore(Row&& row, const returning_clause<R, E...>& returned,
                                    call_site site = call_site::current()) const {
    using T = std::remove_cvref_t<Row>;
    std::optional<R> to;
    if constexpr (detail::explain_upsert<T, Members...>() && is_known<T, R, E...>())
      if (!store<T>(std::forward<Row>(row), site, [&]<class Kind>(T& stored, Kind) {
            return detail::insert_returning<detail::conflict_default::ignore, Kind::value, T,
                                            Members...>(this->connection(), stored, returned,
                                                        &to.emplace(), site);
          }))
        to.reset();
    return to;
  }

  /// As upsert, with what is named of the row as it is stored.
  template <auto... Members, class Row, class R, class... E>
  R upsert(Row&& row, const returning_clause<R, E...>& returned,
           call_site site = call_site::current()) const {
    using T = std::remove_cvref_t<Row>;
    R to{};
    if constexpr (detail::explain_upsert<T, Members...>() && is_known<T, R, E...>())
      store<T>(std::forward<Row>(row), site, [&]<class Kind>(T& stored, Kind) {
        return detail::insert_returning<detail::conflict_default::overwrite,
                                        detail::upsert_kind(Kind::value), T, Members...>(
            this->connection(), stored, returned, &to, site);
      });
    return to;
  }

  /// As upsert with hewn::set(), with what is named of the row as it is stored: an optional where
  /// the set has a condition.
  template <auto... Members, class Row, class Where, class... Set, class R, class... E>
  auto upsert(Row&& row, const set_clause<Where, Set...>& set,
              const returning_clause<R, E...>& returned,
              call_site site = call_site::current()) const {
    using T = std::remove_cvref_t<Row>;
    using clause = set_clause<Where, Set...>;
    R to{};
    bool found = false;
    if constexpr (detail::explain_upsert<T, Members...>() && clause::template explain<T>() &&
                  is_known<T, R, E...>())
      found = store<T>(std::forward<Row>(row), site, [&]<class Kind>(T& stored, Kind) {
        return detail::upsert_returning<detail::upsert_kind(Kind::value), T, Members...>(
            this->connection(), stored, set, returned, &to, site);
      });
    if constexpr (clause::has_condition)
      return found ? std::optional<R>(std::move(to)) : std::optional<R>();
    else
      return static_cast<void>(found), to;
  }

 protected:
  using reads<Driver>::reads;

  /// What the verbs do whose assignments end in returning().
  template <class Query, class... Set>
  auto update_returned(const Query& query, const Set&... set) const {
    using T = typename Query::record_type;
    using clause = detail::last_returning<Set...>;
    std::vector<typename clause::record_type> rows;
    if constexpr (detail::explain_returning<T, clause>())
      detail::split_returning(
          [&]<class... Each>(const clause& returned, const Each&... each) {
            static_assert(detail::explain_update<Query, sizeof...(Each)>());
            detail::check_condition(query, query.site());
            update_where<T>(query, demand::any, rows, query.site(), returned, each...);
          },
          set...);
    return rows;
  }

  template <class T, class... Set>
  auto update_all_returned(const Set&... set) const {
    static_assert(sizeof...(set) > 1,
                  "hewn: update_all() needs at least one col<&T::field> = value");
    using clause = detail::last_returning<Set...>;
    std::vector<typename clause::record_type> rows;
    if constexpr (detail::explain_returning<T, clause>())
      detail::split_returning(
          [&](const clause& returned, const auto&... each) {
            update_where<T>(from<T>, demand::any, rows, call_site{}, returned, each...);
          },
          set...);
    return rows;
  }

  template <class T, class Where, class... Set>
  auto update_one_returned(const Where& where, call_site site, const Set&... set) const {
    static_assert(sizeof...(set) > 1, "hewn: update() needs at least one col<&T::field> = value");
    using clause = detail::last_returning<Set...>;
    typename clause::record_type row{};
    if constexpr (detail::explain_returning<T, clause>())
      detail::split_returning(
          [&](const clause& returned, const auto&... each) {
            update_where<T>(where, demand::one, row, site, returned, each...);
          },
          set...);
    return row;
  }

  template <class Query, class... Set>
  auto claim_returned(const Query& query, const Set&... set) const {
    using T = typename Query::record_type;
    using clause = detail::last_returning<Set...>;
    std::vector<typename clause::record_type> rows;
    if constexpr (detail::explain_returning<T, clause>())
      detail::split_returning(
          [&]<class... Each>(const clause& returned, const Each&... each) {
            if constexpr (detail::explain_claim<Query, Each...>()) {
              detail::check_claim(query, query.site());
              auto& c = this->connection(query.site());
              const detail::claim_request<T, Query, Each...> request{
                  query, {detail::all_claimed<T>, {each...}, c.native().now(), false}};
              detail::run_returning(c, request, returned, demand::any, &rows, query.site());
            }
          },
          set...);
    return rows;
  }

  /// Times and UUID keys, before the row is checked.
  template <class T>
  void fill(T& row, call_site site) const {
    detail::row_stamp_of(this->connection(site), true, site).apply(row);
    detail::check_limits(row, site);
  }

  template <class T>
  static bool lets_database_choose(const T& row) {
    if constexpr (detail::leaves_key_out<Driver, T>)
      return detail::has_no_key(row);
    else
      return false;
  }

 private:
  template <detail::row_write Kind>
  using kind = std::integral_constant<detail::row_write, Kind>;

  template <class T, class R, class... E>
  static consteval bool is_known() {
    return detail::explain_returning<T, returning_clause<R, E...>>();
  }

  template <class T, class To, class Where, class R, class... E, class... Set>
  void update_where(const Where& where, demand rows, To& to, call_site site,
                    const returning_clause<R, E...>& returned, const Set&... set) const {
    if constexpr (detail::explain_new_values<T, Set...>()) {
      auto& c = this->connection(site);
      const detail::update_request<T, Where, Set...> request{
          where, {set...}, c.native().now(), false};
      detail::run_returning(c, request, returned, rows, &to, site);
    }
  }

  /// Whether there is any.
  template <class Where, class To, class R, class... E>
  bool remove_where(const Where& where, demand rows, To& to, call_site site,
                    const returning_clause<R, E...>& returned) const {
    if constexpr (is_known<typename Where::record_type, R, E...>()) {
      auto& c = this->connection(site);
      return detail::run_returning(c, detail::removal_request(where, c.native().now()), returned,
                                   rows, &to, site);
    } else {
      return false;
    }
  }

  template <class Where, class R, class... E>
  std::optional<R> remove_by_key(const Where& where, const returning_clause<R, E...>& returned,
                                 call_site site) const {
    R row{};
    return remove_where(where, demand::at_most_one, row, site, returned)
               ? std::optional<R>(std::move(row))
               : std::optional<R>();
  }

  /// Stores a copy of the row by `write(copy, kind)`, as a new one or one that meets another.
  template <class T, class Row, class Write>
  bool store(Row&& row, call_site site, Write write) const {
    T stored = std::forward<Row>(row);
    fill(stored, site);
    if constexpr (detail::leaves_key_out<Driver, T>)
      if (detail::has_no_key(stored))
        return write(stored, kind<detail::row_write::insert_keyed_by_database>());
    return write(stored, kind<detail::row_write::insert>());
  }
};

}  // namespace hewn
