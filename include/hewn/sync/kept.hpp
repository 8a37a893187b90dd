// hewn/sync/kept.hpp - what sync dropped on PostgreSQL: listed, put back, or purged.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/sync/apply/apply_plan.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/kept/kept_item.hpp>
#include <hewn/sync/model/database_executor.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <cstdint>
#include <string_view>
#include <vector>

namespace hewn {

/// As the functions of its executor.
template <synced_database Database>
[[nodiscard]] std::vector<kept_item> kept(const Database& db,
                                          call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return kept(*detail::executor_of(db));
}

template <synced_database Database>
[[nodiscard]] std::vector<restored_item> restore_dropped(const Database& db, std::string_view plan,
                                                         const restore_options& options = {},
                                                         call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return restore_dropped(*detail::executor_of(db), plan, options);
}

template <synced_database Database>
[[nodiscard]] restored_item restore_dropped(const Database& db, std::int64_t id,
                                            const restore_options& options = {},
                                            call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return restore_dropped(*detail::executor_of(db), id, options);
}

template <synced_database Database>
[[nodiscard]] plan plan_purge(const Database& db, const purge_selection& what = {},
                              const sync_policy& policy = policy::standard(),
                              call_site site = call_site::current()) {
  const detail::call_scope at(site);
  const auto executor = detail::executor_of(db);
  return record_plan(*executor, plan_purge(*executor, what, policy), policy);
}

template <synced_database Database>
std::vector<kept_item> purge_kept(const Database& db, const plan& proposed,
                                  const sync_options& options = {},
                                  call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return purge_kept(*detail::executor_of(db), proposed, options);
}

}  // namespace hewn

#if HEWN_DEFINES_CORE
#  include <hewn/sync/kept/kept_entries.hpp>
#  include <hewn/sync/kept/purge.hpp>
#  include <hewn/sync/kept/restoration.hpp>
#endif
