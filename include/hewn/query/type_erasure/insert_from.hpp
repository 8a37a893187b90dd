// hewn/query/type_erasure/insert_from.hpp - the statement that inserts the rows of a query.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/db/values/field.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/plan/query_plan.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/derived_slot.hpp>
#include <hewn/query/statements/insert_from_text.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/statements/write_check.hpp>
#include <hewn/query/type_erasure/plan_opener.hpp>

#include <atomic>
#include <string>
#include <utility>

namespace hewn::detail {

/// What is known of an insert from a query, as plain data.
template <class Driver>
struct insert_parts {
  insert_target target;
  bool returning;
  derived_slots* slots;
  /// Binds the times of the stamped columns from parameter `first` on.
  void (*bind_times)(typename Driver::statement& statement, int first, timestamp now);
};

template <class T, class Columns, class Statement>
void bind_inserted_times(Statement& statement, int first, timestamp now) {
  const auto bind = [&]<class F>(const F*) {
    bind_field(statement, first++, unwrapped<F>(time_of_clock<F>(now)), false);
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (bind(static_cast<const field_type<T, Columns::stamped[I]>*>(nullptr)), ...);
  }
  (std::make_index_sequence<Columns::stamp_count>{});
}

/// nullptr: no column takes the time.
template <class T, class Columns, class Driver>
consteval auto time_binder() {
  void (*bind)(typename Driver::statement&, int, timestamp) = nullptr;
  if constexpr (Columns::stamp_count != 0)
    bind = &bind_inserted_times<T, Columns, typename Driver::statement>;
  return bind;
}

template <class T, class Columns, bool Returning>
inline constinit derived_slots insert_slots{};

template <class T, class Columns, bool Returning, class Driver>
inline constexpr insert_parts<Driver> insert_parts_of{
    {&table_of<T>, Columns::columns, Columns::stamped},
    Returning,
    &insert_slots<T, Columns, Returning>,
    time_binder<T, Columns, Driver>()};

template <class Driver>
struct insert_request {
  const insert_parts<Driver>& parts;
  const query_plan& plan;

  HEWN_COLD static std::string text(const void* request, dialect d) {
    const auto& [parts, plan] = *static_cast<const insert_request*>(request);
    std::string text;
    sql_writer out{text, d};
    write_insert_from(out, parts.target, plan, parts.returning);
    return text;
  }
};

/// `slot`: that of the query; nullptr where its text is put together at run time.
template <class Driver>
HEWN_APART lease<Driver> open_insert_from(connection<Driver>& c, const insert_parts<Driver>& parts,
                                          const query_plan& plan, std::atomic<unsigned>* slot,
                                          const call_site& site) {
  const insert_request<Driver> request{parts, plan};
  const table_info& table = *parts.target.table;
  lease<Driver> opened(slot == nullptr ? c.acquire(request.text(&request, c.spoken()), site, &table)
                                       : c.acquire(number_of(parts.slots->of(*slot)), &request.text,
                                                   &request, site, &table));
  check_written_columns(opened, table, parts.returning, [&](mentioned_columns& mentioned) {
    for (const std::uint8_t i : parts.target.columns) mentioned.name(i);
    for (const std::uint8_t i : parts.target.stamped) mentioned.name(i);
  });
  bind_plan(opened.statement(), plan, false, site);
  if (parts.bind_times != nullptr)
    parts.bind_times(opened.statement(), parameters_of(plan) + 1, c.native().now());
  check_parameters(opened);
  return opened;
}

}  // namespace hewn::detail
