// units/postgres.cpp - what a build compiles once of hewn, see hewn/unit/postgres.hpp.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/unit/postgres.hpp>
