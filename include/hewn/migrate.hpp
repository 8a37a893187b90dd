// hewn/migrate.hpp - versioned migrations, from files and in C++.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/migrate/expect.hpp>
#include <hewn/migrate/files/folder.hpp>
#include <hewn/migrate/files/write_drafts.hpp>
#include <hewn/migrate/plan_migration.hpp>
#include <hewn/migrate/run/migrator.hpp>
#include <hewn/migrate/schema_hash.hpp>
#include <hewn/migrate/struct_migration.hpp>
