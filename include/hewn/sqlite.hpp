// hewn/sqlite.hpp - everything a program needs to keep structs in SQLite.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/hewn.hpp>
#include <hewn/sqlite/open.hpp>
