// units/sqlite.cpp - what a build compiles once of hewn, see hewn/unit/sqlite.hpp.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/unit/sqlite.hpp>
