// hewn/online.hpp - changing tables of PostgreSQL while others use them.
// SPDX-License-Identifier: BSL-1.0
//
// sync changes a table under a lock, within one transaction. What would read or write many rows
// under it is done here in phases that let others go on.
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/sync/model/belongs_online.hpp>
#include <hewn/sync/model/database_executor.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/online/online_change.hpp>
#include <hewn/sync/online/online_phase.hpp>
#include <hewn/sync/sync_structs.hpp>

#include <span>
#include <string>
#include <vector>

namespace hewn {

namespace detail {

HEWN_API online_result sync_online(schema_executor& executor,
                                   std::span<const table_info* const> tables,
                                   const online_options& options);

HEWN_API online_phases plan_online(schema_executor& executor,
                                   std::span<const table_info* const> tables,
                                   const online_options& options);

}  // namespace detail

/// As sync, in phases: brings what the structs add to their tables, what they tighten, and other
/// types of columns into the database while others read and write. What goes or gets another name
/// is `left` in the result, for a sync when no program of the previous release runs; so is the type
/// of a column on which something else depends, such as a key. Where a change of the same
/// structs was interrupted, it goes on. Throws: as change_online.
template <class... Tables, synced_database Database>
online_result sync_online(const Database& db, const online_options& options = {},
                          call_site site = call_site::current()) {
  static_assert(sizeof...(Tables) > 0,
                "hewn: sync_online<> needs the structs; write sync_online<user, team>(db)");
  const detail::call_scope at(site);
  return detail::sync_online(*detail::executor_of(db), detail::tables_of<Tables...>(), options);
}

/// The phases of sync_online<Tables...>(db, options), and what keeps it from working. Changes
/// nothing; report() writes them for people.
template <class... Tables, synced_database Database>
[[nodiscard]] online_phases plan_online(const Database& db, const online_options& options = {},
                                        call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return detail::plan_online(*detail::executor_of(db), detail::tables_of<Tables...>(), options);
}

template <synced_database Database>
online_result continue_online(const Database& db, const online_options& options = {},
                              call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return continue_online(*detail::executor_of(db), options);
}

template <synced_database Database>
void abandon_online(const Database& db, const online_options& options = {},
                    call_site site = call_site::current()) {
  const detail::call_scope at(site);
  abandon_online(*detail::executor_of(db), options);
}

template <synced_database Database>
[[nodiscard]] std::vector<online_progress> online_status(const Database& db,
                                                         call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return online_status(*detail::executor_of(db));
}

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/sync/online/online_calls.hpp>
#  include <hewn/sync/online/online_names.hpp>
#  include <hewn/sync/online/online_phases.hpp>
#  include <hewn/sync/online/online_store.hpp>
#  include <hewn/sync/online/retyped_table.hpp>
#  include <hewn/sync/plan/check_approvals.hpp>
#  include <hewn/sync/plan/plan_without.hpp>

namespace hewn::detail {

/// A plan, and the part of it that belongs online.
struct online_plan {
  plan whole;
  plan part;
  std::vector<change> left;
};

inline plan plan_whole(schema_executor& executor, std::span<const table_info* const> tables,
                       const online_options& options) {
  return plan_tables(executor, tables,
                     {.policy = without_row_limit(options.policy), .intents = options.intents});
}

inline online_plan plan_part(schema_executor& executor, std::span<const table_info* const> tables,
                             const online_options& options) {
  plan whole = plan_whole(executor, tables, options);
  std::vector<change> left = left_to_sync(whole, find_retyped(executor, whole));
  std::vector<std::string> ids;
  for (const change& c : left) ids.push_back(c.id());
  plan part =
      ids.empty() ? whole : plan_without(executor, whole, ids, without_row_limit(options.policy));
  return {std::move(whole), std::move(part), std::move(left)};
}

/// Whether the phases give the column of `c` its type.
inline bool changes_type(const online_result& in, const change& c) {
  if (c.kind != change_kind::change_type) return false;
  for (const online_progress& p : in.phases)
    for (const std::string& sql : p.phase.statements)
      if (p.phase.table == c.table &&
          (sql.find(quote_identifier(online_name(c.table, c.object))) != sql.npos ||
           sql.find(concat({"ALTER COLUMN ", quote_identifier(c.object), " TYPE "})) != sql.npos))
        return true;
  return false;
}

HEWN_API online_result sync_online(schema_executor& executor,
                                   std::span<const table_info* const> tables,
                                   const online_options& options) {
  // In the middle of it the plan is another one.
  if (executor.dialect() == dialect::postgres && !online_store(executor).read().phases.empty()) {
    const plan whole = plan_whole(executor, tables, options);
    online_result out = change_online(executor, whole, whole, options);
    for (const change& c : left_to_sync(whole, {}))
      if (!c.object.starts_with(online_prefix) && !changes_type(out, c)) out.left.push_back(c);
    return out;
  }
  const online_plan p = plan_part(executor, tables, options);
  if (p.part.blocked()) throw_waiting(p.part);
  online_result out = change_online(executor, p.part, p.whole, options);
  out.left = p.left;
  return out;
}

HEWN_API online_phases plan_online(schema_executor& executor,
                                   std::span<const table_info* const> tables,
                                   const online_options& options) {
  const online_plan p = plan_part(executor, tables, options);
  if (p.part.blocked()) throw_waiting(p.part);
  return phases_of(p.part, find_retyped(executor, p.part));
}

}  // namespace hewn::detail

#endif
