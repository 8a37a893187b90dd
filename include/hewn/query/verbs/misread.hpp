// hewn/query/verbs/misread.hpp - what the verbs that read are given and do not take.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/select/shape_request.hpp>

#include <concepts>
#include <optional>
#include <vector>

namespace hewn::detail {

/// A query with a name, or raw SQL with one; see hewn::named_query.
template <class Q>
concept named_request = requires {
  typename Q::parameter_types;
  typename Q::result_type;
  Q::name();
};

/// Whether it is a named query, or a shape with something behind it.
template <class Query, class... Values>
concept misread = named_request<Query> ||(shape_request<Query> && sizeof...(Values) == 1 &&
                                          (!std::convertible_to<const Values&, call_site> && ...));

enum class misread_rows : unsigned char { many, optional, one };

/// Says what is wrong, and returns what nothing else is wrong with.
template <misread_rows Rows, class Query>
constexpr auto explain_misread() {
  if constexpr (shape_request<Query>) {
    using S = typename Query::shape_type;
    static_assert(!shape_request<Query>,
                  "hewn: all(), each(), first() and one() of a shape take no key; write "
                  "get(hewn::shape<S>, key), or hewn::shape<S>.where(...)");
    if constexpr (Rows == misread_rows::many)
      return std::vector<S>();
    else if constexpr (Rows == misread_rows::optional)
      return std::optional<S>();
    else
      return S{};
  } else {
    static_assert(shape_request<Query>,
                  "hewn: a named query is called with the session and its values; write name(db, "
                  "value), or db.all(name.with(value)) for another verb");
    return typename Query::result_type{};
  }
}

}  // namespace hewn::detail
