// tests/differential/recursion.hpp - the rows of a query that reads itself.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "reference.hpp"
#include "rows.hpp"

#include <cstdint>
#include <functional>

namespace differential {

struct reference_recursion {
  std::function<reference_result(const population&)> first;
  reference_query step{};  // reads walks
  std::int64_t rows = 0;
  bool distinct = false;
};

/// Which rows are left out at the end is known only where those of the last step are alike.
enum class wanted_rows : std::uint8_t {
  all,
  depths  // which are the same in every row of a step
};

/// Keeps the rows as walks. False: they are not certain.
bool keep_walks(population& rows, const reference_recursion& query,
                wanted_rows wanted = wanted_rows::all);

}  // namespace differential
