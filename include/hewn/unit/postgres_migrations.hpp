// hewn/unit/postgres_migrations.hpp - the definitions of migrations of PostgreSQL databases.
// SPDX-License-Identifier: BSL-1.0
//
// For one source file of a program that defines HEWN_SEPARATE_COMPILATION everywhere and migrates;
// the file has nothing else in it. The targets of Bazel and CMake bring theirs. It stands apart
// from hewn/unit/postgres.hpp, so that programs that do not migrate do not carry it.
#pragma once

#include <hewn/unit/check.hpp>

#include <hewn/migrate/run/migrator_history.hpp>
#include <hewn/migrate/run/migrator_runs.hpp>
#include <hewn/migrate/run/migrator_setup.hpp>
#include <hewn/migrate/run/migrator_trials.hpp>
#include <hewn/postgres/migrate/migration_executor.hpp>

template class hewn::migrator<hewn::postgres::driver>;
