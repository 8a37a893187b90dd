// hewn/query/statements/run_statement.hpp - taking, binding and collecting the statements behind
// the verbs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/expressions/sql.hpp>
#include <hewn/query/statements/key.hpp>
#include <hewn/query/statements/row.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/update_text.hpp>
#include <hewn/query/statements/write_check.hpp>
#include <hewn/query/statements/write_row.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Drivers with ways of their own for many values; see query/verbs/bulk.hpp.
template <class Driver>
concept bulk_driver = requires {
  typename Driver::copy_buffer;
  typename Driver::array_buffer;
};

template <class Driver>
void check_parameters(const lease<Driver>& row) {
  if (row.statement().problem() != value_problem::none) [[unlikely]]
    fail_parameter(row);
}

/// The statement whose text depends on nothing but its type.
template <class Text, class Driver>
HEWN_INLINE lease<Driver> take_statement(connection<Driver>& c, call_site site) {
  lease<Driver> taken(
      c.acquire(statement_slot<Text>::get(), &Text::render, nullptr, site, Text::table));
  if constexpr (requires { Text::writes_row; })
    check_written_row(taken, *Text::table, Text::writes_row);
  if constexpr (requires { Text::compares_key; })
    check_written_columns(taken, *Text::table, false, [](mentioned_columns& mentioned) {
      for (const std::size_t k : Text::table->key)
        mentioned.name(k), mentioned.add_parameter(static_cast<int>(k));
    });
  return taken;
}

/// The statement of a query with its values: a text known to the
/// compiler by its slot, a dynamic one by what it says.
template <class Text, class Driver, class Query>
lease<Driver> open_statement(connection<Driver>& c, const Query& query, bool copy, call_site site) {
  lease<Driver> opened(
      Query::is_dynamic
          ? c.acquire(Text::render(&query, c.spoken()), site, Text::table)
          : c.acquire(statement_slot<Text>::get(), &Text::render, &query, site, Text::table));
  if constexpr (requires { Text::writes_query; })
    check_written_columns(opened, *Text::table, Text::returns, [&](mentioned_columns& mentioned) {
      std::string text;
      sql_writer out{text, c.spoken(), 0, &mentioned};
      query.write_where(out);
    });
  value_binder<typename Driver::statement> binder{opened.statement(), copy};
  Text::bind(query, binder);
  check_parameters(opened);
  return opened;
}

template <class Driver, class Query>
lease<Driver> open_query(connection<Driver>& c, const Query& query, bool copy, call_site site) {
  if constexpr (Query::is_limited)
    if (!query.counts_valid())
      throw error(error_details{
          .code = errc::usage,
          .message = "hewn: limit() and offset() take no negative number; correct the count",
          .site = site});
  return open_statement<select_text<Driver, Query>>(c, query, copy, site);
}

/// The number that the statement of a query returns.
template <class Text, class Driver, class Query>
std::int64_t open_number(connection<Driver>& c, const Query& query, call_site site) {
  auto opened = open_statement<Text>(c, query, false, site);
  opened.step();
  std::int64_t value = 0;
  opened.statement().read(0, value);
  return value;
}

template <class T, class Driver>
void bind_key(const lease<Driver>& row, const key_of<T>& key) {
  bind_key_values<T>(row.statement(), key, 1);
  check_parameters(row);
}

template <class T, class Driver>
void bind_key_of(const lease<Driver>& row, const T& value, int first) {
  visit_fields(value, key_binder<T, typename Driver::statement>{row.statement(), first});
  check_parameters(row);
}

template <class T, class Driver>
lease<Driver> open_by_key(connection<Driver>& c, const key_of<T>& key, call_site site) {
  auto opened = take_statement<select_by_key_text<Driver, T>>(c, site);
  bind_key<T>(opened, key);
  return opened;
}

/// An update of columns; `request` holds the assignments and which rows they are for.
template <class Driver, class Request>
lease<Driver> open_request(connection<Driver>& c, const Request& request, call_site site) {
  using statement_text = update_text<Driver, Request>;
  lease<Driver> opened(
      Request::is_dynamic || request.returning
          ? c.acquire(statement_text::render(&request, c.spoken()), site, statement_text::table)
          : c.acquire(statement_slot<statement_text>::get(), &statement_text::render, &request,
                      site, statement_text::table));
  check_written_columns(opened, *statement_text::table, request.returning,
                        [&](mentioned_columns& mentioned) {
                          std::string text;
                          sql_writer out{text, c.spoken(), 0, &mentioned};
                          statement_text::write(request, out);
                        });
  value_binder<typename Driver::statement> binder{opened.statement(), false};
  statement_text::bind(request, binder);
  check_parameters(opened);
  return opened;
}

template <class T, class Driver, class Where, class... Set>
lease<Driver> open_update(connection<Driver>& c, const Where& where, bool returning, call_site site,
                          const Set&... set) {
  if constexpr (!explain_assignments<Set...>()) {
    return lease<Driver>(nullptr);
  } else {
    constexpr bool own_fields = (std::same_as<typename Set::record, T> && ...);
    static_assert(own_fields,
                  "hewn: update() sets a field of another struct; name fields of the updated one");
    constexpr bool settable = !own_fields || (!table_of<T>.columns[Set::field].generated && ...);
    static_assert(settable,
                  "hewn: update() sets a generated column; set the columns it is computed from");
    const update_request<T, Where, Set...> request{where, {set...}, c.native().now(), returning};
    return open_request(c, request, site);
  }
}

template <class Driver, class... Args>
lease<Driver> open_raw(connection<Driver>& c, const raw_statement<sizeof...(Args)>& sql,
                       [[maybe_unused]] bool copy, const Args&... args) {
  constexpr bool bindable = (is_column_value<unwrapped<argument<Args>>> && ...);
  static_assert(bindable,
                "hewn: a value of this type cannot be bound; specialise hewn::codec for it, or "
                "include <hewn/vector.hpp> for a std::vector of values");
  const std::string_view text = sql.text;
  lease<Driver> opened(sql.slot == no_slot
                           ? c.acquire(text, sql.site)
                           : c.acquire(sql.slot, &render_text<Driver>, &text, sql.site));
  if (opened.statement().parameter_count() != static_cast<int>(sizeof...(Args))) [[unlikely]]
    fail_parameter_count(opened, sizeof...(Args));
  [[maybe_unused]] int i = 0;
  if constexpr (bindable)
    (bind_field(opened.statement(), ++i, static_cast<const argument<Args>&>(args), copy), ...);
  check_parameters(opened);
  return opened;
}

// A condition that is put together at run time and came out empty would change every row.
template <class Query>
void check_condition(const Query& query, call_site site) {
  if constexpr (Query::is_dynamic)
    if (query.condition_empty()) fail_empty_condition(table_of<typename Query::record_type>, site);
}

// In a transaction, because the rows have changed before the first is returned: one that cannot be
// read would be changed, or lost, behind an error.
template <class T, class Driver, class Open>
std::vector<T> collect_changed(connection<Driver>& c, call_site site, Open open) {
  std::vector<T> rows;
  transaction_scope<Driver> all(c, transaction_mode::immediate, site);
  {
    lease<Driver> opened = open();
    bool more = opened.step();
    check_table_row(opened, table_of<T>);
    for (; more; more = opened.step()) read_row(opened, rows.emplace_back());
  }
  all.commit();
  return rows;
}

// A statement with RETURNING has done its work only when it has returned its last row.
template <class Driver>
void finish(const lease<Driver>& row) {
  while (row.step()) {
  }
}

/// Binds the columns that a write of this kind gives values; the number of the next parameter.
template <row_write Kind, class Driver, class T>
HEWN_INLINE int bind_row(const lease<Driver>& row, const T& value) {
  row_binder<T, Kind, typename Driver::statement> binder{row.statement()};
  visit_fields(value, binder);
  if (row.statement().problem() != value_problem::none) [[unlikely]]
    fail_bind(row, table_of<T>, Kind, row.statement());
  return binder.next;
}

/// Whether the database is to choose the key.
template <class T>
bool has_no_key(const T& value) {
  return get_field<key_of_table<T>[0]>(value) == 0;
}

template <class Driver>
[[noreturn]] HEWN_COLD void fail_no_new_key(const lease<Driver>& row, const table_info& table) {
  row->owner->fail_with(no_new_key(table), *row.operator->());
}

/// Throws where a row asks for a key and the table makes none.
template <class Driver, class T>
void check_new_key(const lease<Driver>& row, const T& value) {
  if constexpr (table_of<T>.assigned_key)
    if (row->no_new_key && has_no_key(value)) [[unlikely]]
      fail_no_new_key(row, table_of<T>);
}

/// Inserts one row, whose times and UUID keys are filled, by a statement that is taken once for
/// many, and completes it unless it is const. `KeyTold`: the database is one that tells the key,
/// whether or not the driver says so.
template <row_write Kind, bool KeyTold = false, class Driver, class T>
void insert_stamped(connection<Driver>& c, const lease<Driver>& row, T& value) {
  using plain = std::remove_const_t<T>;
  constexpr bool returns = KeyTold ? table_of<plain>.has_generated : insert_returns<Driver, plain>;
  check_limits(value, row->site);
  check_new_key(row, value);
  bind_row<Kind>(row, value);
  const std::int64_t before = row->uncounted ? c.native().total_changes() : 0;
  const bool returned = row.step();
  if constexpr (returns) {
    if (!returned) fail_skipped(row, table_of<plain>);
    if constexpr (!std::is_const_v<T>) {
      check_table_row(row, table_of<T>);
      read_row(row, value);
    }
    finish(row);
  } else {
    // Of what triggers store, and of other statements, nothing is counted here.
    if (c.native().changes() == 0) [[unlikely]]
      if (!row->uncounted || c.native().total_changes() == before)
        fail_skipped(row, table_of<plain>);
    if constexpr (table_of<plain>.assigned_key && !std::is_const_v<T>) {
      auto& key = get_field<key_of_table<plain>[0]>(value);
      if (key == 0)
        key = static_cast<std::remove_reference_t<decltype(key)>>(c.native().last_insert_key());
    }
  }
}

template <row_write Kind = row_write::insert, class Driver, class T>
void insert_with(connection<Driver>& c, const lease<Driver>& row, T& value) {
  if constexpr (row_stamp::needs_stamp<T>()) row_stamp{c.native().now(), true}.apply(value);
  insert_stamped<Kind>(c, row, value);
}

template <class Driver, class T>
void update_row(connection<Driver>& c, T& value, call_site site) {
  using plain = std::remove_const_t<T>;
  if constexpr (row_stamp::needs_stamp<plain>()) row_stamp{c.native().now(), false}.apply(value);
  check_limits(value, site);
  const auto row = take_statement<update_row_text<Driver, plain>>(c, site);
  const int next = bind_row<row_write::update>(row, value);
  bind_key_of(row, value, next);
  const bool returned = row.step();
  if constexpr (table_of<plain>.has_generated && !std::is_const_v<T>) {
    if (!returned) fail_not_changed(row, table_of<plain>);
    check_table_row(row, table_of<plain>);
    read_row(row, value);
    finish(row);
  } else if (c.native().changes() == 0) [[unlikely]] {
    fail_not_changed(row, table_of<plain>);
  }
}

}  // namespace hewn::detail
