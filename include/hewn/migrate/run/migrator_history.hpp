// hewn/migrate/run/migrator_history.hpp - how a migrator reads the history of a database and
// corrects it.
// SPDX-License-Identifier: BSL-1.0
//
// With HEWN_SEPARATE_COMPILATION, for a driver of one's own only: those of the library have it in
// their units.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/history/adopt.hpp>
#include <hewn/migrate/history/find_status.hpp>
#include <hewn/migrate/history/foreign_history.hpp>
#include <hewn/migrate/history/history.hpp>
#include <hewn/migrate/history/history_store.hpp>
#include <hewn/migrate/run/migrator.hpp>
#include <hewn/migrate/run/next_migration.hpp>
#include <hewn/migrate/run/requirements.hpp>
#include <hewn/migrate/run/runner_lock.hpp>
#include <hewn/migrate/run/schema_check.hpp>
#include <hewn/migrate/run/step_runner.hpp>
#include <hewn/sync/model/executor.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

template <class Driver>
std::vector<migration_status> migrator<Driver>::status(call_site site) const {
  const detail::call_scope at(site);
  context_.db->connection(site);  // throws where there is none any more
  std::vector<migration_status> out =
      detail::statuses(context_.infos, detail::read_history<Driver>(*context_.db));
  const detail::requirement_graph graph =
      detail::requirements_of(context_.infos, context_.elsewhere);
  for (migration_status& s : out)
    for (std::size_t i = 0; i != context_.infos.size(); ++i)
      if (context_.infos[i].version == s.version)
        for (const std::size_t needed : graph.needs[i])
          s.needs.push_back(context_.infos[needed].version);
  return out;
}

template <class Driver>
void migrator<Driver>::validate(call_site site) const {
  const detail::call_scope at(site);
  detail::check_versions(context_.infos, context_.options.allow_gaps, context_.elsewhere);
  detail::checked_requirements(context_.infos, context_.elsewhere);
  detail::check_history(status(site));
}

template <class Driver>
void migrator<Driver>::require_current(call_site site) const {
  const detail::call_scope at(site);
  validate(site);
  for (const migration_status& s : status(site)) {
    using enum migration_state;
    if (s.state == applied || s.state == baseline) continue;
    throw error(errc::schema_mismatch, "hewn: migration " + std::to_string(s.version) + " (" +
                                           s.name + ") is " + std::string(to_string(s.state)) +
                                           "; migrate the database before this program uses it");
  }
}

template <class Driver>
void migrator<Driver>::on_empty_database(const std::function<void(schema_executor&)>& look,
                                         call_site site) const {
  const detail::call_scope at(site);
  context_.db->connection(site).check_state(site);
  detail::check_versions(context_.infos, context_.options.allow_gaps, context_.elsewhere);
  detail::on_empty_database(context_, context_.known.size(), [&](detail::connection<Driver>& c) {
    look(*Driver::schema_executor_of(c));
  });
}

template <class Driver>
std::int64_t migrator<Driver>::newest_version() const {
  std::int64_t out = context_.infos.empty() ? 0 : context_.infos.back().version;
  for (const migration_info& m : context_.elsewhere) out = std::max(out, m.version);
  return out;
}

template <class Driver>
void migrator<Driver>::baseline(std::int64_t version, std::string_view reason, call_site site) {
  const detail::call_scope at(site);
  const std::size_t last = find(version);
  detail::check_reason(reason);
  const detail::history_lock<typename Driver::migration_executor> lock(
      context_.db->connection(), context_.options.lock_timeout);
  auto tx = detail::begin_patiently(*context_.db, context_.options.lock_timeout);
  if (!detail::read_history<Driver>(tx).versions.empty())
    throw error(errc::usage,
                "hewn: the database has a migration history, so it needs no baseline; call up()");
  const std::string schema = detail::prove_schema(context_, last);
  for (std::size_t i = 0; i <= last; ++i) record(tx, context_.infos[i], "baseline", reason, schema);
  tx.commit(site);
}

template <class Driver>
std::size_t migrator<Driver>::adopt(std::string_view table, call_site site) {
  const detail::call_scope at(site);
  const detail::history_lock<typename Driver::migration_executor> lock(
      context_.db->connection(), context_.options.lock_timeout);
  auto tx = detail::begin_patiently(*context_.db, context_.options.lock_timeout);
  const detail::migration_history history = detail::read_history<Driver>(tx);
  std::size_t count = 0;
  const detail::foreign_history foreign = detail::read_foreign_history<Driver>(tx, table);
  for (const detail::adopted& a : detail::history_map(context_.infos, foreign).read(table)) {
    const migration_info& m = context_.infos[a.index];
    if (history.find(m.version) != nullptr) continue;
    const std::optional<timestamp> time = detail::foreign_time(a.at);
    migration_event e = detail::make_event(m, "adopted", time.value_or(detail::time_of(tx)));
    e.reason = detail::adoption_reason(a, table);
    detail::append_event(tx, std::move(e));
    ++count;
  }
  tx.commit(site);
  return count;
}

template <class Driver>
void migrator<Driver>::repair(std::int64_t version, std::string_view reason, call_site site) {
  const detail::call_scope at(site);
  detail::check_reason(reason);
  const detail::history_lock<typename Driver::migration_executor> lock(
      context_.db->connection(), context_.options.lock_timeout);
  auto tx = detail::begin_patiently(*context_.db, context_.options.lock_timeout);
  const detail::migration_history history = detail::read_history<Driver>(tx);
  for (const migration_status& s : detail::statuses(context_.infos, history)) {
    if (s.version != version) continue;
    if (s.state == migration_state::modified) {
      record(tx, context_.infos[find(version)], "repaired", reason);
    } else if (s.state == migration_state::missing) {
      record(tx, {.version = version, .name = s.name}, "forgotten", reason);
    } else if (s.state == migration_state::interrupted) {
      repair_steps(tx, history, context_.known[find(version)]);
      record(tx, context_.infos[find(version)], "repaired", reason);
    } else {
      break;
    }
    return tx.commit(site);
  }
  throw error(errc::usage,
              "hewn: version " + std::to_string(version) + " needs no repair; look at status()");
}

template <class Driver>
void migrator<Driver>::record(const transactional<Driver>& tx, const migration_info& m,
                              std::string_view event, std::string_view reason,
                              std::string_view schema) {
  migration_event e = detail::make_event(m, event, detail::time_of(tx));
  e.reason = reason;
  e.schema = schema;
  detail::append_event(tx, std::move(e));
}

template <class Driver>
void migrator<Driver>::repair_steps(const transactional<Driver>& tx,
                                    const detail::migration_history& history,
                                    const detail::runnable<Driver>& m) {
  for (const migration_direction d : {migration_direction::up, migration_direction::down}) {
    const std::vector<std::string> checksums = detail::step_checksums(m, d);
    for (const migration_step& s : detail::journal_of(history, m.info.version, d)) {
      const auto i = static_cast<std::size_t>(s.step) - 1;
      const detail::step_journal<Driver> journal(tx, m.info.version, d);
      if (i < checksums.size()) {
        journal.write(s.step, checksums[i], s.done, s.watermark, s.rows);
      } else {
        journal.erase(s.step);
      }
    }
  }
}

}  // namespace hewn
