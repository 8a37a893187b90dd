// hewn/functions.hpp - functions of expressions, for queries.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/functions/conditional.hpp>
#include <hewn/query/functions/json.hpp>
#include <hewn/query/functions/number.hpp>
#include <hewn/query/functions/string_agg.hpp>
#include <hewn/query/functions/text.hpp>
#include <hewn/query/functions/time.hpp>
#include <hewn/query/functions/window.hpp>
