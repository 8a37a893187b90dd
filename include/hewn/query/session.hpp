// hewn/query/session.hpp - the verbs: what a program does with rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/base/result.hpp>
#include <hewn/db/connection.hpp>
#include <hewn/db/lease.hpp>
#include <hewn/db/transaction.hpp>
#include <hewn/query/condition.hpp>
#include <hewn/query/key.hpp>
#include <hewn/query/row.hpp>
#include <hewn/query/rows.hpp>
#include <hewn/query/select.hpp>
#include <hewn/query/shapes.hpp>
#include <hewn/query/sql.hpp>
#include <hewn/query/write_row.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn {
namespace detail {

/// A key with the line of the call, for verbs whose last parameters are a pack.
template <class Key>
struct located {
  Key value;
  call_site site;

  // Takes a composite key in braces.
  located(const Key& key, call_site where = call_site::current()) : value(key), site(where) {}

  // A template, so that "name" becomes an std::string on the way.
  template <std::convertible_to<Key> K>
  located(K&& key, call_site where = call_site::current())
      : value(std::forward<K>(key)), site(where) {}
};

template <class Range>
concept range_of_records = requires(Range& r) {
  r.begin();
  r.end();
  requires std::is_class_v<std::remove_cvref_t<decltype(*r.begin())>>;
};

template <class T>
consteval bool explain_insertable() {
  if constexpr (explain_table<T>()) return explain_generator<T>();
  else return false;
}

/// Rows that are kept must own their text; views are for each().
template <class T>
consteval bool explain_owning() {
  if constexpr (record<T> && !column_value<unwrapped<T>>) {
    return []<std::size_t... I>(std::index_sequence<I...>) {
      constexpr bool owning =
          ((!std::same_as<unwrapped<field_type<T, I>>, std::string_view> &&
            !std::same_as<unwrapped<field_type<T, I>>, bytes_view>)&&...);
      static_assert(owning,
                    "hewn: a row with std::string_view or bytes_view fields lives only until the "
                    "next row; read it with each(), or use std::string and hewn::bytes");
      return owning;
    }(std::make_index_sequence<field_count<T>>{});
  }
  return true;
}

}  // namespace detail

/// The verbs of a database and of a transaction. Every verb that throws has a `try_` twin that
/// returns a hewn::result. One thread at a time.
template <class Driver>
class session {
 public:
  // ---------------------------------------------------------------- insert

  /// Stores a new row. An lvalue is completed in place (key, times, generated columns) and
  /// returned by reference; an rvalue or const row comes back as it was stored. A key of 0 or a nil
  /// UUID asks for a new key. Throws: conflict, foreign_key, check, not_null, invalid_data.
  template <class Row>
  decltype(auto) insert(Row&& row, call_site site = call_site::current()) const {
    using T = std::remove_cvref_t<Row>;
    if constexpr (detail::explain_insertable<T>()) {
      if constexpr (std::is_const_v<std::remove_reference_t<Row>>) {
        T stored = row;
        insert_row(stored, site);
        return stored;
      } else {
        insert_row(row, site);
        if constexpr (std::is_lvalue_reference_v<Row>) return static_cast<T&>(row);
        else return T(std::move(row));
      }
    }
  }

  /// Stores all rows or none, with one statement prepared once. Rows of a non-const range are
  /// completed in place. Returns the number of rows. Throws: as insert.
  template <detail::range_of_records Range>
  std::int64_t insert_many(Range&& rows, call_site site = call_site::current()) const {
    using T = std::remove_cvref_t<decltype(*rows.begin())>;
    std::int64_t count = 0;
    if constexpr (detail::explain_insertable<T>()) {
      detail::transaction_scope<Driver> all(*connection_, transaction_mode::immediate, site);
      {
        auto lease = acquire<detail::insert_shape<Driver, T>>(nullptr, site);
        for (auto&& row : rows) {
          if constexpr (std::is_const_v<std::remove_reference_t<decltype(row)>>) {
            if constexpr (detail::row_stamp::needs_stamp<T>()) {
              T stamped = row;
              insert_with(lease, stamped);
            } else {
              insert_with(lease, row);
            }
          } else {
            insert_with(lease, row);
          }
          lease.statement().rewind();
          ++count;
        }
      }
      all.commit();
    }
    return count;
  }

  // ---------------------------------------------------------------- read by key

  /// The row with this key. Throws: not_found, invalid_data, schema_mismatch.
  template <class T>
  T get(const key_of<T>& key, call_site site = call_site::current()) const {
    T row{};
    if constexpr (detail::explain_key<T>()) {
      auto lease = open_by_key<T>(key, site);
      if (!lease.step()) [[unlikely]] detail::fail_not_found(lease, table_of<T>);
      detail::check_table_row(lease, table_of<T>);
      detail::read_row(lease, row);
    }
    return row;
  }

  /// The row with this key, or nothing.
  template <class T>
  std::optional<T> find(const key_of<T>& key, call_site site = call_site::current()) const {
    std::optional<T> row;
    if constexpr (detail::explain_key<T>()) {
      auto lease = open_by_key<T>(key, site);
      if (!lease.step()) return row;
      detail::check_table_row(lease, table_of<T>);
      detail::read_row(lease, row.emplace());
    }
    return row;
  }

  // ---------------------------------------------------------------- read by query

  /// Every row of the query.
  template <detail::query Query>
  auto all(const Query& query, call_site site = call_site::current()) const {
    using T = typename Query::record_type;
    std::vector<T> rows;
    if constexpr (detail::explain_table<T>() && detail::explain_owning<T>()) {
      auto lease = open_query(query, false, site);
      if constexpr (Query::is_limited) rows.reserve(query.expected_rows());
      bool more = lease.step();
      detail::check_table_row(lease, table_of<T>);
      for (; more; more = lease.step()) detail::read_row(lease, rows.emplace_back());
    }
    return rows;
  }

  /// Every row of the table.
  template <class T>
  std::vector<T> all(call_site site = call_site::current()) const {
    return all(from<T>, site);
  }

  /// Every row of raw SQL, into structs by column names or into values from a single column.
  template <class T, class... Args>
  std::vector<T> all(detail::raw_statement<sizeof...(Args)> sql, const Args&... args) const {
    std::vector<T> rows;
    if constexpr (explain_result<T>() && detail::explain_owning<T>()) {
      auto lease = open_raw(sql, false, args...);
      bool more = lease.step();
      detail::check_raw_row<T>(lease);
      for (; more; more = lease.step()) detail::read_raw_row(lease, rows.emplace_back());
    }
    return rows;
  }

  /// The rows of the query one by one, as a range for one pass; see hewn::rows.
  template <detail::query Query>
  auto each(const Query& query, call_site site = call_site::current()) const {
    using T = typename Query::record_type;
    static_assert(detail::explain_table<T>());
    return rows<T, Driver, false>(open_query(query, true, site));
  }

  template <class T>
  auto each(call_site site = call_site::current()) const {
    return each(from<T>, site);
  }

  template <class T, class... Args>
  auto each(detail::raw_statement<sizeof...(Args)> sql, const Args&... args) const {
    static_assert(explain_result<T>());
    return rows<T, Driver, true>(open_raw(sql, true, args...));
  }

  /// The first row of the query, or nothing.
  template <detail::query Query>
  auto first(const Query& query, call_site site = call_site::current()) const {
    using T = typename Query::record_type;
    std::optional<T> row;
    auto lease = open_query(query, false, site);
    if (!lease.step()) return row;
    detail::check_table_row(lease, table_of<T>);
    detail::read_row(lease, row.emplace());
    return row;
  }

  template <class T, class... Args>
  std::optional<T> first(detail::raw_statement<sizeof...(Args)> sql, const Args&... args) const {
    std::optional<T> row;
    auto lease = open_raw(sql, false, args...);
    const bool found = lease.step();
    detail::check_raw_row<T>(lease);
    if (found) detail::read_raw_row(lease, row.emplace());
    return row;
  }

  /// The only row of the query. Throws: not_found when there is none, usage when there are more.
  template <detail::query Query>
  auto one(const Query& query, call_site site = call_site::current()) const {
    using T = typename Query::record_type;
    auto lease = open_query(query, false, site);
    if (!lease.step()) detail::fail_not_found(lease, table_of<T>);
    detail::check_table_row(lease, table_of<T>);
    T row{};
    detail::read_row(lease, row);
    if (lease.step()) detail::fail_more_than_one(lease);
    return row;
  }

  /// The only row of raw SQL, e.g. `db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM t">)`.
  template <class T, class... Args>
  T one(detail::raw_statement<sizeof...(Args)> sql, const Args&... args) const {
    auto lease = open_raw(sql, false, args...);
    const bool found = lease.step();
    detail::check_raw_row<T>(lease);
    if (!found) detail::fail_no_row(lease);
    T row{};
    detail::read_raw_row(lease, row);
    if (lease.step()) detail::fail_more_than_one(lease);
    return row;
  }

  /// How many rows the query has. Limit and offset are not for counting.
  template <detail::query Query>
  std::int64_t count(const Query& query, call_site site = call_site::current()) const {
    static_assert(!Query::is_limited, "hewn: count() of a query with limit() or offset(); count the "
                                      "query without them");
    return scalar<detail::count_shape<Driver, Query>>(query, site);
  }

  template <class T>
  std::int64_t count(call_site site = call_site::current()) const {
    return count(from<T>, site);
  }

  /// Whether the query has any row.
  template <detail::query Query>
  bool exists(const Query& query, call_site site = call_site::current()) const {
    return scalar<detail::exists_shape<Driver, Query>>(query, site) != 0;
  }

  // ---------------------------------------------------------------- update

  /// Writes every column of the row except key, created<> and generated ones. A non-const row is
  /// completed in place. Throws: not_found when no row has its key; as insert.
  template <class Row>
    requires(!detail::query<Row>)
  void update(Row&& row, call_site site = call_site::current()) const {
    using T = std::remove_cvref_t<Row>;
    if constexpr (detail::explain_table<T>() && detail::explain_key<T>() &&
                  detail::explain_updatable<T>()) {
      if constexpr (std::is_const_v<std::remove_reference_t<Row>> &&
                    (detail::row_stamp::needs_stamp<T>() || table_of<T>.has_generated)) {
        T stored = row;
        update_row(stored, site);
      } else {
        update_row(row, site);
      }
    }
  }

  /// Sets columns of the row with this key: `db.update<task>(id, col<&task::output> = text)`.
  /// updated<> columns are set as well. Throws: not_found.
  template <class T, detail::assigns... Set>
  void update(detail::located<key_of<T>> key, const Set&... set) const {
    static_assert(sizeof...(set) > 0, "hewn: update() needs at least one col<&T::field> = value");
    const detail::key_condition<T> where{key.value};
    auto lease = open_update<T>(where, false, key.site, set...);
    if (lease.step()) detail::fail_more_than_one(lease);
    if (connection_->native().changes() == 0) detail::fail_not_found(lease, table_of<T>);
  }

  /// Sets columns of every row of the query; returns their number.
  template <detail::query Query, detail::assigns... Set>
  std::int64_t update(const Query& query,
                      const Set&... set) const {
    using T = typename Query::record_type;
    static_assert(sizeof...(set) > 0, "hewn: update() needs at least one col<&T::field> = value");
    static_assert(Query::has_condition,
                  "hewn: update() without where() would change every row; say update_all<T>() if "
                  "that is meant");
    static_assert(!Query::is_limited, "hewn: update() cannot take limit() or offset()");
    check_condition(query, query.site());
    auto lease = open_update<T>(query, false, query.site(), set...);
    lease.step();
    return connection_->native().changes();
  }

  /// As update of a query, and returns the rows as they are afterwards.
  template <detail::query Query, detail::assigns... Set>
  auto update_returning(const Query& query,
                        const Set&... set) const {
    using T = typename Query::record_type;
    static_assert(Query::has_condition && !Query::is_limited,
                  "hewn: update_returning() takes a query with where() and without limit()");
    check_condition(query, query.site());
    return collect<T>(query.site(),
                      [&] { return open_update<T>(query, true, query.site(), set...); });
  }

  /// Sets columns of every row of the table; returns their number.
  template <class T, detail::assigns... Set>
  std::int64_t update_all(const Set&... set) const {
    static_assert(sizeof...(set) > 0, "hewn: update_all() needs at least one col<&T::field> = value");
    auto lease = open_update<T>(from<T>, false, call_site{}, set...);
    lease.step();
    return connection_->native().changes();
  }

  // ---------------------------------------------------------------- upsert

  /// Inserts the row, or updates the one that already holds its values in `Members` (default: its
  /// primary key). Returns the row as it is stored; `row` keeps its values.
  template <auto... Members, class Row>
  std::remove_cvref_t<Row> upsert(Row&& row, call_site site = call_site::current()) const {
    using T = std::remove_cvref_t<Row>;
    static_assert(detail::explain_insertable<T>() && detail::explain_key<T>());
    static_assert((std::same_as<member_record<Members>, T> && ...),
                  "hewn: upsert<> names a field of another struct; name unique fields of the row");
    T stored = std::forward<Row>(row);
    detail::row_stamp{connection_->native().now(), true}.apply(stored);
    detail::check_limits(stored);
    auto lease = acquire<detail::upsert_shape<Driver, T, Members...>>(nullptr, site);
    bind_row<detail::row_write::upsert>(lease, stored);
    if (!lease.step()) detail::fail_no_row(lease);
    detail::check_table_row(lease, table_of<T>);
    detail::read_row(lease, stored);
    finish(lease);
    return stored;
  }

  // ---------------------------------------------------------------- remove

  /// Removes the row with the key of `row`. Throws: not_found, foreign_key.
  template <class Row>
    requires(!detail::query<Row>)
  void remove(const Row& row, call_site site = call_site::current()) const {
    if constexpr (detail::explain_table<Row>() && detail::explain_key<Row>()) {
      auto lease = acquire<detail::remove_shape<Driver, Row>>(nullptr, site);
      bind_key_of(lease, row, 1);
      lease.step();
      if (connection_->native().changes() == 0) detail::fail_not_found(lease, table_of<Row>);
    }
  }

  /// Removes the row with this key; false when there was none.
  template <class T>
  bool remove(const key_of<T>& key, call_site site = call_site::current()) const {
    static_assert(detail::explain_key<T>());
    auto lease = acquire<detail::remove_shape<Driver, T>>(nullptr, site);
    bind_key<T>(lease, key);
    lease.step();
    return connection_->native().changes() != 0;
  }

  /// Removes every row of the query; returns their number.
  template <detail::query Query>
  std::int64_t remove(const Query& query, call_site site = call_site::current()) const {
    static_assert(Query::has_condition,
                  "hewn: remove() without where() would remove every row; say remove_all<T>() if "
                  "that is meant");
    static_assert(!Query::is_limited, "hewn: remove() cannot take limit() or offset()");
    check_condition(query, site);
    auto lease = open<detail::remove_where_shape<Driver, Query, false>>(query, false, site);
    lease.step();
    return connection_->native().changes();
  }

  /// As remove of a query, and returns the rows that were removed.
  template <detail::query Query>
  auto remove_returning(const Query& query, call_site site = call_site::current()) const {
    static_assert(Query::has_condition && !Query::is_limited,
                  "hewn: remove_returning() takes a query with where() and without limit()");
    check_condition(query, site);
    return collect<typename Query::record_type>(site, [&] {
      return open<detail::remove_where_shape<Driver, Query, true>>(query, false, site);
    });
  }

  /// Removes every row of the table; returns their number.
  template <class T>
  std::int64_t remove_all(call_site site = call_site::current()) const {
    auto lease = open<detail::remove_where_shape<Driver, select<T>, false>>(from<T>, false, site);
    lease.step();
    return connection_->native().changes();
  }

  // ---------------------------------------------------------------- raw SQL

  /// Runs one statement; returns the number of rows it changed.
  template <class... Args>
  std::int64_t execute(detail::raw_statement<sizeof...(Args)> sql, const Args&... args) const {
    auto lease = open_raw(sql, false, args...);
    const std::int64_t before = connection_->native().total_changes();
    while (lease.step()) {
    }
    // CREATE TABLE and its like leave the number of the statement before them.
    return connection_->native().total_changes() == before ? 0 : connection_->native().changes();
  }

  /// Runs a script of any number of statements without values. Not atomic by itself.
  void script(std::string_view sql, call_site site = call_site::current()) const {
    connection_->execute(sql, site);
  }

  // ---------------------------------------------------------------- for the library

  detail::connection<Driver>& connection() const noexcept { return *connection_; }

 protected:
  explicit session(detail::connection<Driver>* c) noexcept : connection_(c) {}

  void set_connection(detail::connection<Driver>* c) noexcept { connection_ = c; }

 private:
  using lease_type = detail::lease<Driver>;

  template <class T>
  static consteval bool explain_result() {
    if constexpr (detail::column_value<detail::unwrapped<T>>) return true;
    else return detail::explain_row<T>();
  }

  template <class Shape>
  HEWN_INLINE lease_type acquire(const void* context, call_site site) const {
    return lease_type(connection_->acquire(detail::shape_slot<Shape>::get(), &Shape::render,
                                           context, site));
  }

  // A query statement: static shapes by their slot, dynamic ones by their text.
  template <class Shape, class Query>
  lease_type open(const Query& query, bool copy, call_site site) const {
    lease_type lease(Query::is_dynamic
                         ? connection_->acquire(Shape::render(&query), site)
                         : connection_->acquire(detail::shape_slot<Shape>::get(), &Shape::render,
                                                &query, site));
    detail::value_binder<typename Driver::statement> binder{lease.statement(), copy};
    Shape::bind(query, binder);
    if (lease.statement().problem() != value_problem::none) [[unlikely]]
      detail::fail_parameter(lease);
    return lease;
  }

  template <class Query>
  lease_type open_query(const Query& query, bool copy, call_site site) const {
    if constexpr (Query::is_limited)
      if (!query.counts_valid())
        throw error(errc::usage,
                    "hewn: limit() and offset() take no negative number; correct the count");
    return open<detail::select_shape<Driver, Query>>(query, copy, site);
  }

  template <class Shape, class Query>
  std::int64_t scalar(const Query& query, call_site site) const {
    auto lease = open<Shape>(query, false, site);
    lease.step();
    std::int64_t value = 0;
    lease.statement().read(0, value);
    return value;
  }

  template <class T>
  lease_type open_by_key(const key_of<T>& key, call_site site) const {
    static_assert(detail::explain_table<T>() && detail::explain_owning<T>());
    auto lease = acquire<detail::select_by_key_shape<Driver, T>>(nullptr, site);
    bind_key<T>(lease, key);
    return lease;
  }

  template <class T>
  static void bind_key(const lease_type& lease, const key_of<T>& key) {
    detail::bind_key_values<T>(lease.statement(), key, 1);
    if (lease.statement().problem() != value_problem::none) [[unlikely]]
      detail::fail_parameter(lease);
  }

  template <class T>
  static void bind_key_of(const lease_type& lease, const T& row, int first) {
    visit_fields(row, detail::key_binder<T, typename Driver::statement>{lease.statement(), first});
    if (lease.statement().problem() != value_problem::none) [[unlikely]]
      detail::fail_parameter(lease);
  }

  template <class T, class Where, detail::assigns... Set>
  lease_type open_update(const Where& where, bool returning, call_site site,
                         const Set&... set) const {
    static_assert((std::same_as<typename Set::record, T> && ...),
                  "hewn: update() sets a field of another struct; name fields of the updated one");
    static_assert((!table_of<T>.columns[Set::field].generated && ...),
                  "hewn: update() sets a generated column; set the columns it is computed from");
    using request = detail::update_request<T, Where, Set...>;
    const request r{where, {set...}, connection_->native().now(), returning};
    return open_request(r, site);
  }

  template <class Request>
  lease_type open_request(const Request& r, call_site site) const {
    using shape = detail::update_shape<Driver, Request>;
    lease_type lease(Request::is_dynamic || r.returning
                         ? connection_->acquire(shape::render(&r), site)
                         : connection_->acquire(detail::shape_slot<shape>::get(), &shape::render, &r,
                                                site));
    detail::value_binder<typename Driver::statement> binder{lease.statement(), false};
    shape::bind(r, binder);
    if (lease.statement().problem() != value_problem::none) [[unlikely]]
      detail::fail_parameter(lease);
    return lease;
  }

  // A condition that is put together at run time and came out empty would change every row.
  template <class Query>
  static void check_condition(const Query& query, call_site site) {
    if constexpr (Query::is_dynamic)
      if (query.condition_empty()) detail::fail_empty_condition(table_of<typename Query::record_type>, site);
  }

  // In a transaction, because the rows have changed before the first is returned: one that cannot
  // be read would be changed, or lost, behind an error.
  template <class T, class Open>
  std::vector<T> collect(call_site site, Open open_statement) const {
    std::vector<T> rows;
    detail::transaction_scope<Driver> all(*connection_, transaction_mode::immediate, site);
    {
      lease_type lease = open_statement();
      bool more = lease.step();
      detail::check_table_row(lease, table_of<T>);
      for (; more; more = lease.step()) detail::read_row(lease, rows.emplace_back());
    }
    all.commit();
    return rows;
  }

  template <class... Args>
  lease_type open_raw(const detail::raw_statement<sizeof...(Args)>& sql,
                      [[maybe_unused]] bool copy,
                      const Args&... args) const {
    constexpr bool bindable =
        (detail::is_column_value<detail::unwrapped<detail::argument<Args>>> && ...);
    static_assert(bindable, "hewn: a value of this type cannot be bound; specialise hewn::codec for it");
    const std::string_view text = sql.text;
    lease_type lease(sql.slot == detail::no_slot
                         ? connection_->acquire(text, sql.site)
                         : connection_->acquire(sql.slot, &detail::render_text<Driver>, &text,
                                                sql.site));
    if (lease.statement().parameter_count() != static_cast<int>(sizeof...(Args))) [[unlikely]]
      detail::fail_parameter_count(lease, sizeof...(Args));
    [[maybe_unused]] int i = 0;
    if constexpr (bindable)
      (detail::bind_field(lease.statement(), ++i,
                          static_cast<const detail::argument<Args>&>(args), copy),
       ...);
    if (lease.statement().problem() != value_problem::none) [[unlikely]]
      detail::fail_parameter(lease);
    return lease;
  }

  template <detail::row_write Kind, class T>
  HEWN_INLINE static int bind_row(const lease_type& lease, const T& row) {
    detail::row_binder<T, Kind, typename Driver::statement> binder{lease.statement()};
    visit_fields(row, binder);
    if (lease.statement().problem() != value_problem::none) [[unlikely]]
      detail::fail_bind(lease, table_of<T>, Kind);
    return binder.next;
  }

  template <class T>
  void insert_row(T& row, call_site site) const {
    auto lease = acquire<detail::insert_shape<Driver, T>>(nullptr, site);
    insert_with(lease, row);
  }

  template <class T>
  void insert_with(const lease_type& lease, T& row) const {
    using plain = std::remove_const_t<T>;
    if constexpr (detail::row_stamp::needs_stamp<plain>())
      detail::row_stamp{connection_->native().now(), true}.apply(row);
    detail::check_limits(row);
    bind_row<detail::row_write::insert>(lease, row);
    constexpr bool returning = detail::insert_returns<Driver, plain>;
    const bool returned = lease.step();
    if constexpr (returning) {
      if (!returned) detail::fail_no_row(lease);
      if constexpr (!std::is_const_v<T>) {
        detail::check_table_row(lease, table_of<T>);
        detail::read_row(lease, row);
      }
      finish(lease);
    } else if constexpr (table_of<plain>.assigned_key && !std::is_const_v<T>) {
      auto& key = get_field<detail::key_of_table<plain>[0]>(row);
      if (key == 0)
        key = static_cast<std::remove_reference_t<decltype(key)>>(
            connection_->native().last_insert_key());
    }
  }

  // A statement with RETURNING has done its work only when it has returned its last row.
  static void finish(const lease_type& lease) {
    while (lease.step()) {
    }
  }

  template <class T>
  void update_row(T& row, call_site site) const {
    using plain = std::remove_const_t<T>;
    if constexpr (detail::row_stamp::needs_stamp<plain>())
      detail::row_stamp{connection_->native().now(), false}.apply(row);
    detail::check_limits(row);
    auto lease = acquire<detail::update_row_shape<Driver, plain>>(nullptr, site);
    const int next = bind_row<detail::row_write::update>(lease, row);
    bind_key_of(lease, row, next);
    const bool returned = lease.step();
    if constexpr (table_of<plain>.has_generated && !std::is_const_v<T>) {
      if (!returned) detail::fail_not_found(lease, table_of<plain>);
      detail::check_table_row(lease, table_of<plain>);
      detail::read_row(lease, row);
      finish(lease);
    } else if (connection_->native().changes() == 0) [[unlikely]] {
      detail::fail_not_found(lease, table_of<plain>);
    }
  }

  detail::connection<Driver>* connection_;
};

}  // namespace hewn
