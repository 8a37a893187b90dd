// hewn/query/type_erasure/conflict_writer.hpp - a row that is inserted, or meets one that is there.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/pieces/value_binder.hpp>
#include <hewn/query/rows/result_row.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/conflict_text.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/statements/write_check.hpp>
#include <hewn/query/type_erasure/row_type.hpp>
#include <hewn/query/type_erasure/row_writer.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace hewn::detail {

/// What an insert that may meet a row returns in the place of the row, as plain data.
template <class Driver>
struct returned_parts {
  const void* clause;
  void (*write)(const void* clause, sql_writer& out);
  void (*bind)(const void* clause, value_binder<typename Driver::statement>& to);
  const result_type<Driver>* result;  // of one row
  void* to;
  /// The same of the row that is stored with this key.
  void (*select)(connection<Driver>& c, const void* row, const returned_parts& returned,
                 const call_site& site);
};

/// What is done with a row that is there, where no clause says it.
enum class conflict_default : std::uint8_t { ignore, overwrite, fail };

/// What is done with a row of which there is one already, as plain data.
template <class Driver>
struct conflict_action {
  std::span<const std::uint8_t> target;  // empty: any that is unique
  std::atomic<unsigned>* slot;           // nullptr: its text is put together at run time
  void (*write)(const void* clause, sql_writer& out);
  void (*bind)(const void* clause, value_binder<typename Driver::statement>& to);
  const void* clause = nullptr;  // nullptr: see otherwise
  bool may_skip = false;         // and then nothing is stored
  conflict_default otherwise = conflict_default::ignore;
  const returned_parts<Driver>* returned = nullptr;  // nullptr: the row is read back
};

/// Where an insert of this kind has its parameters.
constexpr int parameters_of(const table_info& table, row_write kind) {
  int count = 0;
  for (const column_info& c : table.columns) count += is_written(c, kind) ? 1 : 0;
  return count;
}

template <class Driver>
struct conflict_request {
  const table_info& table;
  const conflict_action<Driver>& action;
  row_write kind;

  // Columns are named with their table, since there are two rows.
  void write(sql_writer& out) const {
    out.parameters = parameters_of(table, kind);
    if (action.clause != nullptr) {
      out.qualified = true;
      action.write(action.clause, out);
    } else if (action.otherwise == conflict_default::ignore) {
      out.out += " DO NOTHING";
    }
    if (action.returned != nullptr) action.returned->write(action.returned->clause, out);
  }

  HEWN_COLD static std::string text(const void* request, dialect d) {
    const auto& self = *static_cast<const conflict_request*>(request);
    const conflict_action<Driver>& action = self.action;
    std::string text;
    if (action.clause == nullptr && action.otherwise == conflict_default::overwrite) {
      text = upsert_sql(self.table, action.target, d, self.kind, false);
    } else {
      text = insert_sql(self.table, false, d, self.kind);
      if (action.clause != nullptr || action.otherwise == conflict_default::ignore) {
        text += " ON CONFLICT";
        if (!action.target.empty()) append_conflict_target(text, self.table, action.target, d);
      }
    }
    sql_writer out{text, d};
    self.write(out);
    if (action.returned == nullptr) append_returning(text, self.table);
    return text;
  }

  mentioned_columns written(dialect d) const {
    mentioned_columns columns = written_columns(table, kind);
    std::string text;
    sql_writer out{text, d, 0, &columns};
    write(out);
    return columns;
  }
};

/// Names the column behind the parameter that could not be bound.
template <class Driver>
[[noreturn]] HEWN_COLD void fail_conflict(const lease<Driver>& row,
                                          const conflict_request<Driver>& request) {
  fail_number_text(row);
  fail_unkept_value(row, row.statement());
  for_each_stored(request.written(row->owner->spoken()), [&](int i, const column_info& column) {
    if (i == row.statement().problem_index())
      row->owner->fail_with(unfit_bound(request.table.name, column.name, row.statement()),
                            *row.operator->());
  });
  fail_parameter(row);
}

template <class Driver>
lease<Driver> take_conflict(connection<Driver>& c, const conflict_request<Driver>& request,
                            const call_site& site) {
  std::atomic<unsigned>* const slot = request.action.slot;
  lease<Driver> taken(
      slot == nullptr ? c.acquire(request.text(&request, c.spoken()), site, &request.table)
                      : c.acquire(number_of(*slot), &request.text, &request, site, &request.table));
  check_written_row(taken, request.table, request.kind,
                    [&] { return request.written(c.spoken()); });
  return taken;
}

/// Returns whether the row was stored.
template <class Driver>
bool run_conflict(const lease<Driver>& taken, const row_type<Driver>& t,
                  const conflict_request<Driver>& request, void* row) {
  const table_info& table = *t.table;
  if (taken->no_new_key && t.lacks_key != nullptr && t.lacks_key(row, nullptr)) [[unlikely]]
    fail_no_new_key(taken, table);
  row_writer<Driver>::bind(taken, table, t.bind, row, request.kind);
  const returned_parts<Driver>* const returned = request.action.returned;
  if (request.action.clause != nullptr || returned != nullptr) {
    value_binder<typename Driver::statement> binder{taken.statement(), false,
                                                    parameters_of(table, request.kind)};
    if (request.action.clause != nullptr) request.action.bind(request.action.clause, binder);
    if (returned != nullptr) returned->bind(returned->clause, binder);
    if (taken.statement().problem() != value_problem::none) [[unlikely]]
      fail_conflict(taken, request);
  }
  if (!taken.step()) {
    if (request.action.may_skip) return false;
    fail_not_taken(taken, table);
  }
  if (returned != nullptr) {
    check_returned(taken, returned->result->columns);
    returned->result->read(taken, returned->to);
  } else {
    check_table_row(taken, table);
    t.read(taken, row);
  }
  finish(taken);
  return true;
}

template <class Driver>
bool store_or_act(connection<Driver>& c, const row_type<Driver>& t,
                  const conflict_action<Driver>& action, void* row, row_write kind,
                  const call_site& site);

/// What a trigger may change of a row, RETURNING does not tell: so the row is read back as ever,
/// and then asked for what is to be returned.
template <class Driver>
HEWN_COLD bool store_and_select(connection<Driver>& c, const row_type<Driver>& t,
                                conflict_action<Driver> action, void* row, row_write kind,
                                const call_site& site) {
  const returned_parts<Driver>& returned = *action.returned;
  action.returned = nullptr;
  action.slot = nullptr;
  transaction_scope<Driver> all(c, transaction_mode::immediate, site);
  const bool stored = store_or_act(c, t, action, row, kind, site);
  if (stored) returned.select(c, row, returned, site);
  all.commit();
  return stored;
}

/// Stores the row, or does `action` with the one that is there, and reads back what is then stored,
/// or what the action returns. Returns whether anything is.
template <class Driver>
HEWN_APART bool store_or_act(connection<Driver>& c, const row_type<Driver>& t,
                             const conflict_action<Driver>& action, void* row, row_write kind,
                             const call_site& site) {
  const conflict_request<Driver> request{*t.table, action, kind};
  {
    const auto taken = take_conflict(c, request, site);
    if (!is_guarded(taken, t.on_copy != nullptr)) [[likely]]
      return run_conflict(taken, t, request, row);
  }
  if (action.returned != nullptr) return store_and_select(c, t, action, row, kind, site);
  bool stored = false;
  row_writer<Driver>::write_guarded(c, t, row, site, nullptr, [&](void* copy) {
    const auto taken = take_conflict(c, request, site);
    stored = run_conflict(taken, t, request, copy);
    return stored ? std::optional(taken->guard) : std::nullopt;
  });
  return stored;
}

template <class T, class Clause>
HEWN_COLD void write_clause_of(const void* clause, sql_writer& out) {
  static_cast<const Clause*>(clause)->template write<T>(out);
}
template <class Clause, class Statement>
void bind_clause_of(const void* clause, value_binder<Statement>& to) {
  static_cast<const Clause*>(clause)->bind(to);
}

template <auto... Members>
inline constexpr std::array<std::uint8_t, sizeof...(Members)> indices_of{
    static_cast<std::uint8_t>(column_index<Members>)...};

/// The key where no fields are named.
template <class T, auto... Members>
constexpr std::span<const std::uint8_t> conflict_target() {
  if constexpr (sizeof...(Members) == 0)
    return table_of<T>.key;
  else
    return indices_of<Members...>;
}

/// The number of an upsert, by everything that its text follows from.
template <row_write Kind, class T, class Clause, auto... Members>
inline constinit std::atomic<unsigned> slot_of_conflict{0};

template <row_write Kind, class T, auto... Members, class Driver, class Clause>
bool upsert_by_clause(connection<Driver>& c, T& row, const Clause& clause, const call_site& site) {
  const conflict_action<Driver> action{
      .target = conflict_target<T, Members...>(),
      .slot = Clause::is_dynamic ? nullptr : &slot_of_conflict<Kind, T, Clause, Members...>,
      .write = &write_clause_of<T, Clause>,
      .bind = &bind_clause_of<Clause, typename Driver::statement>,
      .clause = &clause,
      .may_skip = Clause::has_condition};
  return store_or_act(c, row_type_of<T, Driver>, action, &row, Kind, site);
}

template <row_write Kind, class T, auto... Members, class Driver>
bool insert_or_skip(connection<Driver>& c, T& row, const call_site& site) {
  std::span<const std::uint8_t> target;
  if constexpr (sizeof...(Members) != 0) target = conflict_target<T, Members...>();
  const conflict_action<Driver> action{.target = target,
                                       .slot = &slot_of_conflict<Kind, T, void, Members...>,
                                       .write = nullptr,
                                       .bind = nullptr,
                                       .may_skip = true};
  return store_or_act(c, row_type_of<T, Driver>, action, &row, Kind, site);
}

}  // namespace hewn::detail
