// units/postgres_migrations.cpp - what a build compiles once of hewn, see
// hewn/unit/postgres_migrations.hpp.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/unit/postgres_migrations.hpp>
