// hewn/query/verbs/try_session.hpp - the twins of the verbs that return their errors.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/result.hpp>
#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/statements/returning.hpp>
#include <hewn/query/verbs/session.hpp>
#include <hewn/query/verbs/try_returning_many.hpp>

#include <chrono>
#include <concepts>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

/// For every verb that throws, one of the same name behind `try_` and with the same parameters. It
/// returns a hewn::result of what the verb returns; where that is a reference to the row, a copy.
/// each() has none: its errors come while the rows are being read.
template <class Driver>
class try_session : public try_returning_many<Driver> {
  using verbs = session<Driver>;

 public:
  template <class Row>
  auto try_insert(Row&& row, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::insert(std::forward<Row>(row), site); });
  }

  template <class Row, class R, class... E>
  auto try_insert(Row&& row, const returning_clause<R, E...>& returned,
                  call_site site = call_site::current()) const {
    return as_result([&] { return verbs::insert(std::forward<Row>(row), returned, site); });
  }

  using try_returning_many<Driver>::try_insert_many;
  using try_returning_many<Driver>::try_update_many;
  using try_returning_many<Driver>::try_upsert_many;
  using try_returning_many<Driver>::try_remove_many;

  template <class Range>
  auto try_insert_many(Range&& rows, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::insert_many(std::forward<Range>(rows), site); });
  }

  template <class T>
  auto try_insert_many(std::initializer_list<T> rows, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::insert_many(rows, site); });
  }

  template <class T>
  auto try_get(detail::plain_key<T> key, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template get<T>(key, site); });
  }

  template <class T, detail::loose_key<key_of<T>> K = detail::given_key<key_of<T>>>
  auto try_get(const K& key, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template get<T>(key, site); });
  }

  template <class T = void, detail::ref_to_row<T> R>
  auto try_get(const R& r, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template get<T>(r, site); });
  }

  template <class T>
  auto try_get(const detail::other_key<key_of<T>>&) const {
    return result<T>(T{});
  }

  template <class T>
  auto try_find(detail::plain_key<T> key, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template find<T>(key, site); });
  }

  template <class T, detail::loose_key<key_of<T>> K = detail::given_key<key_of<T>>>
  auto try_find(const K& key, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template find<T>(key, site); });
  }

  template <class T = void, detail::ref_to_row<T> R>
  auto try_find(const R& r, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template find<T>(r, site); });
  }

  template <class T>
  auto try_find(const detail::other_key<key_of<T>>&) const {
    return result<std::optional<T>>(std::nullopt);
  }

  template <class T, class Keys>
  auto try_get_many(const Keys& keys, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template get_many<T, Keys>(keys, site); });
  }

  template <class T>
  auto try_get_many(std::initializer_list<detail::listed_key<key_of<T>>> keys,
                    call_site site = call_site::current()) const {
    return try_get_many<T, decltype(keys)>(keys, site);
  }

  template <class T, detail::loose_key<key_of<T>> K>
  auto try_get_many(std::initializer_list<K> keys, call_site site = call_site::current()) const {
    return try_get_many<T, decltype(keys)>(keys, site);
  }

  template <detail::range_of_refs Refs>
  auto try_get_many(const Refs& refs, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::get_many(refs, site); });
  }

  template <class T, class Value>
  requires(
      !detail::is_ref<Value> && !std::convertible_to<const Value&, key_of<T>> &&
      !detail::loose_key<Value, key_of<T>>) auto try_get_many(std::initializer_list<Value>) const {
    detail::refuse_other_keys<key_of<T>, Value>();
    return result<std::vector<detail::kept<T>>>(std::vector<detail::kept<T>>());
  }

  template <class T>
  auto try_get_many(const detail::other_keys<key_of<T>>&) const {
    return result<std::vector<detail::kept<T>>>(std::vector<detail::kept<T>>());
  }

  template <detail::shape_request Query, class Key = detail::braced_key<detail::root_key<Query>>>
  auto try_get(const Query& query, const Key& key, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::get(query, key, site); });
  }

  template <detail::shape_request Query, class Key = detail::braced_key<detail::root_key<Query>>>
  auto try_find(const Query& query, const Key& key, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::find(query, key, site); });
  }

  template <detail::shape_request Query, class Keys>
  auto try_get_many(const Query& query, const Keys& keys,
                    call_site site = call_site::current()) const {
    return as_result([&] { return verbs::get_many(query, keys, site); });
  }
  template <detail::shape_request Query>
  auto try_get_many(const Query& query,
                    std::initializer_list<detail::listed_key<detail::root_key<Query>>> keys,
                    call_site site = call_site::current()) const {
    return as_result([&] { return verbs::get_many(query, keys, site); });
  }

  template <detail::readable_query Query>
  auto try_all(const Query& query, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::all(query, site); });
  }

  template <class T>
  auto try_all(call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template all<T>(site); });
  }

  template <class T, class... Args>
  auto try_all(detail::raw_statement<sizeof...(Args)> sql, const Args&... args) const {
    return as_result([&] { return verbs::template all<T>(sql, args...); });
  }

  template <detail::readable_query Query>
  auto try_first(const Query& query, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::first(query, site); });
  }

  template <class T, class... Args>
  auto try_first(detail::raw_statement<sizeof...(Args)> sql, const Args&... args) const {
    return as_result([&] { return verbs::template first<T>(sql, args...); });
  }

  template <detail::readable_query Query>
  auto try_one(const Query& query, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::one(query, site); });
  }

  template <class T, class... Args>
  auto try_one(detail::raw_statement<sizeof...(Args)> sql, const Args&... args) const {
    return as_result([&] { return verbs::template one<T>(sql, args...); });
  }

  template <detail::readable_query Query>
  auto try_count(const Query& query, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::count(query, site); });
  }

  template <class T>
  auto try_count(call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template count<T>(site); });
  }

  template <detail::readable_query Query>
  auto try_exists(const Query& query, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::exists(query, site); });
  }

  template <class Row>
  requires(!detail::query<Row>) auto try_update(Row&& row,
                                                call_site site = call_site::current()) const {
    return as_result([&] { verbs::update(std::forward<Row>(row), site); });
  }

  template <class Before, class After>
  requires(
      !detail::query<Before> &&
      std::same_as<Before, std::remove_cvref_t<After>>) auto try_update(const Before& before,
                                                                        After&& after,
                                                                        call_site site =
                                                                            call_site::current())
      const {
    return as_result([&] { return verbs::update(before, std::forward<After>(after), site); });
  }

  template <class T, class... Set>
  auto try_update(detail::located<key_of<T>> key, const Set&... set) const {
    return as_result([&] { return verbs::template update<T>(key, set...); });
  }
  template <class T, class... Set>
  auto try_update(detail::given_and_located<key_of<T>> key, const Set&... set) const {
    return as_result([&] { return verbs::template update<T>(key, set...); });
  }

  template <class T, class... Set>
  auto try_update(detail::located_ref<T> key, const Set&... set) const {
    return as_result([&] { return verbs::template update<T>(key, set...); });
  }

  template <class T, detail::assigns... Set>
  auto try_update(const detail::other_key<key_of<T>>&, const Set&...) const {
    return result<void>();
  }

  template <detail::query Query, class... Set>
  auto try_update(const Query& query, const Set&... set) const {
    return as_result([&] { return verbs::update(query, set...); });
  }

  template <detail::query Query, class... Set>
  auto try_update_returning(const Query& query, const Set&... set) const {
    return as_result([&] { return verbs::update_returning(query, set...); });
  }

  template <class T, detail::result_query Query>
  auto try_insert_from(const Query& query, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template insert_from<T>(query, site); });
  }
  template <auto First, auto... Members, detail::result_query Query>
  auto try_insert_from(const Query& query, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template insert_from<First, Members...>(query, site); });
  }

  template <class T, detail::result_query Query, class R, class... E>
  auto try_insert_from(const Query& query, const returning_clause<R, E...>& returned,
                       call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template insert_from<T>(query, returned, site); });
  }
  template <auto First, auto... Members, detail::result_query Query, class R, class... E>
  auto try_insert_from(const Query& query, const returning_clause<R, E...>& returned,
                       call_site site = call_site::current()) const {
    return as_result(
        [&] { return verbs::template insert_from<First, Members...>(query, returned, site); });
  }

  template <class T, detail::result_query Query>
  auto try_insert_from_returning(const Query& query, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template insert_from_returning<T>(query, site); });
  }
  template <auto First, auto... Members, detail::result_query Query>
  auto try_insert_from_returning(const Query& query, call_site site = call_site::current()) const {
    return as_result(
        [&] { return verbs::template insert_from_returning<First, Members...>(query, site); });
  }

  template <detail::query Query, class... Set>
  auto try_claim(const Query& query, const Set&... set) const {
    return as_result([&] { return verbs::claim(query, set...); });
  }

  template <class T, class... Set>
  auto try_update_all(const Set&... set) const {
    return as_result([&] { return verbs::template update_all<T>(set...); });
  }

  template <auto... Members, class Row>
  auto try_upsert(Row&& row, call_site site = call_site::current()) const {
    return as_result(
        [&] { return verbs::template upsert<Members...>(std::forward<Row>(row), site); });
  }

  template <auto... Members, class Row, class Where, class... Set>
  auto try_upsert(Row&& row, const set_clause<Where, Set...>& set,
                  call_site site = call_site::current()) const {
    return as_result(
        [&] { return verbs::template upsert<Members...>(std::forward<Row>(row), set, site); });
  }

  template <auto... Members, class Row>
  auto try_insert_or_ignore(Row&& row, call_site site = call_site::current()) const {
    return as_result(
        [&] { return verbs::template insert_or_ignore<Members...>(std::forward<Row>(row), site); });
  }

  template <auto... Members, class Row, class R, class... E>
  auto try_upsert(Row&& row, const returning_clause<R, E...>& returned,
                  call_site site = call_site::current()) const {
    return as_result(
        [&] { return verbs::template upsert<Members...>(std::forward<Row>(row), returned, site); });
  }
  template <auto... Members, class Row, class Where, class... Set, class R, class... E>
  auto try_upsert(Row&& row, const set_clause<Where, Set...>& set,
                  const returning_clause<R, E...>& returned,
                  call_site site = call_site::current()) const {
    return as_result([&] {
      return verbs::template upsert<Members...>(std::forward<Row>(row), set, returned, site);
    });
  }

  template <auto... Members, class Row, class R, class... E>
  auto try_insert_or_ignore(Row&& row, const returning_clause<R, E...>& returned,
                            call_site site = call_site::current()) const {
    return as_result([&] {
      return verbs::template insert_or_ignore<Members...>(std::forward<Row>(row), returned, site);
    });
  }

  template <class... Named, class Row>
  requires(!detail::query<Row> && !detail::is_ref<Row> &&
           (std::same_as<Named, Row> &&
            ...)) auto try_remove(const Row& row, call_site site = call_site::current()) const {
    return as_result([&] { verbs::remove(row, site); });
  }

  template <class T>
  auto try_remove(detail::plain_key<T> key, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template remove<T>(key, site); });
  }

  template <class T, detail::loose_key<key_of<T>> K = detail::given_key<key_of<T>>>
  auto try_remove(const K& key, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template remove<T>(key, site); });
  }

  template <class T = void, detail::ref_to_row<T> R>
  auto try_remove(const R& r, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template remove<T>(r, site); });
  }

  template <detail::query Query>
  auto try_remove(const Query& query, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::remove(query, site); });
  }

  template <detail::query Query>
  auto try_remove_returning(const Query& query, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::remove_returning(query, site); });
  }

  template <detail::query Query, class R, class... E>
  auto try_remove(const Query& query, const returning_clause<R, E...>& returned,
                  call_site site = call_site::current()) const {
    return as_result([&] { return verbs::remove(query, returned, site); });
  }
  template <class T, class R, class... E>
  auto try_remove(detail::plain_key<T> key, const returning_clause<R, E...>& returned,
                  call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template remove<T>(key, returned, site); });
  }
  template <class T, detail::loose_key<key_of<T>> K = detail::given_key<key_of<T>>, class R,
            class... E>
  auto try_remove(const K& key, const returning_clause<R, E...>& returned,
                  call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template remove<T>(key, returned, site); });
  }

  template <class T, class R, class... E>
  auto try_remove_all(const returning_clause<R, E...>& returned,
                      call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template remove_all<T>(returned, site); });
  }

  template <class T>
  auto try_remove_all(call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template remove_all<T>(site); });
  }

  template <class T>
  auto try_restore(detail::plain_key<T> key, call_site site = call_site::current()) const {
    return as_result([&] { verbs::template restore<T>(key, site); });
  }
  template <class T, detail::loose_key<key_of<T>> K = detail::given_key<key_of<T>>>
  auto try_restore(const K& key, call_site site = call_site::current()) const {
    return as_result([&] { verbs::template restore<T>(key, site); });
  }
  template <detail::query Query>
  auto try_restore(const Query& query, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::restore(query, site); });
  }

  template <class T, class Duration>
  auto try_purge(std::chrono::sys_time<Duration> older_than,
                 call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template purge<T>(older_than, site); });
  }
  template <detail::query Query>
  auto try_purge(const Query& query, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::purge(query, site); });
  }

  template <class Action>
  auto try_batch(Action&& action, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::batch(std::forward<Action>(action), site); });
  }

  template <class Range>
  auto try_update_many(Range&& rows, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::update_many(std::forward<Range>(rows), site); });
  }
  template <class T>
  auto try_update_many(std::initializer_list<T> rows, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::update_many(rows, site); });
  }

  template <auto... Members, class Range>
  auto try_upsert_many(Range&& rows, call_site site = call_site::current()) const {
    return as_result(
        [&] { return verbs::template upsert_many<Members...>(std::forward<Range>(rows), site); });
  }
  template <auto... Members, class T>
  auto try_upsert_many(std::initializer_list<T> rows, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template upsert_many<Members...>(rows, site); });
  }

  template <class Range>
  auto try_remove_many(const Range& rows, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::remove_many(rows, site); });
  }
  template <class T>
  auto try_remove_many(std::initializer_list<T> rows, call_site site = call_site::current()) const {
    return as_result([&] { return verbs::remove_many(rows, site); });
  }

  template <class... Args>
  auto try_execute(detail::raw_statement<sizeof...(Args)> sql, const Args&... args) const {
    return as_result([&] { return verbs::execute(sql, args...); });
  }

  auto try_script(std::string_view sql, call_site site = call_site::current()) const {
    return as_result([&] { verbs::script(sql, site); });
  }

 protected:
  using try_returning_many<Driver>::try_returning_many;
};

}  // namespace hewn
