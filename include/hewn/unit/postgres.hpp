// hewn/unit/postgres.hpp - the definitions of the PostgreSQL driver.
// SPDX-License-Identifier: BSL-1.0
//
// For one source file of a program that defines HEWN_SEPARATE_COMPILATION everywhere; the file has
// nothing else in it. The targets of Bazel and CMake bring theirs.
#pragma once

#include <hewn/unit/check.hpp>

#define HEWN_UNIT_POSTGRES

#include <hewn/db/connection/driver.hpp>
#include <hewn/postgres.hpp>
#include <hewn/postgres/listen.hpp>

static_assert(hewn::detail::driver<hewn::postgres::driver>);
