// hewn/verify.hpp - looking at queries without running them: their SQL, their plan, their fit.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/inspect/changed_rows.hpp>
#include <hewn/query/inspect/explain.hpp>
#include <hewn/query/inspect/named_query.hpp>
#include <hewn/query/inspect/plan_guards.hpp>
#include <hewn/query/inspect/to_sql.hpp>
#include <hewn/query/inspect/verify.hpp>
