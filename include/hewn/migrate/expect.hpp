// hewn/migrate/expect.hpp - for the tests of a program: its migrations make the tables of its
// structs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/migrate/run/migrator.hpp>
#include <hewn/sync/plan/make_plan.hpp>
#include <hewn/sync/sync_structs.hpp>

#if HEWN_DEFINES_MIGRATE
#  include <hewn/base/error.hpp>

#  include <string>
#endif

namespace hewn {

namespace detail {

/// Throws: schema_mismatch with every difference, unless there is none.
HEWN_API void expect_no_differences(const plan& differences);

}  // namespace detail

/// Applies all migrations to the database of the migrator, which is a fresh one, and compares the
/// outcome with the structs. Throws: schema_mismatch with every difference; what a migration ends
/// in.
template <class... Tables, class Driver>
void expect_migrations_reach(database<Driver>& fresh, migrator<Driver>& migrations,
                             call_site site = call_site::current()) {
  static_assert(sizeof...(Tables) > 0,
                "hewn: expect_migrations_reach<> needs the structs; write "
                "expect_migrations_reach<user, team>(db, migrations)");
  const detail::call_scope at(site);
  migrations.up(site);
  detail::expect_no_differences(plan_sync<Tables...>(fresh, policy::standard(), site));
}

#if HEWN_DEFINES_MIGRATE

HEWN_API void detail::expect_no_differences(const plan& differences) {
  if (differences.empty()) return;
  std::string message =
      "hewn: the migrations do not make the tables that the structs declare; write a migration for "
      "the rest, or correct the structs\n" +
      report(differences);
  while (message.back() == '\n') message.pop_back();
  throw error(errc::schema_mismatch, std::move(message));
}

#endif

}  // namespace hewn
