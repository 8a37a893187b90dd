// hewn/pages.hpp - queries page by page.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/pages/batches.hpp>
#include <hewn/query/pages/cursor.hpp>
#include <hewn/query/pages/find_page.hpp>
#include <hewn/query/pages/numbered_page.hpp>
