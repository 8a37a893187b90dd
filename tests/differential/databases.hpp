// tests/differential/databases.hpp - generated queries on both databases, beside the reference.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "reference.hpp"

#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/plan/query_plan.hpp>
#include <hewn/schema/column_info.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>

namespace differential {

/// Runs a query on every population and compares the rows. A failure names the seed, the SQL of
/// both databases, the values and the rows.
void check(std::uint64_t seed, const hewn::detail::query_plan& plan,
           std::span<const hewn::column_info> columns, const reference_query& reference);

/// The same of a query that is no single SELECT.
void check(std::uint64_t seed, const hewn::detail::query_plan& plan,
           std::span<const hewn::column_info> columns,
           const std::function<reference_result(const population&)>& reference);

/// The same of a condition on things that was put together at run time.
void check(std::uint64_t seed, const hewn::condition<thing>& condition, const evaluated& reference);

/// How many results were compared, and in how many what a database does depends on it.
struct tally {
  int compared = 0;
  int failed_on_both = 0;
  int uncertain = 0;
};
tally& counted();

}  // namespace differential
