// hewn/query/pieces/sort_term.hpp - one expression of an order, as plain data.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/types.hpp>

#include <span>

namespace hewn::detail {

/// How rows are sorted by one expression.
struct sort_way {
  bool descending = false;
  null_place nulls = null_place::smallest;
  bool null = false;      // it can be NULL, as far as types tell
  bool has_type = false;  // `type` is known
  column_type type = column_type::int64;

  /// Whether NULLs come before all values in the order.
  constexpr bool nulls_first() const {
    return nulls == null_place::smallest ? !descending : nulls == null_place::first;
  }

  /// What the text of an order follows from.
  constexpr unsigned code() const {
    return (descending ? 1u : 0u) + (null ? 2u : 0u) + 4 * static_cast<unsigned>(nulls);
  }
};

template <class E>
consteval sort_way make_sort_way(bool descending, null_place nulls, bool null) {
  sort_way way{descending, nulls, null};
  if constexpr (requires { typename E::value; }) {
    way.has_type = true;
    way.type = column_type_of<typename E::value>();
  }
  return way;
}

/// One expression of an order, as plain data.
struct sort_term : sort_way {
  std::span<const sql_piece> pieces;
};

}  // namespace hewn::detail
