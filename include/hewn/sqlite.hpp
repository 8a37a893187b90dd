// hewn/sqlite.hpp - everything a program needs to keep structs in SQLite.
// SPDX-License-Identifier: BSL-1.0
//
// A source file that only reads and writes rows may include <hewn/sqlite/open.hpp> instead: it is
// the same without sync and migrations, and compiles faster.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/hewn.hpp>
#include <hewn/sqlite/open.hpp>

#if HEWN_DEFINES_SQLITE
#  include <hewn/sqlite/schema/schema_executor.hpp>
#endif
