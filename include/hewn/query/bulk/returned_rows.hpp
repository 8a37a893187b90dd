// hewn/query/bulk/returned_rows.hpp - rows that are written for what is returned of each.
// SPDX-License-Identifier: BSL-1.0
//
// Each row has a statement of its own, and the answers come in the order of the statements: so what
// is returned belongs to its row without a key to know it by, whatever order the rows of one
// statement would come back in.
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/bulk/batch_queue.hpp>
#include <hewn/query/bulk/batch_rows.hpp>
#include <hewn/query/bulk/bulk.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/pieces/value_binder.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/rows/kept_rows.hpp>
#include <hewn/query/rows/result_row.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/removal_text.hpp>
#include <hewn/query/statements/returning.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/statements/write_check.hpp>
#include <hewn/query/type_erasure/conflict_returning.hpp>
#include <hewn/query/type_erasure/conflict_writer.hpp>
#include <hewn/query/type_erasure/insert_row.hpp>
#include <hewn/query/type_erasure/row_type.hpp>
#include <hewn/query/type_erasure/row_writer.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn::detail {

/// The text of a write of one row, without what it returns.
HEWN_RARE HEWN_API std::string row_write_sql(const table_info& table, row_write kind,
                                             std::span<const std::uint8_t> target, dialect d);

/// Its columns and parameters.
HEWN_RARE HEWN_API mentioned_columns row_write_columns(const table_info& table, row_write kind);

/// How many parameters it has.
constexpr int row_parameters(const table_info& table, row_write kind) {
  const bool removes = kind >= row_write::remove;
  const bool by_key = kind == row_write::update || removes;
  const bool held = by_key && kind != row_write::remove && table.has_version;
  return parameters_of(table, kind) + (by_key ? static_cast<int>(table.key.size()) : 0) +
         (removes ? removal_values(table) : 0) + (held ? 1 : 0);
}

/// A write of one row that returns something, as plain data.
template <class Driver>
struct returned_write {
  const row_type<Driver>& type;
  row_write kind;
  std::span<const std::uint8_t> target;  // of an upsert
  std::atomic<unsigned>* slot;
  const returned_parts<Driver>& returned;  // whose result is all rows: each adds its own
  /// Writes a copy of the row and looks what has become of it.
  void (*write_guarded)(batch_queue<Driver>& q, const void* row, const returned_write& write,
                        const call_site& site);

  HEWN_COLD static std::string text(const void* request, dialect d) {
    const auto& self = *static_cast<const returned_write*>(request);
    std::string text = row_write_sql(*self.type.table, self.kind, self.target, d);
    sql_writer out{text, d, row_parameters(*self.type.table, self.kind)};
    self.returned.write(self.returned.clause, out);
    return text;
  }

  mentioned_columns written(dialect d) const {
    mentioned_columns columns = row_write_columns(*type.table, kind);
    std::string text;
    sql_writer out{text, d, row_parameters(*type.table, kind), &columns};
    returned.write(returned.clause, out);
    return columns;
  }

  lease<Driver> take(connection<Driver>& c, const call_site& site) const {
    const table_info& table = *type.table;
    lease<Driver> taken(c.acquire(number_of(*slot), &text, this, site, &table));
    if (kind >= row_write::remove)
      check_written_columns(taken, table, false,
                            [&](mentioned_columns& all) { all = written(c.spoken()); });
    else
      check_written_row(taken, table, kind, [&] { return written(c.spoken()); });
    return taken;
  }

  void bind(const lease<Driver>& taken, const void* row) const {
    row_writer<Driver>::bind(taken, *type.table, type.bind, row, kind);
    if (kind >= row_write::remove) bind_removal(taken, *type.table, type.bind_removal);
    value_binder<typename Driver::statement> binder{taken.statement(), false,
                                                    row_parameters(*type.table, kind)};
    returned.bind(returned.clause, binder);
    check_parameters(taken);
  }

  void read(const lease<Driver>& row) const {
    check_returned(row, returned.result->columns);
    returned.result->read(row, returned.to);
  }
};

/// From inside an element: writes the row, whose times and UUID keys are filled.
template <class Driver>
void write_returned_row(batch_queue<Driver>& q, const void* row, returned_write<Driver>& write,
                        element_demand demand, const call_site& site) {
  const row_type<Driver>& t = write.type;
  const bool removes = write.kind >= row_write::remove;
  if (t.check_limits != nullptr && !removes) t.check_limits(row, site);
  const bool held = t.version != nullptr && (removes || write.kind == row_write::update);
  if (held) q.hold_version(*t.version, *t.table, row, !removes || t.table->keeps_removed(), site);
  auto taken = write.take(q.owner(), site);
  if (write.write_guarded == nullptr) {
    q.may_change_others();
  } else {
    // What a trigger before the insert makes of the row is returned anyway.
    if (taken->guard != row_guard::by_returning && is_guarded(taken, t.on_copy != nullptr))
        [[unlikely]] {
      give_back(std::move(taken));
      q.take_answers();
      return write.write_guarded(q, row, write, site);
    }
    // Nothing is written to the row where it is only asked.
    if (taken->no_new_key && t.lacks_key != nullptr && t.lacks_key(const_cast<void*>(row), nullptr))
        [[unlikely]]
      fail_no_new_key(taken, *t.table);
  }
  write.bind(taken, row);
  q.submit_reading(std::move(taken), write, demand);
  if (held && !t.version->outlives_row) q.take_answers();
}

template <row_write Kind, class T, auto... Members, class Driver>
HEWN_COLD void write_and_select(batch_queue<Driver>& q, const void* row,
                                const returned_write<Driver>& write, const call_site& site) {
  constexpr bool inserts = Kind == row_write::insert || Kind == row_write::insert_keyed_by_database;
  T stored = *static_cast<const T*>(row);
  stored_place place;
  if constexpr (inserts)
    row_writer<Driver>::insert(q.owner(), row_type_of<T, Driver>, &stored, site, false, &place);
  else
    upsert_row<Kind, Members...>(q.owner(), stored, site, &place);
  q.note_stored(stored, place, inserts, site);
  write.returned.select(q.owner(), &stored, write.returned, site);
}

/// The number of the statement, by everything that its text follows from.
template <row_write Kind, class T, class Clause, auto... Members>
inline constinit std::atomic<unsigned> slot_of_returned{0};

template <row_write Kind, class T, class Clause, auto... Members, class Driver>
returned_write<Driver> returned_write_of(const returned_parts<Driver>& returned) {
  returned_write<Driver> write{.type = row_type_of<T, Driver>,
                               .kind = Kind,
                               .target = {},
                               .slot = &slot_of_returned<Kind, T, Clause, Members...>,
                               .returned = returned,
                               .write_guarded = nullptr};
  if constexpr (Kind != row_write::update && Kind < row_write::remove && is_guardable<T>)
    write.write_guarded = &write_and_select<Kind, T, Members...>;
  if constexpr (Kind == row_write::upsert || Kind == row_write::upsert_keyed_by_database)
    write.target = conflict_target<T, Members...>();
  return write;
}

/// Which kind of statement writes a row whose key the database is to choose.
constexpr row_write keyed_by_database(row_write kind) {
  return kind == row_write::insert   ? row_write::insert_keyed_by_database
         : kind == row_write::upsert ? row_write::upsert_keyed_by_database
                                     : kind;
}

/// Writes every row of the range by a statement of its own, all or none, and adds what `clause`
/// names of each to `results`. `before`: how many rows of the verb there have been; nothing: errors
/// do not tell the row.
template <row_write Kind, class T, auto... Members, class Driver, class Range, class Clause,
          class R>
void write_each_returning(connection<Driver>& c, Range& rows, const Clause& clause,
                          std::vector<R>& results, call_site site,
                          std::optional<std::size_t> before = 0) {
  constexpr bool removes = Kind == row_write::remove;
  constexpr row_write keyless = leaves_key_out<Driver, T> ? keyed_by_database(Kind) : Kind;
  constexpr bool changes = Kind == row_write::update || removes;
  const returned_parts<Driver> returned{&clause,
                                        &write_returned<Clause>,
                                        &bind_returned<Clause, typename Driver::statement>,
                                        &all_rows_of<R, Driver>,
                                        &results,
                                        &select_returned<T, Clause, Driver>};
  constexpr row_write kind = removes && table_of<T>.has_version ? row_write::remove_held : Kind;
  auto write = returned_write_of<kind, T, Clause, Members...>(returned);
  auto write_keyless = returned_write_of<keyless, T, Clause, Members...>(returned);
  constexpr bool meets = Kind == row_write::upsert || Kind == row_write::upsert_keyed_by_database;
  const element_demand demand = changes ? changed_row<T> : meets ? taken_row<T> : stored_row<T>;
  batch_queue<Driver> queue(c, nullptr, site, before.has_value(), before.value_or(0));
  const auto add = [&](const T& row) {
    if constexpr (keyless != Kind)
      if (has_no_key(row)) return write_returned_row(queue, &row, write_keyless, demand, site);
    write_returned_row(queue, &row, write, demand, site);
  };
  try {
    for_each_row(rows, [&](const T& row) {
      queue.add([&] {
        if constexpr (removes)
          add(row);
        else
          with_stamp(c, row, !changes, site, add);
      });
    });
  } catch (const error&) {
    queue.check();  // a row that failed before is the cause
    throw;
  }
  queue.finish();
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API std::string row_write_sql(const table_info& table, row_write kind,
                                   std::span<const std::uint8_t> target, dialect d) {
  switch (kind) {
    case row_write::update:
      return update_sql(table, false, d);
    case row_write::remove:
      return remove_by_key_sql(table, d);
    case row_write::remove_held:
      return remove_held_sql(table, d);
    case row_write::upsert:
    case row_write::upsert_keyed_by_database:
      return upsert_sql(table, target, d, kind, false);
    default:
      return insert_sql(table, false, d, kind);
  }
}

HEWN_API mentioned_columns row_write_columns(const table_info& table, row_write kind) {
  if (kind == row_write::remove_held) return held_removal_columns(table);
  return kind == row_write::remove ? removed_columns(table) : written_columns(table, kind);
}

}  // namespace hewn::detail

#endif
