// hewn/query/pieces/piece_recorder.hpp - how an expression becomes pieces.
// SPDX-License-Identifier: BSL-1.0
//
// What the databases are given differs, and functions stand in functions: were both halves of each
// kept in both halves of those around it, their number would double with every level.
#pragma once

#include <hewn/dialect/text/dialect.hpp>
#include <hewn/query/pieces/sql_piece.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hewn::detail {

/// Counts the pieces of an expression, and keeps them where there is room given for them.
///
/// What one database needs twice has its values once: to write an operand again, set `place` back
/// to where the operand began.
struct piece_recorder {
  using kind = sql_piece::kind;

  sql_piece* out = nullptr;
  std::size_t size = 0;
  std::size_t places = 0;  // for values, that there are; queries count besides, in the upper half
  std::size_t place = 0;   // the next one
  std::size_t last = 0;    // place behind the last one of the part that is written
  kind part = kind::text;  // what began it; text: there is none

  constexpr void put(sql_piece t) {
    constexpr std::size_t one_query = std::size_t{1} << 16;
    const std::size_t taken =
        detail::count_values(t) + (t.what == kind::query ? one_query : std::size_t{0});
    if (taken != 0) {
      if (place == places) {
        places += taken;
      } else {
        t.field = static_cast<std::uint8_t>(places - place);
        t.what = t.what == kind::query  ? kind::query_again
                 : t.what == kind::list ? kind::list_again
                                        : kind::again;
      }
      place += taken;
      if (place > last) last = place;
    }
    add(t);
  }
  constexpr void put(sql_piece::kind what) { put({.what = what}); }
  constexpr void text(std::string_view s) { add({.text = s}); }

  /// Whether what is for this database is left out, because it would stand in a part for the other.
  constexpr bool lacks(dialect d) const {
    return part == (d == dialect::sqlite ? kind::begin_postgres : kind::begin_sqlite);
  }
  constexpr void only(dialect d, std::string_view s) {
    if (!lacks(d)) add({.what = d == dialect::sqlite ? kind::sqlite : kind::postgres, .text = s});
  }
  /// For PostgreSQL alone, and left out of declarations, where a change of the text would be one of
  /// the schema.
  constexpr void query_only(std::string_view s) {
    if (!lacks(dialect::postgres)) add({.what = kind::postgres_query, .text = s});
  }
  constexpr void put(sql_piece::kind what, const source_ref& source) {
    put({.what = what, .source = &source});
  }
  /// What was written from `start` on is not NULL where an aggregate in it is.
  constexpr void settle_nulls(std::size_t start) {
    if (out == nullptr) return;
    for (std::size_t i = start; i != size; ++i)
      if (out[i].what == sql_piece::kind::end_aggregate) out[i].what = sql_piece::kind::end_count;
  }
  /// Whether there is an aggregate from `start` on that is NULL of no rows. Known once pieces are
  /// kept.
  constexpr bool has_null_of_none(std::size_t start) const {
    if (out != nullptr)
      for (std::size_t i = start; i != size; ++i)
        if (out[i].what == sql_piece::kind::end_aggregate) return true;
    return false;
  }
  constexpr void column(const source_ref& source, std::size_t field) {
    add({.what = sql_piece::kind::column,
         .field = static_cast<std::uint8_t>(field),
         .source = &source});
  }

 private:
  /// A piece that has no place.
  constexpr void add(const sql_piece& t) {
    if (out != nullptr) out[size] = t;
    ++size;
  }
};

/// What is written while it lives is for one database alone: `if (database_part p{out, d}) ...`.
///
/// A place counts on both databases, so each of them must be in the parts for both, and for SQLite,
/// which comes first, in their order. A part in a part for the other database is left out; the
/// places of it are those of its twin. Behind a part `place` is behind the last of them.
class database_part {
 public:
  constexpr database_part(piece_recorder& out, dialect d)
      : out_(out), written_(!out.lacks(d)), inner_(out.part != kind::text), last_(out.last) {
    if (!written_) return;
    out_.last = out_.place;
    if (inner_) return;
    out_.part = d == dialect::sqlite ? kind::begin_sqlite : kind::begin_postgres;
    out_.put(out_.part);
  }
  database_part(const database_part&) = delete;
  database_part& operator=(const database_part&) = delete;
  constexpr ~database_part() {
    if (!written_) return;
    out_.place = out_.last;
    if (out_.last < last_) out_.last = last_;
    if (inner_) return;
    out_.put(kind::end_only);
    out_.part = kind::text;
  }

  constexpr explicit operator bool() const { return written_; }

 private:
  using kind = sql_piece::kind;

  piece_recorder& out_;
  bool written_;
  bool inner_;  // its markers are those of the part around it
  std::size_t last_;
};

// Of functions and not of types, so that a compiler makes them once.

consteval std::size_t count_pieces(void (*write)(piece_recorder&)) {
  piece_recorder counter;
  write(counter);
  return counter.size;
}

template <std::size_t Count>
consteval std::array<sql_piece, Count> record_pieces(void (*write)(piece_recorder&)) {
  std::array<sql_piece, Count> pieces{};
  piece_recorder recorder{pieces.data()};
  write(recorder);
  return pieces;
}

/// An expression whose type is its form, as SQL.
template <class E>
inline constexpr auto pieces_of = record_pieces<count_pieces(&E::write_pieces)>(&E::write_pieces);

/// The same of an expression's type.
template <class E, class... Tables>
consteval bool is_within() {
  if constexpr (requires { E::template within<Tables...>(); })
    return E::template within<Tables...>();
  else
    return names_only(pieces_of<E>, ids_of<Tables...>);
}

}  // namespace hewn::detail
