// tests/differential/windows.hpp - what window functions are of the rows around a row.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "reference.hpp"

#include <hewn/query/functions/frame.hpp>
#include <hewn/query/functions/window.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace differential {

struct reference_frame {
  hewn::detail::frame_unit unit = hewn::detail::frame_unit::range;
  hewn::detail::frame_bound from = hewn::detail::frame_bound::unbounded_preceding;
  std::int64_t before = 0;  // how far the first row is away
  hewn::detail::frame_bound to = hewn::detail::frame_bound::current_row;
  std::int64_t behind = 0;
};

struct reference_window {
  std::vector<evaluated> partition{};
  std::vector<reference_order> orders{};
  reference_frame frame{};
};

/// A window function with its arguments, which are computed for the row that it finds.
struct reference_call {
  hewn::detail::window_function function;
  std::optional<evaluated> value{};
  std::int64_t count = 1;
  std::optional<evaluated> otherwise{};
};

cell value_over(const reference_window& window, const reference_call& call, const scope& s);

/// An aggregate of the rows of the frame.
cell value_over(const reference_window& window, const evaluated& aggregate, const scope& s);

/// The texts of the rows of a group that are not NULL, in an order.
cell joined_texts(const evaluated& value, std::string_view between,
                  const std::vector<reference_order>& orders, const scope& s);

}  // namespace differential
