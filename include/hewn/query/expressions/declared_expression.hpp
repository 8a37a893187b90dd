// hewn/query/expressions/declared_expression.hpp - an expression in the declaration of a table.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/schema/clause.hpp>

#include <span>

namespace hewn::detail {

// Writes the pieces of an expression into a declaration, where its values are literals.
struct literal_binder {
  clause_writer& out;
  const sql_piece* next;
  const sql_piece* end;

  constexpr void write_text() {
    for (; next != end && !is_value(*next); ++next) {
      switch (next->what) {
        case sql_piece::kind::text:
          out.text(next->text);
          break;
        case sql_piece::kind::column:
          out.column_of(next->source->signature, next->field);
          break;
        case sql_piece::kind::same:
          out.text(" IS ");
          break;
        case sql_piece::kind::differs:
          out.text(" IS NOT ");
          break;
        default:
          break;
      }
    }
  }

  template <class F>
  constexpr void value(const F& v) {
    write_text();
    ++next;
    literal_of<F>{v}.write(out);
  }
};

/// Whether an expression can stand in a declaration, which is one text for all databases and about
/// one row.
constexpr bool is_declarable(std::span<const sql_piece> pieces) {
  using kind = sql_piece::kind;
  for (const sql_piece& p : pieces)
    if (p.what != kind::text && p.what != kind::column && p.what != kind::same &&
        p.what != kind::differs && p.what != kind::computed && p.what != kind::postgres_query &&
        !is_value(p))
      return false;
  return true;
}

template <static_expression E>
constexpr void write_clause(clause_writer& out, const E& e) {
  constexpr auto& pieces = pieces_of<E>;
  constexpr bool declarable = is_declarable(pieces);
  static_assert(declarable,
                "hewn: a declaration compares and computes with columns of its own row, and takes "
                "no query, window, aggregate, list or function; write such a thing as SQL in "
                "quotes");
  if constexpr (declarable) {
    literal_binder binder{out, pieces.data(), pieces.data() + pieces.size()};
    e.bind(binder);
    binder.write_text();
  }
}

}  // namespace hewn::detail
