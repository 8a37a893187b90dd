// hewn/query/functions/frame.hpp - which rows around a row a window function looks at.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/values/driver_answers.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>

#include <cstdint>
#include <string_view>

namespace hewn {
namespace detail {

/// A number of rows. One below `Least` is refused where it is bound, before the database says so.
template <std::int64_t Least>
struct row_distance : bound<std::int64_t> {
  using bound::bound;

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    if (held < Least) [[unlikely]]
      return binder.refuse(value_problem::below_least);
    bound<std::int64_t>::bind(binder);
  }
};

/// In the order in which they may stand.
enum class frame_bound : std::uint8_t {
  unbounded_preceding,
  preceding,
  current_row,
  following,
  unbounded_following
};

/// One end of a frame.
template <frame_bound Bound>
struct frame_end : expression_base {
  static constexpr frame_bound bound = Bound;
  static constexpr bool has_distance = false;

  static constexpr void write_pieces(piece_recorder& out) {
    constexpr std::string_view texts[] = {"UNBOUNDED PRECEDING", "", "CURRENT ROW", "",
                                          "UNBOUNDED FOLLOWING"};
    out.text(texts[static_cast<std::uint8_t>(Bound)]);
  }
  template <class Binder>
  constexpr void bind(Binder&) const {}
};

template <frame_bound Bound>
struct distant_frame_end : row_distance<0> {
  static constexpr frame_bound bound = Bound;
  static constexpr bool has_distance = true;

  using row_distance::row_distance;

  static constexpr void write_pieces(piece_recorder& out) {
    row_distance::write_pieces(out);
    out.text(Bound == frame_bound::preceding ? " PRECEDING" : " FOLLOWING");
  }
};

template <class End>
concept frame_limit = requires {
  End::bound;
  End::has_distance;
};

enum class frame_unit : std::uint8_t { rows, range, groups };

/// From the first row of the partition to the last one that sorts like this row.
struct default_frame {
  static constexpr bool is_written = false;
  static constexpr bool may_be_empty = false;

  static constexpr void write_pieces(piece_recorder&) {}
  template <class Binder>
  constexpr void bind(Binder&) const {}
};

template <frame_unit Unit, class From, class To>
struct frame {
  static constexpr bool is_written = true;
  // Where this row is in it, there is one.
  static constexpr bool may_be_empty =
      From::bound > frame_bound::current_row || To::bound < frame_bound::current_row;

  [[no_unique_address]] From from;
  [[no_unique_address]] To to;

  static constexpr void write_pieces(piece_recorder& out) {
    constexpr std::string_view texts[] = {"ROWS BETWEEN ", "RANGE BETWEEN ", "GROUPS BETWEEN "};
    out.text(texts[static_cast<std::uint8_t>(Unit)]);
    From::write_pieces(out);
    out.text(" AND ");
    To::write_pieces(out);
  }
  template <class Binder>
  constexpr void bind(Binder& binder) const {
    from.bind(binder);
    to.bind(binder);
  }
};

/// Whether a frame from the one to the other is one.
template <frame_unit Unit, class From, class To>
consteval bool explain_frame() {
  constexpr bool ends = frame_limit<From> && frame_limit<To>;
  static_assert(ends,
                "hewn: a frame goes from one of hewn::unbounded_preceding, hewn::preceding(n), "
                "hewn::current_row, hewn::following(n) and hewn::unbounded_following to another; "
                "write rows(hewn::preceding(2), hewn::current_row)");
  if constexpr (ends) {
    constexpr bool forward = From::bound <= To::bound &&
                             From::bound != frame_bound::unbounded_following &&
                             To::bound != frame_bound::unbounded_preceding;
    static_assert(forward, "hewn: this frame ends before it starts; give its first row first");
    constexpr bool counted =
        Unit != frame_unit::range || (!From::has_distance && !To::has_distance);
    static_assert(counted,
                  "hewn: range() has no distances, which the databases measure in other ways; "
                  "count rows by rows(), or rows that sort alike by groups()");
    return forward && counted;
  }
  return ends;
}

}  // namespace detail

/// The first row of the partition.
inline constexpr detail::frame_end<detail::frame_bound::unbounded_preceding> unbounded_preceding{};
/// The row itself; in range() and groups() all rows that sort like it.
inline constexpr detail::frame_end<detail::frame_bound::current_row> current_row{};
/// The last row of the partition.
inline constexpr detail::frame_end<detail::frame_bound::unbounded_following> unbounded_following{};

/// So many rows, or groups of rows that sort alike, before the row. Negative: invalid_data when the
/// query runs.
constexpr auto preceding(std::int64_t count) {
  return detail::distant_frame_end<detail::frame_bound::preceding>(count);
}

/// So many behind it.
constexpr auto following(std::int64_t count) {
  return detail::distant_frame_end<detail::frame_bound::following>(count);
}

}  // namespace hewn
