// hewn/postgres.hpp - everything a program needs to keep structs in PostgreSQL.
// SPDX-License-Identifier: BSL-1.0
//
// A source file that only reads and writes rows may include <hewn/postgres/open.hpp> instead: it is
// the same without sync, and compiles faster.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/hewn.hpp>
#include <hewn/postgres/in_doubt.hpp>
#include <hewn/postgres/open.hpp>
#include <hewn/postgres/pool.hpp>

#if HEWN_DEFINES_POSTGRES
#  include <hewn/postgres/schema/schema_executor.hpp>
#endif
