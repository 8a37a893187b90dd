// hewn/query/verbs/restores.hpp - the verbs for rows that were removed and are kept.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/key_argument.hpp>
#include <hewn/query/rows/other_key.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/statements/removal_text.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>
#include <hewn/query/verbs/returning_many.hpp>
#include <hewn/schema/table_of.hpp>
#include <hewn/schema/types.hpp>

#include <chrono>
#include <cstdint>
#include <type_traits>

namespace hewn {

/// The part of a session for tables with soft_delete<>. One thread at a time.
template <class Driver>
class restores : public returning_many<Driver> {
 public:
  // ---------------------------------------------------------------- restore

  /// Puts back the removed row with this key. updated<> columns are set as well. Throws: not_found
  /// when no removed row has the key; conflict when another row has taken a unique value of it.
  template <class T>
  void restore(detail::plain_key<T> key, call_site site = call_site::current()) const {
    if constexpr (detail::explain_key<T>()) restore_one<T>(detail::key_condition<T>{key}, site);
  }
  template <class T, detail::loose_key<key_of<T>> K = detail::given_key<key_of<T>>>
  void restore(const K& key, call_site site = call_site::current()) const {
    const auto& held = detail::hold_key<key_of<T>>(key);
    const detail::key_condition<T> where{detail::value_of_key<key_of<T>>(held)};
    if (detail::key_exists(held))
      restore_one<T>(where, site);
    else
      restore_one<T>(detail::no_key_condition<T>{where}, site);
  }
  template <class T>
  void restore(const detail::other_key<key_of<T>>&) const {}
  template <class T, class A, detail::loose_value B, class... More>
  void restore(const A&, const B&, const More&...) const {
    detail::refuse_loose_keys<A>();
  }

  /// Puts back every removed row of the query, all or none; returns their number. Throws: conflict.
  template <detail::query Query>
  std::int64_t restore(const Query& query, call_site site = call_site::current()) const {
    if constexpr (detail::explain_removed_rows<Query>()) {
      detail::check_condition(query, site);
      return change<detail::removal_step::restore>(query, nullptr, site);
    } else {
      return 0;
    }
  }

  // No restore<T>(), for T is no int.
  template <int = 0, class Row>
  requires(std::is_aggregate_v<Row>) void restore(const Row&,
                                                  call_site = call_site::current()) const {
    detail::explain_row_for_removed<Row>();
  }

  // ---------------------------------------------------------------- purge

  /// Deletes the rows that were removed before this time, for good; returns their number. Throws:
  /// foreign_key.
  template <class T, class Duration>
  std::int64_t purge(std::chrono::sys_time<Duration> older_than,
                     call_site site = call_site::current()) const {
    const auto time = std::chrono::floor<timestamp::duration>(older_than);
    if constexpr (detail::explain_table<T>() && detail::explain_kept<T>())
      return change<detail::removal_step::purge>(detail::removed_before<T>{time}, nullptr, site);
    else
      return 0;
  }

  /// Deletes every removed row of the query, for good; returns their number. Rows that are not
  /// removed stay. Throws: foreign_key.
  template <detail::query Query>
  std::int64_t purge(const Query& query, call_site site = call_site::current()) const {
    if constexpr (detail::explain_removed_rows<Query>()) {
      detail::check_condition(query, site);
      return change<detail::removal_step::purge>(query, nullptr, site);
    } else {
      return 0;
    }
  }

  template <class T, class... Args>
  requires(!detail::begins_with_time<Args...>) std::int64_t purge(const Args&...)
  const {
    detail::explain_purge_time<Args...>();
    return 0;
  }
  template <int = 0, class Row>
  requires(std::is_aggregate_v<Row>) std::int64_t
      purge(const Row&, call_site = call_site::current())
  const {
    detail::explain_row_for_removed<Row>();
    return 0;
  }

  // ---- for the library

  /// Whether there was a removed row with this key, which is put back.
  template <class T>
  bool put_back(const key_of<T>& key, call_site site) const {
    return change<detail::removal_step::restore>(detail::key_condition<T>{key}, nullptr, site) != 0;
  }

 protected:
  using returning_many<Driver>::returning_many;

 private:
  template <detail::removal_step What, class Where>
  std::int64_t change(const Where& where, const table_info* one, call_site site) const {
    auto& c = this->connection(site);
    const detail::kept_removal_request<Where, What> request{where, c.native().now()};
    const auto lease = detail::open_request(c, request, site);
    lease.step();
    const std::int64_t changed = c.native().changes();
    if (one != nullptr && changed == 0) detail::fail_not_restored(lease, *one);
    return changed;
  }

  template <class T, class Where>
  void restore_one(const Where& where, call_site site) const {
    if constexpr (detail::explain_kept<T>())
      change<detail::removal_step::restore>(where, &table_of<T>, site);
  }
};

}  // namespace hewn
