// hewn/unit/any_migrations.hpp - the definitions of migrations of any::database.
// SPDX-License-Identifier: BSL-1.0
//
// For one source file of a program that defines HEWN_SEPARATE_COMPILATION everywhere; the file has
// nothing else in it. The targets of Bazel and CMake bring theirs.
#pragma once

#include <hewn/unit/check.hpp>

#include <hewn/any/client/driver.hpp>
#include <hewn/any/schema/migration_executor.hpp>
#include <hewn/migrate/run/migrator_history.hpp>
#include <hewn/migrate/run/migrator_runs.hpp>
#include <hewn/migrate/run/migrator_setup.hpp>
#include <hewn/migrate/run/migrator_trials.hpp>

template class hewn::migrator<hewn::any::driver>;
