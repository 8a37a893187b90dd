// hewn/query/select/sorted_expression.hpp - what a query is sorted by.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/pieces/sort_term.hpp>
#include <hewn/query/pieces/sql_piece.hpp>

namespace hewn::detail {

/// One expression of ORDER BY.
template <class E, bool Descending, null_place Nulls, bool Null>
struct sorted_expression : expression_base {
  [[no_unique_address]] E inner;

  template <class... Outer>
  static constexpr bool nullable = is_nullable<E, Outer...>;

  static constexpr void write_pieces(piece_recorder& out) {
    out.put(sql_piece::kind::begin_order);
    E::write_pieces(out);
    out.end_order({Descending, Nulls, Null});
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    inner.bind(binder);
  }
};

template <class E, bool Descending, null_place Nulls, bool Null>
inline constexpr sort_term sort_term_of = make_sort_term<E>(Descending, Nulls, Null);

template <class E, bool Descending, null_place Nulls, bool Null>
inline constexpr const sort_term* sort_of<sorted_expression<E, Descending, Nulls, Null>> =
    &sort_term_of<E, Descending, Nulls, Null>;

}  // namespace hewn::detail
