// hewn/sync_json.hpp - plans and approvals as JSON files.
// SPDX-License-Identifier: BSL-1.0
//
// Needs nlohmann-json 3.11 or later.
#pragma once

#include <hewn/json/sync/approval.hpp>
#include <hewn/json/sync/plan.hpp>
#include <hewn/json/sync/plan_check.hpp>
