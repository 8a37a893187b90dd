// What hewn::sqlite_compiled and //:sqlite_compiled add to a program.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sqlite_unit.hpp>
