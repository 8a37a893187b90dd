// hewn/migrate/run/migrator_setup.hpp - what a migrator is made of.
// SPDX-License-Identifier: BSL-1.0
//
// With HEWN_SEPARATE_COMPILATION, for a driver of one's own only: those of the library have it in
// their units.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/files/make_runnable.hpp>
#include <hewn/migrate/files/migration_file.hpp>
#include <hewn/migrate/run/migrator.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/query/database.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace hewn {

template <class Driver>
migrator<Driver>::migrator(transactional<Driver>& db, std::vector<migration_file> files,
                           migration_options options, call_site site) {
  const detail::call_scope at(site);
  db.connection(site).check_state(site);
  context_.db = &db;
  context_.options = std::move(options);
  keep_out_callbacks();
  const dialect spoken = db.connection(site).spoken();
  for (migration_file& f : files) {
    if (f.info.only.value_or(spoken) == spoken)
      insert(detail::to_runnable<Driver>(std::move(f)));
    else
      context_.elsewhere.push_back(std::move(f.info));
  }
}

template <class Driver>
migrator<Driver>::migrator(const migrator&) = default;

template <class Driver>
migrator<Driver>::migrator(migrator&&) noexcept = default;

template <class Driver>
migrator<Driver>& migrator<Driver>::operator=(const migrator&) = default;

template <class Driver>
migrator<Driver>& migrator<Driver>::operator=(migrator&&) noexcept = default;

template <class Driver>
migrator<Driver>::~migrator() = default;

template <class Driver>
migrator<Driver>& migrator<Driver>::add(basic_migration<Driver> migration, call_site site) {
  const detail::call_scope at(site);
  insert(detail::to_runnable<Driver>(std::move(migration)));
  return *this;
}

template <class Driver>
migrator<Driver>& migrator<Driver>::prepare_copies(
    std::function<void(const database<Driver>&)> prepare) {
  context_.prepare_copy = std::move(prepare);
  return *this;
}

template <class Driver>
void migrator<Driver>::keep_out_callbacks() {
  migration_options& o = context_.options;
  o.progress = paused(std::move(o.progress));
  o.approve = paused(std::move(o.approve));
  o.rules.decide = paused(std::move(o.rules.decide));
  o.rules.verifier = paused(std::move(o.rules.verifier));
}

template <class Driver>
template <class Result, class Argument>
std::function<Result(Argument)> migrator<Driver>::paused(
    std::function<Result(Argument)> callback) const {
  if (!callback) return callback;
  return [db = context_.db, callback = std::move(callback)](Argument argument) {
    const detail::pause during(db->connection().state());
    return callback(argument);
  };
}

template <class Driver>
void migrator<Driver>::insert(detail::runnable<Driver> m) {
  const auto after = [&](const migration_info& other) { return other.version > m.info.version; };
  const auto at = std::find_if(context_.infos.begin(), context_.infos.end(), after);
  const auto i = at - context_.infos.begin();
  context_.infos.insert(at, m.info);
  context_.known.insert(context_.known.begin() + i, std::move(m));
}

template <class Driver>
std::size_t migrator<Driver>::find(std::int64_t version) const {
  for (std::size_t i = 0; i != context_.infos.size(); ++i)
    if (context_.infos[i].version == version) return i;
  throw error(errc::usage, "hewn: there is no migration with version " + std::to_string(version) +
                               "; look at status()");
}

}  // namespace hewn
