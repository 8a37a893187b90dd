// units/any_migrations.cpp - what a build compiles once of hewn, see hewn/unit/any_migrations.hpp.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/unit/any_migrations.hpp>
