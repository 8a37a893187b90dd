// hewn/query/pieces/sort_term.hpp - one expression of an order, as plain data.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/types.hpp>

#include <span>

namespace hewn::detail {

/// How rows are sorted by one expression, as plain data.
struct sort_term {
  std::span<const sql_piece> pieces;
  bool descending = false;
  null_place nulls = null_place::smallest;
  bool null = false;      // it can be NULL
  bool has_type = false;  // `type` is known
  column_type type = column_type::int64;

  /// Whether NULLs come before all values in the order.
  constexpr bool nulls_first() const {
    return nulls == null_place::smallest ? !descending : nulls == null_place::first;
  }
};

template <class E>
consteval sort_term make_sort_term(bool descending, null_place nulls, bool null) {
  sort_term term{pieces_of<E>, descending, nulls, null};
  if constexpr (requires { typename E::value; }) {
    term.has_type = true;
    term.type = column_type_of<typename E::value>();
  }
  return term;
}

/// What an expression of ORDER BY is besides its text.
template <class E>
inline constexpr const sort_term* sort_of = nullptr;

}  // namespace hewn::detail
