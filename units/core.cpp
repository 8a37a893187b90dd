// units/core.cpp - what a build compiles once of hewn, see hewn/unit/core.hpp.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/unit/core.hpp>
