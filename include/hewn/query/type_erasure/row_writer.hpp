// hewn/query/type_erasure/row_writer.hpp - rows written by what is known of their struct.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/db/connection/turn.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/rows/kept_rows.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/removal_text.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/table_statement.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/statements/write_check.hpp>
#include <hewn/query/type_erasure/row_type.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace hewn::detail {

/// How a row is inserted.
struct row_insert {
  row_write kind = row_write::insert;
  bool stamps = true;     // times and UUID keys are still to be filled
  bool returns = false;   // the statement returns the row
  bool completes = true;  // what the database fills in is read into the row, which is not const
};

/// Compiled once for each driver. A row is behind a pointer, what it is in its row_type.
template <class Driver>
struct row_writer {
  using type = row_type<Driver>;
  using binder = void (*)(typename Driver::statement&, const void* row, row_write kind);
  using taker = lease<Driver> (*)(connection<Driver>&, const call_site&);

  /// Binds the row to a statement of this kind.
  static void bind(const lease<Driver>& taken, const table_info& table, binder values,
                   const void* row, row_write kind);

  /// Inserts the row by a statement that is taken once for many.
  static void insert_by(connection<Driver>& c, const lease<Driver>& taken, const type& t, void* row,
                        row_insert how);

  /// `place`: where it is told by what the row is found again, if it is guarded.
  static void insert(connection<Driver>& c, const type& t, void* row, const call_site& site,
                     bool stamps = true, stored_place* place = nullptr);
  static void insert(const turn<Driver>& who, const type& t, void* row, const call_site& site);

  /// Stores the row by the statement of `take` and reads back what is then stored.
  static void upsert(connection<Driver>& c, const type& t, taker take, void* row, row_write kind,
                     const call_site& site, stored_place* place = nullptr);

  /// `completes`: as in row_insert.
  static void update(const turn<Driver>& who, const type& t, void* row, bool completes,
                     const call_site& site);

  static void remove(const turn<Driver>& who, const table_info& table, binder values,
                     removal_binder<Driver> times, const void* row, const call_site& site);

  /// The same of a row with a version. Throws: stale.
  static void update_held(const turn<Driver>& who, const type& t, void* row, bool completes,
                          const call_site& site);
  static void remove_held(const turn<Driver>& who, const type& t, const void* row,
                          const call_site& site);

  /// Reads the row once more, with what has become of it since it was inserted. Returns what tells
  /// it from every other row of the table; an empty text: its key does. Throws: skipped where it is
  /// gone; the row is then some of both.
  static std::string find_stored(connection<Driver>& c, const type& t, void* row,
                                 stored_place place, const call_site& site);

  /// Does `write(copy)` to a copy of the row in a transaction of its own, in which the row is then
  /// looked for, unless it returns nothing. The row is touched when all is done, so where it fails
  /// it is what it was.
  template <class Write>
  static void write_guarded(connection<Driver>& c, const type& t, void* row, const call_site& site,
                            stored_place* place, Write write);

 private:
  struct insert_job {
    connection<Driver>& c;
    const type& t;
    row_insert how;
    const call_site& site;
  };

  static void bind_to(const lease<Driver>& taken, const table_info& table, binder values,
                      const void* row, row_write kind);
  static void run_insert(connection<Driver>& c, const lease<Driver>& taken, const type& t,
                         void* row, row_insert how);
  static void stamp_and_insert(connection<Driver>& c, const lease<Driver>& taken, const type& t,
                               void* row, row_insert how);
  static void insert_row(connection<Driver>& c, const type& t, void* row, const call_site& site,
                         bool stamps, stored_place* place);
  static void insert_guarded(const insert_job& job, void* row, row_guard guard,
                             stored_place* place);
  static row_guard insert_returned(const insert_job& job, void* row);
  static bool run_update(connection<Driver>& c, const lease<Driver>& taken, const type& t,
                         void* row, bool completes);
  static row_guard upsert_by(const lease<Driver>& taken, const type& t, void* row, row_write kind);

  template <class Write>
  static void on_copy(const type& t, void* row, Write write) {
    t.on_copy(
        row, [](void* context, void* copy) { (*static_cast<Write*>(context))(copy); }, &write);
  }
};

/// Whether the statement, which was taken, is to be run with a look at what becomes of the row.
template <class Driver>
HEWN_INLINE bool is_guarded(const lease<Driver>& row, bool guardable) {
  if (row->guard == row_guard::none) [[likely]]
    return false;
  row->reported = guardable;  // it is taken again
  return guardable;
}

template <class Driver>
[[noreturn]] HEWN_COLD void fail_no_new_key(const lease<Driver>& row, const table_info& table) {
  row->owner->fail_with(no_new_key(table), *row.operator->());
}

template <class Driver>
HEWN_INLINE void row_writer<Driver>::bind_to(const lease<Driver>& taken, const table_info& table,
                                             binder values, const void* row, row_write kind) {
  values(taken.statement(), row, kind);
  if (taken.statement().problem() != value_problem::none) [[unlikely]]
    fail_bind(taken, table, kind, taken.statement());
}

template <class Driver>
void row_writer<Driver>::bind(const lease<Driver>& taken, const table_info& table, binder values,
                              const void* row, row_write kind) {
  bind_to(taken, table, values, row, kind);
}

template <class Driver>
HEWN_INLINE void row_writer<Driver>::run_insert(connection<Driver>& c, const lease<Driver>& taken,
                                                const type& t, void* row, row_insert how) {
  const table_info& table = *t.table;
  if (t.check_limits != nullptr) [[unlikely]]
    t.check_limits(row, taken->site);
  if (taken->no_new_key && t.lacks_key != nullptr && t.lacks_key(row, nullptr)) [[unlikely]]
    fail_no_new_key(taken, table);
  bind_to(taken, table, t.bind, row, how.kind);
  const std::int64_t before = taken->uncounted ? c.native().total_changes() : 0;
  const bool returned = taken.step();
  if (how.returns) {
    if (!returned) fail_skipped(taken, table);
    if (how.completes) {
      check_table_row(taken, table);
      t.read(taken, row);
    }
    finish(taken);
    return;
  }
  // Of what triggers store, and of other statements, nothing is counted here.
  if (c.native().changes() == 0) [[unlikely]]
    if (!taken->uncounted || c.native().total_changes() == before) fail_skipped(taken, table);
  if (!how.completes || t.lacks_key == nullptr) return;
  if (t.starts_with_key) [[likely]] {
    // As t.lacks_key, without the call.
    auto& key = *static_cast<std::int64_t*>(row);
    if (key == 0) key = last_rowid(c);
  } else {
    const std::int64_t told = last_rowid(c);
    t.lacks_key(row, &told);
  }
}

template <class Driver>
void row_writer<Driver>::insert_by(connection<Driver>& c, const lease<Driver>& taken, const type& t,
                                   void* row, row_insert how) {
  if (how.stamps && t.stamp != nullptr) [[unlikely]]
    return stamp_and_insert(c, taken, t, row, how);
  run_insert(c, taken, t, row, how);
}

/// Where it throws, the row has no key that was made for it, unless it may be stored.
template <class Driver>
void row_writer<Driver>::stamp_and_insert(connection<Driver>& c, const lease<Driver>& taken,
                                          const type& t, void* row, row_insert how) {
  const asked_keys asked = t.stamp(row, row_stamp_of(c, true, taken->site));
  how.stamps = false;
  if (asked == 0) return insert_by(c, taken, t, row, how);
  try {
    insert_by(c, taken, t, row, how);
  } catch (const error& failure) {
    if (failure.code() != errc::commit_in_doubt) t.take_keys_back(row, asked);
    throw;
  } catch (...) {
    t.take_keys_back(row, asked);
    throw;
  }
}

template <class Driver>
HEWN_INLINE void row_writer<Driver>::insert_row(connection<Driver>& c, const type& t, void* row,
                                                const call_site& site, bool stamps,
                                                stored_place* place) {
  row_insert how{.stamps = stamps};
  how.returns = returns_inserted(*t.table, Driver::tells_inserted_key);
  if constexpr (!Driver::tells_inserted_key)
    if (t.lacks_key != nullptr && t.lacks_key(row, nullptr))
      how.kind = row_write::insert_keyed_by_database;
  row_guard guard = row_guard::none;
  {
    const auto taken = take_statement(c, *t.table, insert_of(how.kind), site);
    if (!is_guarded(taken, t.on_copy != nullptr)) [[likely]] {
      if (how.stamps && t.stamp != nullptr) [[unlikely]]
        return stamp_and_insert(c, taken, t, row, how);
      return run_insert(c, taken, t, row, how);
    }
    guard = taken->guard;
  }
  insert_guarded({c, t, how, site}, row, guard, place);
}

template <class Driver>
void row_writer<Driver>::insert(connection<Driver>& c, const type& t, void* row,
                                const call_site& site, bool stamps, stored_place* place) {
  insert_row(c, t, row, site, stamps, place);
}

template <class Driver>
void row_writer<Driver>::insert(const turn<Driver>& who, const type& t, void* row,
                                const call_site& site) {
  insert_row(who.take(site), t, row, site, true, nullptr);
}

template <class Driver>
HEWN_COLD void row_writer<Driver>::insert_guarded(const insert_job& job, void* row, row_guard guard,
                                                  stored_place* place) {
  const auto& [c, t, how, site] = job;
  if constexpr (asked_for_triggers<typename Driver::connection>)
    if (c.spoken() == dialect::postgres && !how.returns && !t.table->key.empty()) {
      const auto insert = [&](void* stored) { return insert_returned(job, stored); };
      if (t.returns_key == nullptr && guard == row_guard::by_returning)
        return on_copy(t, row, insert);
      return write_guarded(c, t, row, site, place, insert);
    }
  write_guarded(c, t, row, site, place, [&](void* stored) {
    const auto taken = take_statement(job.c, *job.t.table, insert_of(job.how.kind), job.site);
    insert_by(job.c, taken, job.t, stored, job.how);
    return taken->guard;
  });
}

/// Inserts the row by the statement that returns it, because a trigger may have changed it.
template <class Driver>
HEWN_COLD row_guard row_writer<Driver>::insert_returned(const insert_job& job, void* row) {
  const auto& [c, t, how, site] = job;
  if (how.stamps && t.stamp != nullptr) t.stamp(row, row_stamp_of(c, true, site));
  if (t.check_limits != nullptr) t.check_limits(row, site);
  const auto taken = take_statement(c, *t.table, returning_insert_of(how.kind), site);
  bind(taken, *t.table, t.bind, row, how.kind);
  if (!taken.step()) fail_skipped(taken, *t.table);
  check_table_row(taken, *t.table);
  // What a view would view goes with the statement, so only the row as it was sent can be told.
  if (t.returns_key == nullptr)
    t.read(taken, row);
  else if (!t.returns_key(taken, row))
    c.fail_with(lost_row(*t.table), *taken.operator->());
  finish(taken);
  return taken->guard;
}

template <class Driver>
template <class Write>
void row_writer<Driver>::write_guarded(connection<Driver>& c, const type& t, void* row,
                                       const call_site& site, stored_place* place, Write write) {
  std::optional<error> doubt;
  on_copy(t, row, [&](void* copy) {
    transaction_scope<Driver> all(c, transaction_mode::immediate, site);
    if (const std::optional<row_guard> guard = write(copy)) {
      const stored_place found{*guard, last_rowid(c)};
      find_stored(c, t, copy, found, site);
      if (place != nullptr) *place = found;
    }
    try {
      all.commit();
    } catch (const error& failure) {
      if (failure.code() != errc::commit_in_doubt) throw;
      doubt = failure;  // the row is told all the same, to look for it
    }
  });
  if (doubt) throw *doubt;
}

template <class Driver>
HEWN_COLD std::string row_writer<Driver>::find_stored(connection<Driver>& c, const type& t,
                                                      void* row, stored_place place,
                                                      const call_site& site) {
  const table_info& table = *t.table;
  const bool by_rowid = place.guard == row_guard::by_rowid;
  if (!by_rowid && table.key.empty()) return {};
  const auto taken = take_statement(
      c, table, by_rowid ? table_statement::stored_by_rowid : table_statement::stored_by_key, site);
  if (by_rowid) taken.statement().bind(static_cast<int>(table.key.size()) + 1, place.rowid);
  bind(taken, table, t.bind, row, row_write::remove);
  if (!taken.step()) c.fail_with(lost_row(table), *taken.operator->());
  check_table_row(taken, table);
  std::string identity;
  if (by_rowid)
    identity = std::to_string(place.rowid);
  else if (c.spoken() == dialect::sqlite)
    taken.statement().read(static_cast<int>(table.columns.size()), identity);
  if (t.returns_key == nullptr) t.read(taken, row);
  return identity;
}

template <class Driver>
row_guard row_writer<Driver>::upsert_by(const lease<Driver>& taken, const type& t, void* row,
                                        row_write kind) {
  const table_info& table = *t.table;
  if (taken->no_new_key && t.lacks_key != nullptr && t.lacks_key(row, nullptr)) [[unlikely]]
    fail_no_new_key(taken, table);
  bind(taken, table, t.bind, row, kind);
  if (!taken.step()) fail_not_taken(taken, table);
  check_table_row(taken, table);
  t.read(taken, row);
  finish(taken);
  return taken->guard;
}

template <class Driver>
void row_writer<Driver>::upsert(connection<Driver>& c, const type& t, taker take, void* row,
                                row_write kind, const call_site& site, stored_place* place) {
  {
    const auto taken = take(c, site);
    if (!is_guarded(taken, t.on_copy != nullptr)) [[likely]]
      return static_cast<void>(upsert_by(taken, t, row, kind));
  }
  write_guarded(c, t, row, site, place,
                [&](void* stored) { return upsert_by(take(c, site), t, stored, kind); });
}

/// Returns whether there was such a row.
template <class Driver>
HEWN_INLINE bool row_writer<Driver>::run_update(connection<Driver>& c, const lease<Driver>& taken,
                                                const type& t, void* row, bool completes) {
  const table_info& table = *t.table;
  bind_to(taken, table, t.bind, row, row_write::update);
  const bool returned = taken.step();
  if (!table.has_generated || !completes) return c.native().changes() != 0;
  if (!returned) return false;
  check_table_row(taken, table);
  t.read(taken, row);
  finish(taken);
  return true;
}

template <class Driver>
void row_writer<Driver>::update(const turn<Driver>& who, const type& t, void* row, bool completes,
                                const call_site& site) {
  connection<Driver>& c = who.take(site);
  const table_info& table = *t.table;
  if (t.stamp != nullptr) t.stamp(row, row_stamp_of(c, false, site));
  if (t.check_limits != nullptr) t.check_limits(row, site);
  const auto taken = take_statement(c, table, table_statement::update, site);
  if (!run_update(c, taken, t, row, completes)) [[unlikely]]
    fail_not_changed(taken, table);
}

template <class Driver>
void row_writer<Driver>::update_held(const turn<Driver>& who, const type& t, void* row,
                                     bool completes, const call_site& site) {
  connection<Driver>& c = who.take(site);
  const table_info& table = *t.table;
  const std::int64_t held = t.version->held(row);
  check_next_version(table, held, site);
  if (t.stamp != nullptr) t.stamp(row, row_stamp_of(c, false, site));
  if (t.check_limits != nullptr) t.check_limits(row, site);
  const auto taken = take_statement(c, table, table_statement::update, site);
  if (!run_update(c, taken, t, row, completes)) [[unlikely]]
    t.version->fail(taken, row);
  if (completes && !table.has_generated) t.version->set(row, held + 1);
}

template <class Driver>
void row_writer<Driver>::remove_held(const turn<Driver>& who, const type& t, const void* row,
                                     const call_site& site) {
  connection<Driver>& c = who.take(site);
  const table_info& table = *t.table;
  if (table.keeps_removed()) check_next_version(table, t.version->held(row), site);
  const auto taken = take_held_removal(c, table, *t.version, site);
  bind_to(taken, table, t.bind, row, row_write::remove_held);
  bind_removal(taken, table, t.bind_removal);
  taken.step();
  if (c.native().changes() == 0) t.version->fail(taken, row);
}

template <class Driver>
void row_writer<Driver>::remove(const turn<Driver>& who, const table_info& table, binder values,
                                removal_binder<Driver> times, const void* row,
                                const call_site& site) {
  connection<Driver>& c = who.take(site);
  const auto taken = take_statement(c, table, table_statement::remove_by_key, site);
  bind_to(taken, table, values, row, row_write::remove);
  bind_removal(taken, table, times);
  taken.step();
  if (c.native().changes() == 0) fail_not_changed(taken, table);
}

}  // namespace hewn::detail
