// hewn/hewn.hpp - everything that does not depend on one database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

// First: compilers print how they came to a header, and most mistakes are found in these.
#include <hewn/reflect/record.hpp>
#include <hewn/schema/columns_of.hpp>
#include <hewn/schema/table_of.hpp>

#include <hewn/base/error.hpp>
#include <hewn/base/result.hpp>
#include <hewn/query/database.hpp>
#include <hewn/query/expressions/column.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/expressions/sql.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/verbs/act_for.hpp>
#include <hewn/query/verbs/session.hpp>
#include <hewn/schema/error_is.hpp>
#include <hewn/schema/table_declaration.hpp>
#include <hewn/sync/sync_structs.hpp>
#include <hewn/version.hpp>
