// hewn/query/type_erasure/run_statement.hpp - opening the statements behind the verbs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/db/connection/turn.hpp>
#include <hewn/query/expressions/assignment.hpp>
#include <hewn/query/expressions/sql.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/statements/claim_text.hpp>
#include <hewn/query/statements/query_text.hpp>
#include <hewn/query/statements/removal_text.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/statements/update_text.hpp>
#include <hewn/query/type_erasure/key_verbs.hpp>
#include <hewn/query/type_erasure/query_opener.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Drivers with ways of their own for many values; see query/bulk/bulk.hpp.
template <class Driver>
concept bulk_driver = requires {
  typename Driver::copy_buffer;
  typename Driver::array_buffer;
};

/// The statement of a query with its values.
template <query_statement What, class Driver, class Query>
lease<Driver> open_statement(connection<Driver>& c, const Query& query, bool copy, call_site site) {
  return query_opener<Driver>::open(c, query_parts_of<What, Driver>(query), &query, copy, site);
}

template <class Query>
void check_counts([[maybe_unused]] const Query& query, [[maybe_unused]] call_site site) {
  if constexpr (Query::is_limited)
    if (!query.counts_valid()) fail_row_count(site);
}

/// What a query that locks its rows needs before it runs.
template <class Driver>
HEWN_COLD void prepare_row_locks(connection<Driver>& c, const table_info& table, call_site site) {
  if (c.state().read_only() || !c.native().in_transaction())
    fail_row_lock(table, c.state().read_only(), site);
  if (c.spoken() == dialect::sqlite)
    take_statement(c, table, table_statement::write_lock, site).step();
}

/// The query that is every row of a table.
template <class Query>
inline constexpr bool is_whole_table =
    std::same_as<Query, table_query<typename Query::record_type>>;

template <class Driver, class Query>
lease<Driver> open_query(connection<Driver>& c, const Query& query, bool copy, call_site site) {
  check_counts(query, site);
  if constexpr (is_locked_query<Query>)
    prepare_row_locks(c, table_of<typename Query::record_type>, site);
  if constexpr (is_whole_table<Query>)
    return key_verbs<Driver>::open_all(c, table_of<typename Query::record_type>, site);
  else
    return open_statement<query_statement::select>(c, query, copy, site);
}

/// Adds every row of a query to `rows` by `read`.
template <class Driver, class Query>
void collect_query(const turn<Driver>& who, const Query& query, void* rows, row_read<Driver> read,
                   call_site site) {
  if constexpr (is_locked_query<Query>)
    prepare_row_locks(who.take(site), table_of<typename Query::record_type>, site);
  if constexpr (is_whole_table<Query>)
    key_verbs<Driver>::all(who, table_of<typename Query::record_type>, rows, read, site);
  else
    query_opener<Driver>::all(who, query_parts_of<query_statement::select, Driver>(query), &query,
                              rows, read, site);
}

/// The number that the statement of a query returns.
template <query_statement What, class Driver, class Query>
std::int64_t open_number(connection<Driver>& c, const Query& query, call_site site) {
  auto opened = open_statement<What>(c, query, false, site);
  opened.step();
  std::int64_t value = 0;
  opened.statement().read(0, value);
  return value;
}

/// `key`: a key_of<T>, or what hold_key made of another value.
template <class T, class Driver, class Key>
void bind_key(const lease<Driver>& row, const Key& key) {
  const auto reference = refer_to_key<T, Driver>(key);
  reference.bind(row.statement(), reference.key);
  check_parameters(row);
}

template <class T, class Driver, class Key>
lease<Driver> open_by_key(connection<Driver>& c, const Key& key, call_site site) {
  return key_verbs<Driver>::open(c, table_of<T>, refer_to_key<T, Driver>(key), site);
}

/// An update of columns; `request` holds the assignments and which rows they are for.
template <class Driver, class Request>
lease<Driver> open_request(connection<Driver>& c, const Request& request, call_site site) {
  auto parts = query_parts_of<query_statement::update, Driver>(request);
  if (request.returning) {
    parts.what = query_statement::update_returning;
    if (parts.slot != nullptr)
      parts.slot = &slot_of_query<Request, query_statement::update_returning>;
  }
  return query_opener<Driver>::open(c, parts, &request, false, site);
}

/// The statement that removes the rows of a query.
template <class Driver, class Query>
lease<Driver> open_removal(connection<Driver>& c, const Query& query, bool returning,
                           const call_site& site) {
  using T = typename Query::record_type;
  if constexpr (table_of<T>.keeps_removed())
    return open_request(
        c, kept_removal_request<Query, removal_step::remove>{query, c.native().now(), returning},
        site);
  else if (returning)
    return open_statement<query_statement::remove_returning>(c, query, false, site);
  else
    return open_statement<query_statement::remove>(c, query, false, site);
}

template <class T, class Driver, class Where, class... Set>
lease<Driver> open_update(connection<Driver>& c, const Where& where, bool returning, call_site site,
                          const Set&... set) {
  if constexpr (!explain_set<T, Set...>()) {
    return lease<Driver>(nullptr);
  } else if constexpr (!explain_own_values<T, Set...>()) {
    return lease<Driver>(nullptr);
  } else {
    const update_request<T, Where, Set...> request{where, {set...}, c.native().now(), returning};
    return open_request(c, request, site);
  }
}

/// The statement that takes the rows of a query and sets their columns.
template <class Driver, class Query, class... Set>
lease<Driver> open_claim(connection<Driver>& c, const Query& query, const Set&... set) {
  using T = typename Query::record_type;
  const claim_request<T, Query, Set...> request{query,
                                                {all_claimed<T>, {set...}, c.native().now(), true}};
  return query_opener<Driver>::open(
      c, query_parts_of<query_statement::update_returning, Driver>(request), &request, false,
      query.site());
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

/// What claim() asks of its query when it runs. Throws: usage.
template <class Query>
void check_claim(const Query& query, call_site site) {
  check_counts(query, site);
  if constexpr (Query::is_dynamic)
    if (query.condition_empty()) fail_empty_claim(table_of<typename Query::record_type>, site);
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

}  // namespace hewn::detail
