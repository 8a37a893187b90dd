// hewn/unit/any.hpp - the definitions of the choice of a database when the program runs.
// SPDX-License-Identifier: BSL-1.0
//
// For one source file of a program that defines HEWN_SEPARATE_COMPILATION everywhere; the file has
// nothing else in it. The targets of Bazel and CMake bring theirs.
#pragma once

#include <hewn/unit/check.hpp>

#define HEWN_UNIT_ANY

#include <hewn/any.hpp>
#include <hewn/any/pool.hpp>
#include <hewn/db/connection/driver.hpp>

static_assert(hewn::detail::driver<hewn::any::driver>);
