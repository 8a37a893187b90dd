// hewn/watch.hpp - counting statements: N+1 queries, and tests of how many something runs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/inspect/expect_statements.hpp>
#include <hewn/query/inspect/repeat_watch.hpp>
