// hewn/query/bulk/batch.hpp - the verbs of a batch of writes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/bulk/batch_queue.hpp>
#include <hewn/query/bulk/batch_rows.hpp>
#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/expressions/sql.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/key_argument.hpp>
#include <hewn/query/rows/other_key.hpp>
#include <hewn/query/rows/ref_key.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/statements/query_text.hpp>
#include <hewn/query/statements/removal_text.hpp>
#include <hewn/query/statements/returning.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/statements/update_text.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

// A pointer to a row says that it is to be completed later.
template <class Row>
concept row_argument = !query<std::remove_cvref_t<Row>> && !std::is_pointer_v<std::decay_t<Row>>;

/// What an element asks of the arguments behind its row, key or query.
template <class... Set>
consteval bool explain_element() {
  constexpr bool returns = ends_in_returning<Set...>;
  static_assert(!returns,
                "hewn: an element of a batch returns nothing, so it takes no returning(); give "
                "that to insert_many(), update_many(), upsert_many() or remove_many(), or to the "
                "verb outside the batch");
  return !returns;
}

}  // namespace detail

/// The writes of a batch, by the names of the verbs. Each returns the number of its element,
/// counted from 0. Values are taken from the arguments at once; what the database answers is known
/// when batch() returns. A row that is given by its address is completed by then, as by the verb of
/// a transaction, and has to live until then; of other rows only what the library fills itself
/// (times, UUID keys) is filled. Throws: the error of the first element that failed, which may be
/// an earlier one.
template <class Driver>
class basic_batch {
 public:
  explicit basic_batch(detail::batch_queue<Driver>& queue) noexcept : queue_(queue) {}
  basic_batch(const basic_batch&) = delete;
  basic_batch& operator=(const basic_batch&) = delete;

  /// How many elements there are so far.
  std::size_t size() const noexcept { return queue_.size(); }

  /// Stores a new row.
  template <detail::row_argument Row>
  std::size_t insert(Row&& row, call_site site = call_site::current()) {
    return insert_row(row, nullptr, site);
  }
  template <class T>
  std::size_t insert(T* row, call_site site = call_site::current()) {
    return insert_row(*row, row, site);
  }
  template <class Row, class R, class... E>
  std::size_t insert(const Row&, const returning_clause<R, E...>&) {
    return detail::explain_element<returning_clause<R, E...>>();
  }

  /// Writes every column of the row except key, created<> and generated ones. not_found when no
  /// row has its key.
  template <detail::row_argument Row>
  std::size_t update(Row&& row, call_site site = call_site::current()) {
    return update_row(row, nullptr, site);
  }
  template <class T>
  std::size_t update(T* row, call_site site = call_site::current()) {
    return update_row(*row, row, site);
  }

  template <detail::row_argument Row, class R, class... E>
  std::size_t update(const Row&, const returning_clause<R, E...>&) {
    return detail::explain_element<returning_clause<R, E...>>();
  }

  /// Sets columns of the row with this key. not_found when there is none.
  template <class T, class... Set>
  std::size_t update(detail::located<key_of<T>> key, const Set&... set) {
    static_assert(sizeof...(set) > 0, "hewn: update() needs at least one col<&T::field> = value");
    return update_one<T>(detail::key_condition<T>{key.value}, key.site, set...);
  }
  template <class T, class... Set>
  std::size_t update(detail::given_and_located<key_of<T>> key, const Set&... set) {
    static_assert(sizeof...(set) > 0, "hewn: update() needs at least one col<&T::field> = value");
    const detail::key_condition<T> where{key.held.value};
    return key.held.exists ? update_one<T>(where, key.site, set...)
                           : update_one<T>(detail::no_key_condition<T>{where}, key.site, set...);
  }

  template <class T, class... Set>
  std::size_t update(detail::located_ref<T> key, const Set&... set) {
    static_assert(sizeof...(set) > 0, "hewn: update() needs at least one col<&T::field> = value");
    return update_one<T>(detail::key_condition<T>{key.value}, key.site, set...);
  }

  template <class T, detail::assigns... Set>
  std::size_t update(const detail::other_key<key_of<T>>&, const Set&...) {
    return 0;
  }

  /// Sets columns of every row of the query.
  template <detail::query Query, class... Set>
  std::size_t update(const Query& query, const Set&... set) {
    using T = typename Query::record_type;
    static_assert(detail::explain_update<Query, sizeof...(set)>());
    if constexpr (detail::explain_element<Set...>())
      return queue_.add([&] {
        queue_.may_change_others();
        detail::check_condition(query, query.site());
        queue_.submit(detail::open_update<T>(queue_.owner(), query, false, query.site(), set...));
      });
    else
      return 0;
  }

  /// Inserts the row, or updates the one that already holds its values in `Members` (default: its
  /// primary key). A row that is given by its address becomes the row as it is stored.
  template <auto... Members, detail::row_argument Row>
  std::size_t upsert(Row&& row, call_site site = call_site::current()) {
    return upsert_row<Members...>(std::as_const(row), nullptr, site);
  }
  template <auto... Members, class T>
  std::size_t upsert(T* row, call_site site = call_site::current()) {
    return upsert_row<Members...>(*row, row, site);
  }
  template <auto... Members, class Row, class R, class... E>
  std::size_t upsert(const Row&, const returning_clause<R, E...>&) {
    return detail::explain_element<returning_clause<R, E...>>();
  }

  /// Removes the row with the key of `row`. not_found when there is none.
  // Named: see session::remove.
  template <class... Named, detail::row_argument Row>
  requires(std::same_as<Named, Row>&&...) std::size_t
      remove(const Row& row, call_site site = call_site::current()) {
    if constexpr (detail::explain_table<Row>() && detail::explain_key<Row>())
      return queue_.add([&] { detail::batch_remove(queue_, row, site); });
  }

  /// Removes the row with this key, if there is one.
  template <class T>
  std::size_t remove(detail::plain_key<T> key, call_site site = call_site::current()) {
    static_assert(detail::explain_key<T>());
    return remove_one<T>(key, site);
  }
  template <class T, detail::loose_key<key_of<T>> K = detail::given_key<key_of<T>>>
  std::size_t remove(const K& key, call_site site = call_site::current()) {
    return remove_one<T>(detail::hold_key<key_of<T>>(key), site);
  }
  /// Removes the row that a hewn::ref refers to, if there is one.
  template <class T = void, detail::ref_to_row<T> R>
  std::size_t remove(const R& r, call_site site = call_site::current()) {
    if constexpr (detail::explain_ref_of<T, R>())
      return remove_one<typename R::record_type>(r.key(), site);
    else
      return 0;
  }

  /// Removes every row of the query.
  template <detail::query Query>
  std::size_t remove(const Query& query, call_site site = call_site::current()) {
    static_assert(detail::explain_remove<Query>());
    return queue_.add([&] {
      queue_.may_change_others();
      detail::check_condition(query, site);
      queue_.submit(detail::open_removal(queue_.owner(), query, false, site));
    });
  }

  template <class... Named, class Removed, class R, class... E>
  std::size_t remove(const Removed&, const returning_clause<R, E...>&) {
    return detail::explain_element<returning_clause<R, E...>>();
  }

  /// Runs one statement; the rows that it returns are skipped.
  template <class... Args>
  std::size_t execute(detail::raw_statement<sizeof...(Args)> sql, const Args&... args) {
    return queue_.add([&] {
      queue_.may_change_others();
      queue_.submit(detail::open_raw(queue_.owner(), sql, false, args...));
    });
  }

 private:
  template <class T, class Where, class... Set>
  std::size_t update_one(const Where& where, call_site site, const Set&... set) {
    if constexpr (detail::explain_element<Set...>())
      return queue_.add([&] {
        queue_.may_change_others();
        queue_.submit(detail::open_update<T>(queue_.owner(), where, false, site, set...),
                      detail::changed_row<T>);
      });
    else
      return 0;
  }

  template <class T, class Held>
  std::size_t remove_one(const Held& key, call_site site) {
    return queue_.add([&] {
      queue_.may_change_others();
      auto lease = detail::take_statement<detail::remove_text<Driver, T>>(queue_.owner(), site);
      detail::bind_key<T>(lease, key);
      detail::bind_removal(lease, table_of<T>, detail::removal_binder_of<T, Driver>());
      queue_.submit(std::move(lease));
    });
  }

  // `to`: where the row is completed, or nullptr.
  template <class Row, class To>
  std::size_t insert_row(Row& row, To to, call_site site) {
    using T = std::remove_const_t<Row>;
    if constexpr (detail::explain_insertable<T>())
      return queue_.add([&] {
        detail::with_new_keys(queue_, row, to, site, [&](const T& stamped) {
          detail::batch_insert(queue_, stamped, to, site);
        });
      });
  }

  template <class Row, class To>
  std::size_t update_row(Row& row, To to, call_site site) {
    using T = std::remove_const_t<Row>;
    if constexpr (detail::explain_table<T>() && detail::explain_key<T>() &&
                  detail::explain_updatable<T>())
      return queue_.add([&] {
        const auto write = [&](const T& stamped) {
          detail::batch_update(queue_, stamped, to, site);
        };
        if constexpr (table_of<T>.has_version)
          detail::with_version(queue_, row, to, [&] {
            detail::with_stamp(queue_.owner(), row, false, site, write);
          });
        else
          detail::with_stamp(queue_.owner(), row, false, site, write);
      });
  }

  template <auto... Members, class Row, class To>
  std::size_t upsert_row(Row& row, To to, call_site site) {
    using T = std::remove_const_t<Row>;
    if constexpr (detail::explain_upsert<T, Members...>())
      return queue_.add([&] {
        detail::with_new_keys(queue_, row, to, site, [&](const T& stamped) {
          detail::batch_upsert<Members...>(queue_, stamped, to, site);
        });
      });
  }

  detail::batch_queue<Driver>& queue_;
};

}  // namespace hewn
