// hewn/query/bulk/batch_rows.hpp - whole rows as elements of a batch.
// SPDX-License-Identifier: BSL-1.0
//
// Called from inside batch_queue::add. A row is read while it is called; `to` is where it is
// completed when its answer comes, or nullptr.
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/bulk/batch_queue.hpp>
#include <hewn/query/bulk/bulk.hpp>
#include <hewn/query/rows/asked_keys.hpp>
#include <hewn/query/rows/kept_rows.hpp>
#include <hewn/query/rows/row_limits.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/removal_text.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/type_erasure/insert_row.hpp>
#include <hewn/query/type_erasure/row_type.hpp>
#include <hewn/query/type_erasure/row_version.hpp>
#include <hewn/query/type_erasure/row_writer.hpp>
#include <hewn/schema/embedded.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

namespace hewn::detail {

template <class T>
inline constexpr element_demand stored_row{&table_of<T>, &skipped_row};
template <class T>
inline constexpr element_demand taken_row{&table_of<T>, &row_not_taken};
template <class T>
inline constexpr element_demand changed_row{&table_of<T>, &no_row_changed};

/// Calls `write(row)` with the times and UUID keys filled. Where the batch fails, a row that is
/// given by its address has no key that it asked for; others may be gone by then, so they have none
/// where their own verb throws.
template <class Driver, class Row, class To, class Write>
void with_new_keys(batch_queue<Driver>& q, Row& row, [[maybe_unused]] To to, const call_site& site,
                   Write write) {
  using T = std::remove_const_t<Row>;
  if constexpr (asks_for_keys<T> && std::is_pointer_v<To> && !std::is_const_v<Row>) {
    if (const asked_keys asked = keys_asked_for(row); asked != 0) q.will_complete(to, asked);
    with_stamp(q.owner(), row, true, site, write);
  } else if constexpr (has_uuid_key<T>() && !std::is_const_v<Row>) {
    const asked_keys asked = keys_asked_for(row);
    try {
      with_stamp(q.owner(), row, true, site, write);
    } catch (...) {
      take_keys_back(row, asked);
      throw;
    }
  } else {
    with_stamp(q.owner(), row, true, site, write);
  }
}

// The same statements without RETURNING, for rows that need not come back.

template <class Driver, class T>
struct update_only_text {
  static constexpr row_write writes_row = row_write::update;
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void*, dialect d) {
    return update_sql(table_of<T>, false, d);
  }
};

template <class Driver, class T, row_write Kind, auto... Members>
struct upsert_only_text {
  static constexpr row_write writes_row = Kind;
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void*, dialect d) {
    return render_upsert<T, Members...>(d, Kind, false);
  }
};

// Where something may lose the row it is written by the verb, which looks for it.
template <class Driver, class T, class To, class Write>
HEWN_COLD void write_now(batch_queue<Driver>& q, const T& row, [[maybe_unused]] To to,
                         bool inserted, call_site site, Write write) {
  T stored = row;
  stored_place place;
  write(stored, place);
  q.note_stored(stored, place, inserted, site);
  if constexpr (std::is_pointer_v<To>) *to = std::move(stored);
}

template <row_write Kind, class Driver, class T>
HEWN_COLD void batch_insert_returned(batch_queue<Driver>& q, const T& row, T* to, call_site site) {
  using statement_text = insert_returning_text<Driver, T, Kind>;
  auto lease = take_statement<statement_text>(q.owner(), site);
  bind_row<Kind>(lease, row);
  q.template submit_returning<statement_text>(std::move(lease), to, stored_row<T>);
}

template <row_write Kind, class Driver, class T, class To>
void batch_insert_as(batch_queue<Driver>& q, const T& row, To to, call_site site) {
  using full = insert_text<Driver, T, Kind>;
  // Where nothing comes back anyway the statement is that of insert().
  constexpr bool returns = insert_returns<Driver, T>;
  constexpr bool completes = returns && std::is_pointer_v<To>;
  using statement_text =
      std::conditional_t<returns && !completes, insert_only_text<Driver, T, Kind>, full>;
  auto lease = take_statement<statement_text>(q.owner(), site);
  if constexpr (is_guardable<T>)
    // What a trigger changes of a row that nobody looks at again is told to nobody.
    if ((std::is_pointer_v<To> || lease->guard != row_guard::by_returning) &&
        is_guarded(lease, is_guardable<T>)) [[unlikely]] {
      const row_guard guard = lease->guard;
      give_back(std::move(lease));
      if constexpr (std::is_pointer_v<To> && may_come_back<Driver, T> && owns_values<T>)
        if (guard == row_guard::by_returning) return batch_insert_returned<Kind>(q, row, to, site);
      return write_now(q, row, to, true, site, [&](T& stored, stored_place& place) {
        row_writer<Driver>::insert(q.owner(), row_type_of<T, Driver>, &stored, site, false, &place);
      });
    }
  check_new_key(lease, row);
  bind_row<Kind>(lease, row);
  if constexpr (completes)
    q.template submit_returning<full>(std::move(lease), to, stored_row<T>);
  else
    q.submit(std::move(lease), stored_row<T>);
  if constexpr (!returns && table_of<T>.assigned_key && std::is_pointer_v<To>) {
    auto& key = get_column<key_of_table<T>[0]>(*to);
    if (key == 0)
      key =
          static_cast<std::remove_reference_t<decltype(key)>>(q.owner().native().last_insert_key());
  }
}

template <class Driver, class T, class To>
void batch_insert(batch_queue<Driver>& q, const T& row, To to, call_site site) {
  check_limits(row, site);
  if constexpr (leaves_key_out<Driver, T>)
    if (has_no_key(row))
      return batch_insert_as<row_write::insert_keyed_by_database>(q, row, to, site);
  batch_insert_as<row_write::insert>(q, row, to, site);
}

/// The following are for rows with a version.
template <class Driver, class T>
void hold_version(batch_queue<Driver>& q, const T& row, bool counts, call_site site) {
  q.hold_version(row_version_of<T, Driver>, table_of<T>, &row, counts, site);
}

/// A key that views what the row does not own cannot wait for the answer.
template <class T, class Driver>
void answer_while_row_is_here(batch_queue<Driver>& q) {
  if constexpr (!owns_values<T>) q.take_answers();
}

template <class Driver, class T, class To>
void batch_update(batch_queue<Driver>& q, const T& row, To to, call_site site) {
  using full = update_row_text<Driver, T>;
  constexpr bool completes = table_of<T>.has_generated && std::is_pointer_v<To>;
  using statement_text = std::conditional_t<table_of<T>.has_generated && !completes,
                                            update_only_text<Driver, T>, full>;
  check_limits(row, site);
  q.may_change_others();
  if constexpr (table_of<T>.has_version) hold_version(q, row, true, site);
  auto lease = take_statement<statement_text>(q.owner(), site);
  bind_row<row_write::update>(lease, row);
  if constexpr (completes)
    q.template submit_returning<full>(std::move(lease), to, changed_row<T>);
  else
    q.submit(std::move(lease), changed_row<T>);
  if constexpr (table_of<T>.has_version) answer_while_row_is_here<T>(q);
}

/// Calls `update()` for a row, which has its next version then where it may be changed.
template <class Driver, class Row, class To, class Update>
void with_version(batch_queue<Driver>& q, Row& row, To, Update update) {
  if constexpr (std::is_const_v<Row>) {
    update();
  } else {
    const std::int64_t held = held_version<Row>(&row);
    update();
    q.count_version(row_version_of<Row, Driver>, &row, held, std::is_pointer_v<To>);
  }
}

template <row_write Kind, auto... Members, class Driver, class T, class To>
void batch_upsert_as(batch_queue<Driver>& q, const T& row, To to, call_site site) {
  using full = upsert_text<Driver, T, Kind, Members...>;
  constexpr bool completes = std::is_pointer_v<To>;
  using statement_text =
      std::conditional_t<completes, full, upsert_only_text<Driver, T, Kind, Members...>>;
  auto lease = take_statement<statement_text>(q.owner(), site);
  if constexpr (is_guardable<T>)
    if (is_guarded(lease, is_guardable<T>)) [[unlikely]] {
      give_back(std::move(lease));
      return write_now(q, row, to, false, site, [&](T& stored, stored_place& place) {
        upsert_row<Kind, Members...>(q.owner(), stored, site, &place);
      });
    }
  check_new_key(lease, row);
  bind_row<Kind>(lease, row);
  if constexpr (completes)
    q.template submit_returning<full>(std::move(lease), to, taken_row<T>);
  else
    q.submit(std::move(lease), taken_row<T>);
}

template <auto... Members, class Driver, class T, class To>
void batch_upsert(batch_queue<Driver>& q, const T& row, To to, call_site site) {
  check_limits(row, site);
  if constexpr (leaves_key_out<Driver, T>)
    if (has_no_key(row))
      return batch_upsert_as<row_write::upsert_keyed_by_database, Members...>(q, row, to, site);
  batch_upsert_as<row_write::upsert, Members...>(q, row, to, site);
}

template <class Driver, class T>
void batch_remove(batch_queue<Driver>& q, const T& row, call_site site) {
  q.may_change_others();
  if constexpr (table_of<T>.has_version) {
    hold_version(q, row, table_of<T>.keeps_removed(), site);
    auto held = take_held_removal(q.owner(), table_of<T>, row_version_of<T, Driver>, site);
    bind_row<row_write::remove_held>(held, row);
    bind_removal(held, table_of<T>, removal_binder_of<T, Driver>());
    q.submit(std::move(held), changed_row<T>);
    answer_while_row_is_here<T>(q);
  } else {
    auto lease = take_statement<remove_text<Driver, T>>(q.owner(), site);
    bind_row<row_write::remove>(lease, row);
    bind_removal(lease, table_of<T>, removal_binder_of<T, Driver>());
    q.submit(std::move(lease), changed_row<T>);
  }
}

}  // namespace hewn::detail
