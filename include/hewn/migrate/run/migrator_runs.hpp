// hewn/migrate/run/migrator_runs.hpp - how a migrator applies migrations and undoes them.
// SPDX-License-Identifier: BSL-1.0
//
// With HEWN_SEPARATE_COMPILATION, for a driver of one's own only: those of the library have it in
// their units.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/history/history.hpp>
#include <hewn/migrate/run/migrator.hpp>
#include <hewn/migrate/run/next_migration.hpp>
#include <hewn/migrate/run/requirements.hpp>
#include <hewn/migrate/run/runner.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/migrate/trial/runner_context.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace hewn {

template <class Driver>
migration_report migrator<Driver>::up(call_site site) {
  const detail::call_scope at(site);
  return run_up(newest, unlimited);
}

template <class Driver>
migration_report migrator<Driver>::up_by_one(call_site site) {
  const detail::call_scope at(site);
  return run_up(newest, 1);
}

template <class Driver>
migration_report migrator<Driver>::up_to(std::int64_t version, call_site site) {
  const detail::call_scope at(site);
  find(version);
  return run_up(version, unlimited);
}

template <class Driver>
migration_report migrator<Driver>::down(call_site site) {
  const detail::call_scope at(site);
  return run_down(0, 1);
}

template <class Driver>
migration_report migrator<Driver>::down_to(std::int64_t version, call_site site) {
  const detail::call_scope at(site);
  if (version != 0) find(version);
  return run_down(version, unlimited);
}

template <class Driver>
migration_report migrator<Driver>::redo(call_site site) {
  const detail::call_scope at(site);
  migration_report report = run_down(0, 1);
  if (report.results.empty()) return report;
  const std::int64_t version = report.results.front().version;
  const std::size_t i = find(version);
  migration_report again = run(
      migration_direction::up,
      [=](const detail::requirement_graph&, const detail::migration_history& h) {
        return h.applied(version) ? std::nullopt : std::optional(i);
      },
      1);
  for (migration_result& r : again.results) report.results.push_back(std::move(r));
  return report;
}

template <class Driver>
migration_report migrator<Driver>::reset(call_site site) {
  const detail::call_scope at(site);
  if (context_.options.policy != migration_policy::development)
    throw error(errc::usage,
                "hewn: reset() is denied in production; set the policy to development, or undo "
                "single migrations with down()");
  return run_down(0, unlimited);
}

template <class Driver>
migration_report migrator<Driver>::up_of(const detail::runner_context<Driver>& context,
                                         std::int64_t last, std::size_t limit) {
  return detail::runner<Driver>(context, migration_direction::up,
                                [&context, last](const detail::requirement_graph& g,
                                                 const detail::migration_history& h) {
                                  return detail::next_up(context.infos, g, h, last,
                                                         context.options.out_of_order);
                                })
      .run(limit);
}

template <class Driver>
migration_report migrator<Driver>::run_up(std::int64_t last, std::size_t limit) {
  return up_of(context_, last, limit);
}

template <class Driver>
migration_report migrator<Driver>::down_of(const detail::runner_context<Driver>& context,
                                           std::int64_t floor, std::size_t limit) {
  return detail::runner<Driver>(
             context, migration_direction::down,
             [&context, floor, all = limit > 1](const detail::requirement_graph& g,
                                                const detail::migration_history& h) {
               return detail::next_down(context.infos, g, h, floor, all);
             })
      .run(limit);
}

template <class Driver>
migration_report migrator<Driver>::run_down(std::int64_t floor, std::size_t limit) {
  return down_of(context_, floor, limit);
}

template <class Driver>
template <class Next>
migration_report migrator<Driver>::run(migration_direction d, Next next, std::size_t limit) {
  return detail::runner<Driver>(context_, d, std::move(next)).run(limit);
}

}  // namespace hewn
