// hewn/repository/repository_reads.hpp - the half of a repository that reads.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/query/database.hpp>
#include <hewn/query/expressions/column.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/pages/find_page.hpp>
#include <hewn/query/pages/numbered_page.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/key_argument.hpp>
#include <hewn/query/rows/other_key.hpp>
#include <hewn/query/rows/ref_key.hpp>
#include <hewn/query/select/shape_request.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/statements/query_text.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>
#include <hewn/query/verbs/reads.hpp>
#include <hewn/repository/field_check.hpp>
#include <hewn/repository/repository_interface.hpp>
#include <hewn/repository/session_source.hpp>

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

namespace hewn {
namespace detail {

/// The row with a key, as a query that is asked for nothing but whether it is there.
template <class T>
struct key_query : key_condition<T> {
  void write_tail(sql_writer& out) const { this->write_where(out); }
  template <class Binder>
  void bind_tail(Binder& binder) const {
    this->bind_where(binder);
  }
};

}  // namespace detail

/// What a hewn::repository has for reading.
template <class T, class Driver, class Interface>
class repository_reads : public Interface {
 public:
  using session = transactional<Driver>;

  // ---------------------------------------------------------------- by key

  T get(key_argument<T> key, call_site site = call_site::current()) const override {
    return reading([&](const session& db) { return db.template get<T>(key, site); }, site);
  }
  template <detail::loose_key<key_of<T>> Key>
  T get(const Key& key, call_site site = call_site::current()) const {
    return reading([&](const session& db) { return db.template get<T>(key, site); }, site);
  }
  template <detail::ref_to_row<T> R>
  T get(const R& r, call_site site = call_site::current()) const {
    return get(detail::located_ref<T>(r).value, site);
  }
  T get(const detail::other_key<key_of<T>>&) const { return detail::nothing<T>(); }

  std::optional<T> find(key_argument<T> key, call_site site = call_site::current()) const override {
    return reading([&](const session& db) { return db.template find<T>(key, site); }, site);
  }
  template <detail::loose_key<key_of<T>> Key>
  std::optional<T> find(const Key& key, call_site site = call_site::current()) const {
    return reading([&](const session& db) { return db.template find<T>(key, site); }, site);
  }
  template <detail::ref_to_row<T> R>
  std::optional<T> find(const R& r, call_site site = call_site::current()) const {
    return find(detail::located_ref<T>(r).value, site);
  }
  std::optional<T> find(const detail::other_key<key_of<T>>&) const { return {}; }

  bool exists(key_argument<T> key, call_site site = call_site::current()) const override {
    return has_key(key, site);
  }
  template <detail::loose_key<key_of<T>> Key>
  bool exists(const Key& key, call_site site = call_site::current()) const {
    return has_key(detail::hold_key<key_of<T>>(key), site);
  }
  template <detail::ref_to_row<T> R>
  bool exists(const R& r, call_site site = call_site::current()) const {
    return exists(detail::located_ref<T>(r).value, site);
  }
  bool exists(const detail::other_key<key_of<T>>&) const { return false; }

  /// As get_many() of a session: the rows with these keys, in any order, by one statement.
  template <class Keys>
  std::vector<T> get_many(const Keys& keys, call_site site = call_site::current()) const {
    return reading([&](const session& db) { return db.template get_many<T>(keys, site); }, site);
  }
  std::vector<T> get_many(std::initializer_list<detail::listed_key<key_of<T>>> keys,
                          call_site site = call_site::current()) const {
    return reading([&](const session& db) { return db.template get_many<T>(keys, site); }, site);
  }

  template <detail::ref_to_row<T> R>
  std::vector<T> get_many(std::initializer_list<R> refs,
                          call_site site = call_site::current()) const {
    return reading([&](const session& db) { return db.template get_many<T>(refs, site); }, site);
  }

  /// A shape whose root has this key: `rows.get(hewn::shape<team_page>, id)`.
  template <detail::shape_request Query, class Key = detail::braced_key<detail::root_key<Query>>>
  auto get(const Query& query, const Key& key, call_site site = call_site::current()) const {
    return reading([&](const session& db) { return db.get(query, key, site); }, site);
  }
  template <detail::shape_request Query, class Key = detail::braced_key<detail::root_key<Query>>>
  auto find(const Query& query, const Key& key, call_site site = call_site::current()) const {
    return reading([&](const session& db) { return db.find(query, key, site); }, site);
  }

  // ---------------------------------------------------------------- by fields that are unique

  /// The row with these values in fields that table() declares unique, or nothing:
  /// `find_by<&user::email>(email)`, `find_by<&tool::server, &tool::name>(server, name)`.
  template <auto A, class V>
  std::optional<T> find_by(const V& v, call_site site = call_site::current()) const {
    return find_one<A>(site, v);
  }
  template <auto A, auto B, class V, class W>
  std::optional<T> find_by(const V& v, const W& w, call_site site = call_site::current()) const {
    return find_one<A, B>(site, v, w);
  }
  // Of many fields, for which the line of the call has no place.
  template <auto... Members, class... Values>
  requires detail::has_no_call_site<sizeof...(Members), Values...> std::optional<T> find_by(
      const Values&... values)
  const { return find_one<Members...>(call_site{}, values...); }

  /// As find_by(). Throws: not_found.
  template <auto A, class V>
  T get_by(const V& v, call_site site = call_site::current()) const {
    return get_one<A>(site, v);
  }
  template <auto A, auto B, class V, class W>
  T get_by(const V& v, const W& w, call_site site = call_site::current()) const {
    return get_one<A, B>(site, v, w);
  }
  template <auto... Members, class... Values>
  requires detail::has_no_call_site<sizeof...(Members), Values...> T get_by(const Values&... values)
  const { return get_one<Members...>(call_site{}, values...); }

  // ---------------------------------------------------------------- by query

  std::vector<T> all(call_site site = call_site::current()) const override {
    return reading([&](const session& db) { return db.template all<T>(site); }, site);
  }

  /// Rows, selected results and shapes, as all() of a session. A query over one table is of this
  /// struct.
  template <detail::readable_query Query>
  auto all(const Query& query, call_site site = call_site::current()) const {
    static_assert(detail::explain_own_query<T, Query>());
    return reading([&](const session& db) { return db.all(query, site); }, site);
  }

  /// The first row of the query, or nothing.
  template <detail::readable_query Query>
  auto first(const Query& query, call_site site = call_site::current()) const {
    static_assert(detail::explain_own_query<T, Query>());
    return reading([&](const session& db) { return db.first(query, site); }, site);
  }

  /// The only row of the query. Throws: not_found when there is none, usage when there are more.
  template <detail::readable_query Query>
  auto one(const Query& query, call_site site = call_site::current()) const {
    static_assert(detail::explain_own_query<T, Query>());
    return reading([&](const session& db) { return db.one(query, site); }, site);
  }

  /// Calls `visit(row)` for each row, one in memory at a time. What it refers to is gone
  /// afterwards.
  template <detail::readable_query Query, class Visit>
  void each(const Query& query, Visit visit, call_site site = call_site::current()) const {
    static_assert(detail::explain_own_query<T, Query>());
    reading(
        [&](const session& db) {
          for (auto&& row : db.each(query, site)) visit(row);
        },
        site);
  }

  std::int64_t count(call_site site = call_site::current()) const override {
    return reading([&](const session& db) { return db.template count<T>(site); }, site);
  }
  template <detail::readable_query Query>
  std::int64_t count(const Query& query, call_site site = call_site::current()) const {
    static_assert(detail::explain_own_query<T, Query>());
    return reading([&](const session& db) { return db.count(query, site); }, site);
  }

  template <detail::readable_query Query>
  bool exists(const Query& query, call_site site = call_site::current()) const {
    static_assert(detail::explain_own_query<T, Query>());
    return reading([&](const session& db) { return db.exists(query, site); }, site);
  }

  // ---------------------------------------------------------------- page by page

  page<T> list(const page_request<T>& wanted = {},
               call_site site = call_site::current()) const override {
    return list(from<T>, wanted, site);
  }

  /// As find_page().
  template <class Query>
  auto list(const Query& query, const page_request<detail::listed_row<Query>>& wanted = {},
            call_site site = call_site::current()) const {
    static_assert(detail::explain_own_query<T, Query>());
    return reading([&](const session& db) { return find_page(db, query, wanted, site); }, site);
  }

  /// As find_numbered_page(): `list(hewn::page_number{.number = 7, .count = true})`.
  // A template, so that braces alone are a page_request.
  template <std::same_as<page_number> Number>
  numbered_page<T> list(const Number& wanted, call_site site = call_site::current()) const {
    return list(from<T>, wanted, site);
  }
  template <class Query, std::same_as<page_number> Number>
  auto list(const Query& query, const Number& wanted, call_site site = call_site::current()) const {
    static_assert(detail::explain_own_query<T, Query>());
    return reading([&](const session& db) { return find_numbered_page(db, query, wanted, site); },
                   site);
  }

 protected:
  template <class Source>
  explicit repository_reads(const Source& source) noexcept : source_(source) {}

  /// For verbs of a derived class that this one does not have: calls `action(db)`, in which `db` is
  /// a `const session&`; of a pool, with a connection for reading that goes back when it returns.
  template <class Action>
  auto reading(Action&& action, call_site site = call_site::current()) const {
    return source_.run(false, site, action);
  }

  /// The same, with a connection for writing.
  template <class Action>
  auto writing(Action&& action, call_site site = call_site::current()) const {
    return source_.run(true, site, action);
  }

 private:
  template <class Key>
  bool has_key(const Key& key, call_site site) const {
    if (!detail::key_exists(key)) return false;
    const detail::key_query<T> query{{detail::value_of_key<key_of<T>>(key)}};
    return reading(
        [&](const session& db) {
          return detail::open_number<detail::query_statement::exists>(db.connection(site), query,
                                                                      site) != 0;
        },
        site);
  }

  template <auto... Members, class... Values>
  std::optional<T> find_one(call_site site, const Values&... values) const {
    if constexpr (detail::explain_find_by<T, sizeof...(Values), Members...>())
      return reading(
          [&](const session& db) {
            return db.first(from<T>.where(((col<Members> == values) && ...), site), site);
          },
          site);
    else
      return std::nullopt;
  }

  template <auto... Members, class... Values>
  T get_one(call_site site, const Values&... values) const {
    if constexpr (detail::explain_find_by<T, sizeof...(Values), Members...>())
      return reading(
          [&](const session& db) {
            return db.one(from<T>.where(((col<Members> == values) && ...), site), site);
          },
          site);
    else
      return detail::nothing<T>();
  }

  detail::session_source<Driver> source_;
};

}  // namespace hewn
