// hewn/repository/repository.hpp - the rows of one struct, from wherever they are kept.
// SPDX-License-Identifier: BSL-1.0
//
//     class agents : public hewn::repository<agent> {
//      public:
//       using repository::repository;
//       std::vector<agent> running() const {
//         return all(hewn::from<agent>.where(col<&agent::state> == state::running));
//       }
//     };
//
//     agents(db).get(id);                                    // a database
//     db.transaction([&](auto& tx) {                         // one unit of work
//       agents(tx).create(a);
//       tasks(tx).remove(id);
//     });
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/fwd.hpp>
#include <hewn/query/database.hpp>
#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/expressions/column.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/key_argument.hpp>
#include <hewn/query/rows/other_key.hpp>
#include <hewn/query/rows/ref_key.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/statements/conflict_text.hpp>
#include <hewn/query/statements/returning.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/repository/field_check.hpp>
#include <hewn/repository/repository_interface.hpp>
#include <hewn/repository/repository_updates.hpp>
#include <hewn/schema/types.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <utility>

namespace hewn {

namespace any {
struct driver;
}
namespace postgres {
struct driver;
}

/// The verbs of a session for the rows of `T`, and an interface that a test can fake. It is a
/// handle, cheap to make and to copy, on a database, a transaction, or a pool, of which each call
/// borrows a connection: readers for verbs that read, the writer for the others. Errors are those
/// of the session's verbs, and their twins are hewn::as_result([&] { return rows.get(id); }).
/// `Interface`: repository_interface<T> or a class derived from it. Lifetime: the database or pool
/// outlives it, and a pool is not moved meanwhile; one that was made of a transaction is for that
/// transaction, and throws usage afterwards. One thread at a time unless it is on a pool.
template <class T, class Driver = any::driver, class Interface = repository_interface<T>>
class repository : public detail::repository_updates<T, Driver, Interface> {
  using updates_type = detail::repository_updates<T, Driver, Interface>;

 public:
  using record_type = T;
  using session = transactional<Driver>;

  explicit repository(const session& db HEWN_LIFETIMEBOUND) : updates_type(db) {}
  explicit repository(const basic_pool<Driver>& pool HEWN_LIFETIMEBOUND) : updates_type(&pool) {}
  explicit repository(const tenant_pool<basic_pool<Driver>>& pool HEWN_LIFETIMEBOUND)
      : updates_type(&pool) {}
  template <class Source>
  requires(std::derived_from<Source, session> || std::same_as<Source, basic_pool<Driver>> ||
           std::same_as<Source, tenant_pool<basic_pool<Driver>>>) explicit repository(Source&&)
      : repository(explain_temporary<Source>()) {}

  template <class Other>
  requires(!std::same_as<Other, Driver>) explicit repository(const transactional<Other>&)
      : repository(explain_driver<Other>()) {}
  template <class Other>
  requires(!std::same_as<Other, Driver>) explicit repository(const basic_pool<Other>&)
      : repository(explain_driver<Other>()) {}

  // ---------------------------------------------------------------- writes

  T create(T row, call_site site = call_site::current()) override {
    return this->writing([&](const session& db) { return db.insert(std::move(row), site); }, site);
  }

  /// As insert_many() of a session: all rows or none.
  template <class Range>
  std::int64_t create_many(Range&& rows, call_site site = call_site::current()) {
    return this->writing([&](const session& db) { return db.insert_many(rows, site); }, site);
  }
  std::int64_t create_many(std::initializer_list<T> rows, call_site site = call_site::current()) {
    return this->writing([&](const session& db) { return db.insert_many(rows, site); }, site);
  }

  using updates_type::update;

  /// Writes those columns that differ; see update() of a session. False where none does.
  bool update(const T& before, const T& after, call_site site = call_site::current()) {
    return this->writing([&](const session& db) { return db.update(before, after, site); }, site);
  }

  /// Sets some columns of the row with this key: `patch(id, col<&agent::name> = name)`, and returns
  /// what hewn::returning() behind them names of it. Throws: not_found.
  template <class... Set>
  auto patch(detail::located<key_of<T>> key, const Set&... set) {
    return this->writing([&](const session& db) { return db.template update<T>(key, set...); },
                         key.site);
  }
  template <class... Set>
  auto patch(detail::given_and_located<key_of<T>> key, const Set&... set) {
    return this->writing([&](const session& db) { return db.template update<T>(key, set...); },
                         key.site);
  }
  template <class... Set>
  auto patch(detail::located_ref<T> key, const Set&... set) {
    return this->writing(
        [&](const session& db) {
          return db.template update<T>(detail::located<key_of<T>>(key.value, key.site), set...);
        },
        key.site);
  }
  template <detail::assigns... Set>
  void patch(const detail::other_key<key_of<T>>&, const Set&...) {}

  /// Sets columns of every row of the query; returns their number, or what hewn::returning() names.
  template <detail::query Query, class... Set>
  auto patch(const Query& query, const Set&... set) {
    static_assert(detail::explain_own_query<T, Query>());
    return this->writing([&](const session& db) { return db.update(query, set...); }, query.site());
  }

  /// Adds `by` to a number of the row with this key, by one statement, so that no other change is
  /// lost; returns the new value. NULL stays NULL. Throws: not_found.
  template <auto Member>
  member_type<Member> increment(detail::located<key_of<T>> key,
                                detail::increment_step<Member> by = 1) {
    return add<Member>(key, by);
  }
  template <auto Member>
  member_type<Member> increment(detail::given_and_located<key_of<T>> key,
                                detail::increment_step<Member> by = 1) {
    return add<Member>(key, by);
  }

  template <auto Member>
  member_type<Member> increment(detail::located_ref<T> key, detail::increment_step<Member> by = 1) {
    return add<Member>(detail::located<key_of<T>>(key.value, key.site), by);
  }

  T upsert(T row, call_site site = call_site::current()) override {
    return this->writing([&](const session& db) { return db.upsert(std::move(row), site); }, site);
  }

  /// As upsert() of a session: of the row that holds its values in `Members`.
  template <auto First, auto... Members>
  T upsert(T row, call_site site = call_site::current()) {
    return this->writing(
        [&](const session& db) {
          return db.template upsert<First, Members...>(std::move(row), site);
        },
        site);
  }

  /// The same, and sets what hewn::set() says where the row is there already.
  template <auto... Members, class Where, class... Set>
  auto upsert(T row, const set_clause<Where, Set...>& set, call_site site = call_site::current()) {
    return this->writing(
        [&](const session& db) {
          return db.template upsert<Members...>(std::move(row), set, site);
        },
        site);
  }

  bool remove(key_argument<T> key, call_site site = call_site::current()) override {
    return this->writing([&](const session& db) { return db.template remove<T>(key, site); }, site);
  }
  template <detail::loose_key<key_of<T>> Key>
  bool remove(const Key& key, call_site site = call_site::current()) {
    return this->writing([&](const session& db) { return db.template remove<T>(key, site); }, site);
  }
  template <detail::ref_to_row<T> R>
  bool remove(const R& r, call_site site = call_site::current()) {
    return remove(detail::located_ref<T>(r).value, site);
  }
  bool remove(const detail::other_key<key_of<T>>&) { return false; }

  /// Removes the row with the key of `row`. Throws: not_found.
  template <std::same_as<T> Row>
  void remove(const Row& row, call_site site = call_site::current()) {
    this->writing([&](const session& db) { db.remove(row, site); }, site);
  }

  /// Removes every row of the query; returns their number.
  template <detail::query Query>
  std::int64_t remove(const Query& query, call_site site = call_site::current()) {
    static_assert(detail::explain_own_query<T, Query>());
    return this->writing([&](const session& db) { return db.remove(query, site); }, site);
  }

  /// Puts back the removed row with this key, or those of a query; see restore() of a session.
  template <std::same_as<T> Row = T>
  void restore(key_argument<Row> key, call_site site = call_site::current()) {
    this->writing([&](const session& db) { db.template restore<T>(key, site); }, site);
  }
  template <detail::loose_key<key_of<T>> Key>
  void restore(const Key& key, call_site site = call_site::current()) {
    this->writing([&](const session& db) { db.template restore<T>(key, site); }, site);
  }
  template <std::same_as<T> Row = T>
  void restore(const detail::other_key<key_of<Row>>&) {}
  template <detail::query Query>
  std::int64_t restore(const Query& query, call_site site = call_site::current()) {
    static_assert(detail::explain_own_query<T, Query>());
    return this->writing([&](const session& db) { return db.restore(query, site); }, site);
  }

  /// Deletes the rows that were removed before this time, or the removed ones of a query, for good;
  /// returns their number.
  template <class Duration, std::same_as<T> Row = T>
  std::int64_t purge(std::chrono::sys_time<Duration> older_than,
                     call_site site = call_site::current()) {
    return this->writing(
        [&](const session& db) { return db.template purge<Row>(older_than, site); }, site);
  }
  template <detail::query Query>
  std::int64_t purge(const Query& query, call_site site = call_site::current()) {
    static_assert(detail::explain_own_query<T, Query>());
    return this->writing([&](const session& db) { return db.purge(query, site); }, site);
  }

 protected:
  /// Calls `action(tx)` in a transaction, or a savepoint of the one that this repository is on.
  template <class Action>
  auto transaction(Action&& action, call_site site = call_site::current()) const {
    return this->writing([&](const session& db) { return db.transaction(action, site); }, site);
  }

 private:
  template <auto Member, class Key>
  member_type<Member> add(const Key& key, detail::increment_step<Member> by) {
    if constexpr (detail::explain_increment<T, Member>())
      return this->writing(
          [&](const session& db) {
            return db.template update<T>(key, col<Member> = col<Member> + by,
                                         returning(col<Member>));
          },
          key.site);
    else
      return member_type<Member>();
  }

  // Where a mistake has to construct something: it is not called.
  template <class Other>
  static const session& explain_driver() {
    static_assert(sizeof(Other) == 0,
                  "hewn: this repository is of another kind of database; open it by hewn::open(), "
                  "or derive from hewn::sqlite::repository<T> or hewn::postgres::repository<T>");
    return detail::nothing<const session&>();
  }
  template <class Source>
  static const session& explain_temporary() {
    static_assert(sizeof(Source) == 0,
                  "hewn: a repository of a temporary would outlive it; keep the database, "
                  "transaction or pool in a variable");
    return detail::nothing<const session&>();
  }
};

/// What a mistake is instead, so that nothing follows from it but its sentence.
template <class T, class Driver, class Interface>
requires(!detail::repository_check<T, Driver, Interface>::passes) class repository<T, Driver,
                                                                                   Interface> {
 public:
  template <class Source>
  explicit repository(const Source&) {}

  static_assert(detail::repository_check<T, Driver, Interface>::explain());
};

namespace any {

/// A repository of either database, with an interface of the program's own.
template <class T, class Interface = repository_interface<T>>
using repository = hewn::repository<T, driver, Interface>;

}  // namespace any

namespace sqlite {

/// A repository of a program that keeps its rows in SQLite alone.
template <class T, class Interface = repository_interface<T>>
using repository = hewn::repository<T, driver, Interface>;

}  // namespace sqlite

namespace postgres {

/// A repository of a program that keeps its rows in PostgreSQL alone.
template <class T, class Interface = repository_interface<T>>
using repository = hewn::repository<T, driver, Interface>;

}  // namespace postgres
}  // namespace hewn
