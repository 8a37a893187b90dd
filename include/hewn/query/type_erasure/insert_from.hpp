// hewn/query/type_erasure/insert_from.hpp - the statement that inserts the rows of a query.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/db/values/field.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/pieces/value_binder.hpp>
#include <hewn/query/plan/query_plan.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/derived_slot.hpp>
#include <hewn/query/statements/insert_from_text.hpp>
#include <hewn/query/statements/returning.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/statements/write_check.hpp>
#include <hewn/query/type_erasure/plan_opener.hpp>
#include <hewn/schema/embedded.hpp>

#include <atomic>
#include <string>
#include <utility>

namespace hewn::detail {

/// What is known of an insert from a query, as plain data.
template <class Driver>
struct insert_parts {
  insert_target target;
  bool returning;  // all columns
  derived_slots* slots;
  /// Binds the times of the stamped columns from parameter `first` on.
  void (*bind_times)(typename Driver::statement& statement, int first, timestamp now);
  /// Of what is returned of the rows; nullptr: nothing but `returning`.
  void (*write_returned)(const void* clause, sql_writer& out) = nullptr;
  void (*bind_returned)(const void* clause, value_binder<typename Driver::statement>& to) = nullptr;
};

template <class T, class Columns, class Statement>
void bind_inserted_times(Statement& statement, int first, timestamp now) {
  const auto bind = [&]<class F>(const F*) {
    bind_field(statement, first++, unwrapped<F>(time_of_clock<F>(now)), false);
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (bind(static_cast<const column_field<T, Columns::stamped[I]>*>(nullptr)), ...);
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

/// `Returned`: a clause; void: all columns or nothing.
template <class T, class Columns, bool Returning, class Returned = void>
inline constinit derived_slots insert_slots{};

template <class T, class Columns, bool Returning, class Driver>
inline constexpr insert_parts<Driver> insert_parts_of{
    {&table_of<T>, Columns::columns, Columns::stamped},
    Returning,
    &insert_slots<T, Columns, Returning>,
    time_binder<T, Columns, Driver>()};

template <class T, class Columns, class Clause, class Driver>
inline constexpr insert_parts<Driver> returning_insert_parts_of{
    {&table_of<T>, Columns::columns, Columns::stamped},
    false,
    &insert_slots<T, Columns, false, Clause>,
    time_binder<T, Columns, Driver>(),
    &write_returned<Clause>,
    &bind_returned<Clause, typename Driver::statement>};

template <class Driver>
struct insert_request {
  const insert_parts<Driver>& parts;
  const query_plan& plan;
  const void* returned;

  /// Behind the parameters of the query and the times.
  int values_before_returned() const {
    return parameters_of(plan) + static_cast<int>(parts.target.stamped.size());
  }

  void write_returned(sql_writer& out) const {
    if (returned == nullptr) return;
    out.parameters = values_before_returned();
    parts.write_returned(returned, out);
  }

  HEWN_COLD static std::string text(const void* request, dialect d) {
    const auto& self = *static_cast<const insert_request*>(request);
    std::string text;
    sql_writer out{text, d};
    write_insert_from(out, self.parts.target, self.plan, self.parts.returning);
    self.write_returned(out);
    return text;
  }
};

/// `slot`: that of the query; nullptr where its text is put together at run time. `returned`: the
/// clause of the parts, if they have one.
template <class Driver>
HEWN_APART lease<Driver> open_insert_from(connection<Driver>& c, const insert_parts<Driver>& parts,
                                          const query_plan& plan, std::atomic<unsigned>* slot,
                                          const call_site& site, const void* returned = nullptr) {
  const insert_request<Driver> request{parts, plan, returned};
  const table_info& table = *parts.target.table;
  lease<Driver> opened(slot == nullptr ? c.acquire(request.text(&request, c.spoken()), site, &table)
                                       : c.acquire(number_of(parts.slots->of(*slot)), &request.text,
                                                   &request, site, &table));
  check_written_columns(opened, table, parts.returning, [&](mentioned_columns& mentioned) {
    for (const std::uint8_t i : parts.target.columns) mentioned.name(i);
    for (const std::uint8_t i : parts.target.stamped) mentioned.name(i);
    for (int i = request.values_before_returned(); i != 0; --i) mentioned.add_parameter(no_field);
    std::string text;
    sql_writer out{text, c.spoken(), 0, &mentioned};
    request.write_returned(out);
  });
  bind_plan(opened.statement(), plan, false, site);
  if (parts.bind_times != nullptr)
    parts.bind_times(opened.statement(), parameters_of(plan) + 1, c.native().now());
  if (returned != nullptr) {
    value_binder<typename Driver::statement> binder{opened.statement(), false,
                                                    request.values_before_returned()};
    parts.bind_returned(returned, binder);
  }
  check_parameters(opened);
  return opened;
}

}  // namespace hewn::detail
