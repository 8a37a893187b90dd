// hewn/query/select/shape_request.hpp - what the verbs take for a query of shapes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace hewn::detail {

/// A hewn::shape_query, which only a program that includes <hewn/shapes.hpp> has.
template <class Q>
concept shape_request = requires {
  typename Q::shape_type;
};

}  // namespace hewn::detail
