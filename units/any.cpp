// units/any.cpp - what a build compiles once of hewn, see hewn/unit/any.hpp.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/unit/any.hpp>
