// hewn/query/verbs/session.hpp - the verbs: what a program does with rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/query/bulk/batch.hpp>
#include <hewn/query/bulk/bulk.hpp>
#include <hewn/query/bulk/insert_many.hpp>
#include <hewn/query/bulk/write_many.hpp>
#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/expressions/sql.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/key_argument.hpp>
#include <hewn/query/rows/other_key.hpp>
#include <hewn/query/rows/ref_key.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/statements/query_text.hpp>
#include <hewn/query/statements/returning.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/update_text.hpp>
#include <hewn/query/type_erasure/insert_row.hpp>
#include <hewn/query/type_erasure/key_verbs.hpp>
#include <hewn/query/type_erasure/row_writer.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>
#include <hewn/query/verbs/reads.hpp>
#include <hewn/query/verbs/restores.hpp>
#include <hewn/schema/error_is.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn {

/// The verbs of a database and of a transaction; those that read are in hewn::reads. Every verb
/// that throws has a `try_` twin that returns a hewn::result. One thread at a time.
template <class Driver>
class session : public restores<Driver> {
 public:
  // ---------------------------------------------------------------- insert

  using restores<Driver>::insert;

  /// Stores a new row. An lvalue is completed in place (key, times, generated columns) and
  /// returned by reference; an rvalue or const row comes back as it was stored. A key of 0 or a nil
  /// UUID asks for a new key. Throws: conflict, foreign_key, check, not_null, invalid_data; skipped
  /// where a trigger, rule or conflict clause of the database left the row out or took it back.
  template <class Row>
  decltype(auto) insert(Row&& row, call_site site = call_site::current()) const {
    using T = std::remove_cvref_t<Row>;
    if constexpr (detail::explain_insertable<T>()) {
      if constexpr (std::is_const_v<std::remove_reference_t<Row>>) {
        T stored = row;
        detail::insert_row(this->turn(), stored, site);
        return stored;
      } else {
        detail::insert_row(this->turn(), row, site);
        if constexpr (std::is_lvalue_reference_v<Row>)
          return static_cast<T&>(row);
        else
          return T(std::move(row));
      }
    }
  }

  using restores<Driver>::insert_many;

  /// Stores all rows or none, with one statement prepared once. Rows of a non-const range are
  /// completed in place; when it throws, none of them has got a key. Returns the number of rows.
  /// Throws: as insert.
  template <class Range>
  std::int64_t insert_many(Range&& rows, call_site site = call_site::current()) const {
    if constexpr (detail::explain_range<Range>())
      return insert_range(rows, site);
    else
      return 0;
  }

  /// As above, of rows in braces, which are not completed.
  template <class T>
  std::int64_t insert_many(std::initializer_list<T> rows,
                           call_site site = call_site::current()) const {
    return insert_range(rows, site);
  }

  template <class A, detail::loose_row B, class... More>
  std::int64_t insert_many(const A&, const B&, const More&...) const {
    return detail::refuse_loose_rows<A>(), 0;
  }

  // ---------------------------------------------------------------- update

  using restores<Driver>::update;

  /// Writes every column of the row except key, created<> and generated ones. A non-const row is
  /// completed in place. Throws: not_found when no row has its key; as insert.
  template <class Row>
  requires(!detail::query<Row>) void update(Row&& row,
                                            call_site site = call_site::current()) const {
    using T = std::remove_cvref_t<Row>;
    if constexpr (detail::explain_table<T>() && detail::explain_key<T>() &&
                  detail::explain_updatable<T>()) {
      if constexpr (std::is_const_v<std::remove_reference_t<Row>> &&
                    (detail::row_stamp::needs_stamp<T>() || table_of<T>.has_generated)) {
        T stored = row;
        detail::update_row(this->turn(), stored, site);
      } else {
        detail::update_row(this->turn(), row, site);
      }
    }
  }

  /// Sets columns of the row with this key: `db.update<task>(id, col<&task::output> = text)`.
  /// updated<> columns are set as well. With hewn::returning() behind the assignments, returns what
  /// that names of the row. Throws: not_found.
  template <class T, class... Set>
  auto update(detail::located<key_of<T>> key, const Set&... set) const {
    static_assert(sizeof...(set) > 0, "hewn: update() needs at least one col<&T::field> = value");
    return update_one<T>(detail::key_condition<T>{key.value}, key.site, set...);
  }

  template <class T, class... Set>
  auto update(detail::given_and_located<key_of<T>> key, const Set&... set) const {
    static_assert(sizeof...(set) > 0, "hewn: update() needs at least one col<&T::field> = value");
    const detail::key_condition<T> where{key.held.value};
    return key.held.exists ? update_one<T>(where, key.site, set...)
                           : update_one<T>(detail::no_key_condition<T>{where}, key.site, set...);
  }

  /// `db.update<task>(ref, ...)` of the row that a hewn::ref refers to.
  template <class T, class... Set>
  auto update(detail::located_ref<T> key, const Set&... set) const {
    static_assert(sizeof...(set) > 0, "hewn: update() needs at least one col<&T::field> = value");
    return update_one<T>(detail::key_condition<T>{key.value}, key.site, set...);
  }

  template <class T, detail::assigns... Set>
  void update(const detail::other_key<key_of<T>>&, const Set&...) const {}

  template <class T, detail::assigns... Set>
  requires(sizeof...(Set) != 0) void update(const Set&...) const {
    static_assert(sizeof(T) == 0,
                  "hewn: update<T>() is for one row, whose key comes first; say update_all<T>() if "
                  "every row is meant");
  }

  // The key behind the assignments.
  template <class T, detail::assigns First, class... Rest>
  requires(!(detail::assigns<Rest> && ...)) void update(const First&, const Rest&...) const {
    detail::refuse_key_last<First>();
  }
  template <int = 0, detail::assigns First, class... Rest>
  requires(!(detail::assigns<Rest> && ...)) void update(const First&, const Rest&...) const {
    detail::refuse_key_last<First>();
  }

  // A key without the struct: no update<T>(), for T is no int.
  template <int = 0, class Key, detail::assigns... Set>
  requires(!detail::query<Key> && !detail::assigns<Key> &&
           sizeof...(Set) != 0) void update(const Key&, const Set&...) const {
    static_assert(sizeof...(Set) == 0,
                  "hewn: update() of columns names the struct of its row; write update<T>(key, "
                  "col<&T::field> = value)");
  }

  /// Sets columns of every row of the query; returns their number. With hewn::returning() behind
  /// the assignments, returns a vector of what that names of the rows as they are afterwards, in no
  /// particular order.
  template <detail::query Query, class... Set>
  auto update(const Query& query, const Set&... set) const {
    using T = typename Query::record_type;
    if constexpr (detail::ends_in_returning<Set...>) {
      return this->update_returned(query, set...);
    } else {
      static_assert(detail::explain_update<Query, sizeof...(set)>());
      detail::check_condition(query, query.site());
      auto lease = detail::open_update<T>(this->connection(query.site()), query, false,
                                          query.site(), set...);
      lease.step();
      return std::int64_t{this->connection().native().changes()};
    }
  }

  /// As update of a query, and returns the rows as they are afterwards.
  template <detail::query Query, class... Set>
  auto update_returning(const Query& query, const Set&... set) const {
    using T = typename Query::record_type;
    static_assert(Query::has_condition && !Query::is_limited,
                  "hewn: update_returning() takes a query with where() and without limit()");
    static_assert(detail::explain_owning<T>());
    detail::check_condition(query, query.site());
    return detail::collect_changed<T>(this->connection(query.site()), query.site(), [&] {
      return detail::open_update<T>(this->connection(), query, true, query.site(), set...);
    });
  }

  /// Sets columns of every row of the table; returns their number, or what hewn::returning() names.
  template <class T, class... Set>
  auto update_all(const Set&... set) const {
    if constexpr (detail::ends_in_returning<Set...>) {
      return this->template update_all_returned<T>(set...);
    } else {
      static_assert(sizeof...(set) > 0,
                    "hewn: update_all() needs at least one col<&T::field> = value");
      auto lease = detail::open_update<T>(this->connection(call_site{}), from<T>, false,
                                          call_site{}, set...);
      lease.step();
      return std::int64_t{this->connection().native().changes()};
    }
  }

  template <detail::query Query, class... Set>
  void update_all(const Query&, const Set&...) const {
    static_assert(sizeof(Query) == 0,
                  "hewn: update_all<T>() changes every row of a table; for the rows of a query say "
                  "update(query, ...)");
  }

  // ---------------------------------------------------------------- upsert

  /// Inserts the row, or updates the one that already holds its values in `Members` (default: its
  /// primary key). Returns the row as it is stored; `row` keeps its values.
  using restores<Driver>::upsert;
  template <auto... Members, class Row>
  std::remove_cvref_t<Row> upsert(Row&& row, call_site site = call_site::current()) const {
    using T = std::remove_cvref_t<Row>;
    if constexpr (detail::explain_upsert<T, Members...>()) {
      T stored = std::forward<Row>(row);
      this->fill(stored, site);
      if constexpr (detail::leaves_key_out<Driver, T>) {
        if (detail::has_no_key(stored)) {
          detail::upsert_row<detail::row_write::upsert_keyed_by_database, Members...>(
              this->connection(), stored, site);
          return stored;
        }
      }
      detail::upsert_row<detail::row_write::upsert, Members...>(this->connection(), stored, site);
      return stored;
    } else {
      return detail::nothing<T>();
    }
  }

  // ---------------------------------------------------------------- remove

  using restores<Driver>::remove;
  using restores<Driver>::remove_all;

  /// Removes the row with the key of `row`. In a table with soft_delete<> the row stays, with the
  /// time of its removal, and is left out from then on: so with every verb that removes. Throws:
  /// not_found, foreign_key.
  // Named is the type of a key in braces, which must not become a row with some fields left out.
  template <class... Named, class Row>
  requires(!detail::query<Row> && !detail::is_ref<Row> &&
           (std::same_as<Named, Row> &&
            ...)) void remove(const Row& row, call_site site = call_site::current()) const {
    if constexpr (detail::explain_table<Row>() && detail::explain_key<Row>()) {
      if constexpr (table_of<Row>.has_version)
        detail::row_writer<Driver>::remove_held(this->turn(), detail::row_type_of<Row, Driver>,
                                                &row, site);
      else
        detail::row_writer<Driver>::remove(this->turn(), table_of<Row>,
                                           &detail::bind_values<Row, typename Driver::statement>,
                                           detail::removal_binder_of<Row, Driver>(), &row, site);
    }
  }

  /// Removes the row with this key; false when there was none.
  template <class T>
  bool remove(detail::plain_key<T> key, call_site site = call_site::current()) const {
    if constexpr (detail::explain_key<T>())
      return detail::key_verbs<Driver>::remove(this->turn(), table_of<T>,
                                               detail::refer_to_key<T, Driver>(key),
                                               detail::removal_binder_of<T, Driver>(), site);
    else
      return false;
  }

  template <class T, detail::loose_key<key_of<T>> K = detail::given_key<key_of<T>>>
  bool remove(const K& key, call_site site = call_site::current()) const {
    const auto& held = detail::hold_key<key_of<T>>(key);
    return detail::key_verbs<Driver>::remove(this->turn(), table_of<T>,
                                             detail::refer_to_key<T, Driver>(held),
                                             detail::removal_binder_of<T, Driver>(), site);
  }

  /// Removes the row that a hewn::ref refers to; false when there was none.
  template <class T = void, detail::ref_to_row<T> R>
  bool remove(const R& r, call_site site = call_site::current()) const {
    if constexpr (detail::explain_ref_of<T, R>())
      return remove<typename R::record_type>(r.key(), site);
    else
      return false;
  }

  template <class T>
  bool remove(const detail::other_key<key_of<T>>&) const {
    return false;
  }
  template <class T, class A, detail::loose_value B, class... More>
  requires(!detail::is_returning<B>) bool remove(const A&, const B&, const More&...) const {
    return detail::refuse_loose_keys<A>(), false;
  }

  template <class T>
  void remove() const {
    static_assert(sizeof(T) == 0,
                  "hewn: remove<T>() is for one row, whose key it takes; say remove_all<T>() if "
                  "every row is meant");
  }

  /// Removes every row of the query; returns their number.
  template <detail::query Query>
  std::int64_t remove(const Query& query, call_site site = call_site::current()) const {
    static_assert(detail::explain_remove<Query>());
    detail::check_condition(query, site);
    auto lease = detail::open_removal(this->connection(site), query, false, site);
    lease.step();
    return this->connection().native().changes();
  }

  /// As remove of a query, and returns the rows that were removed.
  template <detail::query Query>
  auto remove_returning(const Query& query, call_site site = call_site::current()) const {
    using T = typename Query::record_type;
    static_assert(Query::has_condition && !Query::is_limited,
                  "hewn: remove_returning() takes a query with where() and without limit()");
    static_assert(detail::explain_owning<T>());
    detail::check_condition(query, site);
    return detail::collect_changed<T>(this->connection(site), site, [&] {
      return detail::open_removal(this->connection(), query, true, site);
    });
  }

  /// Removes every row of the table; returns their number.
  template <class T>
  std::int64_t remove_all(call_site site = call_site::current()) const {
    auto lease = detail::open_removal(this->connection(site), from<T>, false, site);
    lease.step();
    return this->connection().native().changes();
  }

  template <detail::query Query>
  void remove_all(const Query&) const {
    static_assert(sizeof(Query) == 0,
                  "hewn: remove_all<T>() removes every row of a table; for the rows of a query say "
                  "remove(query)");
  }

  // ---------------------------------------------------------------- many writes at once

  /// Runs the writes that `action(batch)` makes by the verbs of hewn::basic_batch, all or none, and
  /// on PostgreSQL without waiting for one to be answered before the next is sent. Returns how many
  /// rows each element changed. Throws: what the action throws; the error of the first element that
  /// failed, with its number in element(); commit_in_doubt.
  template <class Action>
  std::vector<std::int64_t> batch(Action&& action, call_site site = call_site::current()) const {
    std::vector<std::int64_t> changed;
    detail::run_batch(this->connection(site), action, &changed, site);
    return changed;
  }

  using restores<Driver>::update_many;
  using restores<Driver>::upsert_many;
  using restores<Driver>::remove_many;

  /// As update(row) for every row of the range, all or none, in one batch. Rows of a non-const
  /// range are completed in place. Returns the number of rows. Throws: as update, with the number
  /// of the row in element().
  template <class Range>
  std::int64_t update_many(Range&& rows, call_site site = call_site::current()) const {
    return detail::write_many(this->connection(site), rows, detail::row_updater{site}, site);
  }
  template <class T>
  std::int64_t update_many(std::initializer_list<T> rows,
                           call_site site = call_site::current()) const {
    return detail::write_many(this->connection(site), rows, detail::row_updater{site}, site);
  }

  /// As upsert(row) for every row of the range, all or none, in one batch. Rows of a non-const
  /// range become the rows as they are stored. Returns their number. Throws: as upsert, with the
  /// number of the row in element().
  template <auto... Members, class Range>
  std::int64_t upsert_many(Range&& rows, call_site site = call_site::current()) const {
    return detail::write_many(this->connection(site), rows, detail::row_upserter<Members...>{site},
                              site);
  }
  template <auto... Members, class T>
  std::int64_t upsert_many(std::initializer_list<T> rows,
                           call_site site = call_site::current()) const {
    return detail::write_many(this->connection(site), rows, detail::row_upserter<Members...>{site},
                              site);
  }

  /// As remove(row) for every row of the range, all or none, in one batch. Returns their number.
  /// Throws: as remove, with the number of the row in element().
  template <class Range>
  std::int64_t remove_many(const Range& rows, call_site site = call_site::current()) const {
    return detail::write_many(this->connection(site), rows, detail::row_remover{site}, site);
  }
  template <class T>
  std::int64_t remove_many(std::initializer_list<T> rows,
                           call_site site = call_site::current()) const {
    return detail::write_many(this->connection(site), rows, detail::row_remover{site}, site);
  }

  // ---------------------------------------------------------------- raw SQL

  /// Runs one statement; returns the number of rows it changed.
  template <class... Args>
  std::int64_t execute(detail::raw_statement<sizeof...(Args)> sql, const Args&... args) const {
    auto lease = detail::open_raw(this->connection(sql.site), sql, false, args...);
    const std::int64_t before = this->connection().native().total_changes();
    while (lease.step()) {
    }
    // CREATE TABLE and its like leave the number of the statement before them.
    return this->connection().native().total_changes() == before
               ? 0
               : this->connection().native().changes();
  }

  /// Runs a script of any number of statements without values. Not atomic by itself.
  void script(std::string_view sql, call_site site = call_site::current()) const {
    this->connection(site).execute(sql, site);
  }

 protected:
  using restores<Driver>::restores;

 private:
  template <class T, class Where, class... Set>
  auto update_one(const Where& where, call_site site, const Set&... set) const {
    if constexpr (detail::ends_in_returning<Set...>) {
      return this->template update_one_returned<T>(where, site, set...);
    } else {
      auto lease = detail::open_update<T>(this->connection(site), where, false, site, set...);
      if (lease.step()) detail::fail_more_than_one(lease);
      if (this->connection().native().changes() == 0) detail::fail_not_changed(lease, table_of<T>);
    }
  }

  template <class Range>
  std::int64_t insert_range(Range& rows, call_site site) const {
    if constexpr (detail::explain_insertable<std::remove_cvref_t<decltype(*rows.begin())>>())
      return detail::insert_all_or_none(this->connection(site), rows, site);
    else
      return 0;
  }
};

}  // namespace hewn
