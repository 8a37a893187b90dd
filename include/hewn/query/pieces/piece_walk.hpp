// hewn/query/pieces/piece_walk.hpp - finds an expression among the pieces of another.
// SPDX-License-Identifier: BSL-1.0
//
// An expression of GROUP BY stands for itself there. In a function it may stand in the part for one
// database, which has of its parts only the one for that database, or behind places that it shares
// with what stands there already.
#pragma once

#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/pieces/sql_piece.hpp>

#include <cstddef>
#include <span>

namespace hewn::detail {

/// A way through pieces from the first to the last.
struct piece_walk {
  using kind = sql_piece::kind;

  std::span<const sql_piece> pieces;
  std::size_t next = 0;
  std::size_t places = 0;  // of the pieces before
  kind part = kind::text;  // what began the part for one database; text: there is none
  int aggregates = 0;      // around the next piece

  constexpr bool ended() const { return next == pieces.size(); }
  constexpr const sql_piece& piece() const { return pieces[next]; }

  /// Whether the piece has a place for a value, or names one that is there already.
  constexpr bool has_place() const {
    return is_value(piece()) || piece().what == kind::list || is_again();
  }
  constexpr std::size_t place() const { return is_again() ? places - piece().field : places; }

  constexpr void skip(std::size_t count) {
    for (; count != 0; --count) step();
  }
  constexpr void step() {
    const sql_piece& p = pieces[next++];
    places += count_values(p);
    if (p.what == kind::begin_sqlite || p.what == kind::begin_postgres) part = p.what;
    if (p.what == kind::end_only) part = kind::text;
    aggregates += p.what == kind::begin_aggregate;
    aggregates -= p.what == kind::end_aggregate || p.what == kind::end_count;
  }

 private:
  constexpr bool is_again() const {
    return piece().what == kind::again || piece().what == kind::list_again;
  }
};

/// Whether a part that began so has nothing of a piece that stands outside of parts.
constexpr bool lacks_piece(sql_piece::kind part, const piece_walk& at) {
  using kind = sql_piece::kind;
  const kind what = at.piece().what;
  if (part == kind::text) return false;
  if (is_part_of_database(at.piece())) return true;
  if (at.part != kind::text) return at.part != part;
  return what == (part == kind::begin_sqlite ? kind::postgres : kind::sqlite) ||
         (what == kind::postgres_query && part == kind::begin_sqlite);
}

/// Whether two pieces are the same but for the places of values, which are compared from those on
/// at which each expression begins.
constexpr bool is_same_said(const piece_walk& a, std::size_t first_a, const piece_walk& b,
                            std::size_t first_b) {
  using kind = sql_piece::kind;
  if (!a.has_place() || !b.has_place()) return same_piece(a.piece(), b.piece());
  const auto is_list = [](const sql_piece& p) {
    return p.what == kind::list || p.what == kind::list_again;
  };
  const bool new_places = count_values(a.piece()) != 0 && count_values(b.piece()) != 0;
  if (new_places && a.piece().what != b.piece().what) return false;
  return is_list(a.piece()) == is_list(b.piece()) && a.place() - first_a == b.place() - first_b;
}

/// How many pieces from here on are the group; 0 where it is another expression.
constexpr std::size_t size_of_group(const piece_walk& from, std::span<const sql_piece> group) {
  piece_walk at = from;
  piece_walk said{group};
  bool placed = false;
  std::size_t first = 0;  // place here of the group's first
  for (; !said.ended(); said.step()) {
    if (lacks_piece(from.part, said)) continue;
    if (at.ended()) return 0;
    if (at.has_place() && said.has_place() && !placed) {
      placed = true;
      first = at.place() - said.place();
    }
    if (!is_same_said(at, first, said, 0)) return 0;
    at.step();
  }
  return at.next - from.next;
}

}  // namespace hewn::detail
