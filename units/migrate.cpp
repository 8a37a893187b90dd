// units/migrate.cpp - what a build compiles once of hewn, see hewn/unit/migrate.hpp.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/unit/migrate.hpp>
