// hewn/query/functions/window.hpp - values that are computed of the rows around each row.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/dialect.hpp>
#include <hewn/query/expressions/aggregate.hpp>
#include <hewn/query/expressions/arithmetic.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/functions/frame.hpp>
#include <hewn/query/functions/sort_parts.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// Which rows a window function looks at, and in which order.
template <class Parts, class Keys, class Frame>
class window {
 public:
  static constexpr bool may_be_empty = Frame::may_be_empty;

  constexpr window() = default;
  constexpr window(const Parts& parts, const Keys& keys, const Frame& frame)
      : parts_(parts), keys_(keys), frame_(frame) {}

  /// Sorts the rows of each partition, as the order_by() of a query does. Without a frame the
  /// function then sees the rows up to this one and those that sort like it.
  template <class... Key>
  constexpr auto order_by(const Key&... key) const {
    static_assert(Keys::size == 0,
                  "hewn: this window is sorted already; give all columns to one order_by()");
    if constexpr (explain_inner_order<Key...>()) {
      const auto keys = parts_of_window(as_inner_order(key)...);
      return window<Parts, std::remove_const_t<decltype(keys)>, Frame>(parts_, keys, frame_);
    } else {
      return *this;
    }
  }

  /// From one row to another, counted in rows: `rows(hewn::preceding(2), hewn::current_row)`.
  template <class From, class To>
  constexpr auto rows(const From& from, const To& to) const {
    return framed<frame_unit::rows>(from, to);
  }

  /// The same, with all rows that sort like the current one.
  template <class From, class To>
  constexpr auto range(const From& from, const To& to) const {
    return framed<frame_unit::range>(from, to);
  }

  /// The same, counted in groups of rows that sort alike.
  template <class From, class To>
  constexpr auto groups(const From& from, const To& to) const {
    return framed<frame_unit::groups>(from, to);
  }

  // ---- for the library

  static constexpr void write_pieces(piece_recorder& out) {
    if constexpr (Parts::size != 0) {
      out.text("PARTITION BY ");
      write_parts(out, static_cast<Parts*>(nullptr));
    }
    if constexpr (Keys::size != 0) {
      out.text(Parts::size != 0 ? " ORDER BY " : "ORDER BY ");
      write_parts(out, static_cast<Keys*>(nullptr));
    }
    if constexpr (Frame::is_written && Parts::size + Keys::size != 0) out.text(" ");
    Frame::write_pieces(out);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    parts_.bind(binder);
    keys_.bind(binder);
    frame_.bind(binder);
  }

 private:
  template <frame_unit Unit, class From, class To>
  constexpr auto framed(const From& from, const To& to) const {
    constexpr bool sorted = Unit != frame_unit::groups || Keys::size != 0;
    static_assert(sorted,
                  "hewn: groups() counts rows that sort alike, and this window has no order; call "
                  "order_by() before it");
    if constexpr (sorted && explain_frame<Unit, From, To>())
      return window<Parts, Keys, frame<Unit, From, To>>(parts_, keys_, {from, to});
    else
      return *this;
  }

  [[no_unique_address]] Parts parts_{};
  [[no_unique_address]] Keys keys_{};
  [[no_unique_address]] Frame frame_{};
};

/// What stands between the marks of a window.
template <class Call, class Window>
struct window_body {
  static constexpr void write_pieces(piece_recorder& out) {
    if constexpr (!Call::cast.empty()) out.only(dialect::postgres, "CAST(");
    Call::write_call(out);
    out.text(" OVER (");
    Window::write_pieces(out);
    out.text(")");
    if constexpr (!Call::cast.empty()) out.only(dialect::postgres, Call::cast);
  }
};

/// A function or an aggregate over a window.
template <class Call, class Window>
struct windowed : value_expression<windowed<Call, Window>, typename Call::value> {
  static constexpr bool is_wide = Call::is_wide;

  [[no_unique_address]] Call call;
  [[no_unique_address]] Window over;

  constexpr windowed(const Call& c, const Window& w) : call(c), over(w) {
    constexpr bool single = !has_window(pieces_of<window_body<Call, Window>>);
    static_assert(single,
                  "hewn: a window function takes no other one; compute the inner one in a derived "
                  "table");
  }

  template <class... Outer>
  static constexpr bool nullable = Call::template nullable_over<Window::may_be_empty, Outer...>;

  static constexpr void write_pieces(piece_recorder& out) {
    out.put(sql_piece::kind::begin_window);
    window_body<Call, Window>::write_pieces(out);
    out.put(sql_piece::kind::end_window);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    call.bind(binder);
    over.bind(binder);
  }
};

enum class window_function : std::uint8_t {
  row_number,
  rank,
  dense_rank,
  ntile,
  percent_rank,
  cume_dist,
  lag,
  lead,
  first_value,
  last_value,
  nth_value
};

constexpr std::string_view window_text(window_function f) {
  constexpr std::string_view texts[] = {"ROW_NUMBER(",   "RANK(",       "DENSE_RANK(", "NTILE(",
                                        "PERCENT_RANK(", "CUME_DIST(",  "LAG(",        "LEAD(",
                                        "FIRST_VALUE(",  "LAST_VALUE(", "NTH_VALUE("};
  return texts[static_cast<std::size_t>(f)];
}

/// When the result is NULL besides where the arguments are.
enum class window_null : std::uint8_t { never, with_value, without_row };

template <window_function F, class... Argument>
constexpr window_null null_of_window() {
  if (F <= window_function::cume_dist) return window_null::never;
  if (F == window_function::nth_value) return window_null::without_row;
  // With a default there is a value for rows that there are not.
  if (F == window_function::lag || F == window_function::lead)
    return sizeof...(Argument) == 3 ? window_null::with_value : window_null::without_row;
  return window_null::with_value;
}

template <class First, class...>
struct first_argument {
  using type = First;
};

/// A function that needs a window.
template <window_function F, class Value, class... Argument>
struct window_call : value_expression<window_call<F, Value, Argument...>, Value> {
  static constexpr std::string_view cast = F == window_function::ntile ? " AS bigint)" : "";
  static constexpr window_null null = null_of_window<F, Argument...>();
  static constexpr bool is_wide = [] {
    if constexpr (F <= window_function::cume_dist)
      return true;
    else
      return detail::is_wide<typename first_argument<Argument...>::type>();
  }();

  [[no_unique_address]] window_parts<Argument...> arguments;

  constexpr explicit window_call(const Argument&... a) : arguments(parts_of_window(a...)) {}

  template <class... Outer>
  static constexpr bool nullable = true;

  template <bool Empty, class... Outer>
  static constexpr bool nullable_over = null == window_null::without_row ||
                                        (null == window_null::with_value &&
                                         (Empty || (is_nullable<Argument, Outer...> || ...)));

  static constexpr void write_call(piece_recorder& out) {
    out.text(window_text(F));
    write_parts(out, static_cast<window_parts<Argument...>*>(nullptr));
    out.text(")");
  }

  static constexpr void write_pieces(piece_recorder& out) {
    out.put(sql_piece::kind::lacks_window);
    write_call(out);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    arguments.bind(binder);
  }

  /// For each row of the result, of the rows in its window.
  template <class Parts, class Keys, class Frame>
  constexpr auto over(const window<Parts, Keys, Frame>& w) const {
    return windowed<window_call, window<Parts, Keys, Frame>>(*this, w);
  }

  /// Of all rows of the result, in no order.
  constexpr auto over() const {
    return over(window<window_parts<>, window_parts<>, default_frame>());
  }
};

template <window_function F, class Value, class... Argument>
constexpr auto call_window(const Argument&... a) {
  return window_call<F, Value, Argument...>(a...);
}

// PostgreSQL counts rows in 32 bits there, and no row is further away.
inline constexpr std::int64_t last_row = std::numeric_limits<std::int32_t>::max();

template <std::int64_t Least>
constexpr auto counted_rows(std::int64_t count) {
  return row_distance<Least>(count > last_row ? last_row : count);
}

/// Another row by its distance, `count` rows away; then `otherwise` where there is no such row.
template <window_function F, class E, class... V>
constexpr auto call_distant(const E& e, std::int64_t count, const V&... otherwise) {
  return call_window<F, value_of<E>>(e, counted_rows<0>(count), operand<value_of<E>>(otherwise)...);
}

}  // namespace detail

/// A window: the rows of the result in which these expressions are as in this row.
template <detail::expression... E>
constexpr auto partition_by(const E&... e) {
  const auto parts = detail::parts_of_window(e...);
  return detail::window<std::remove_const_t<decltype(parts)>, detail::window_parts<>,
                        detail::default_frame>(parts, {}, {});
}

/// A window over all rows of the result in this order.
template <class... Key>
constexpr auto order_by(const Key&... key) {
  return partition_by().order_by(key...);
}

/// The number of the row in its partition, from 1 on, in the order of the window.
constexpr auto row_number() {
  return detail::call_window<detail::window_function::row_number, std::int64_t>();
}

/// 1 and the number of rows before those that sort like this one.
constexpr auto rank() { return detail::call_window<detail::window_function::rank, std::int64_t>(); }

/// The number of its group of rows that sort alike, from 1 on.
constexpr auto dense_rank() {
  return detail::call_window<detail::window_function::dense_rank, std::int64_t>();
}

/// Deals the rows of the partition out to `count` groups of nearly one size, numbered from 1 on.
/// Below 1: invalid_data when the query runs.
constexpr auto ntile(std::int64_t count) {
  return detail::call_window<detail::window_function::ntile, std::int64_t>(
      detail::counted_rows<1>(count));
}

/// (rank - 1) / (rows - 1), 0 for a single row.
constexpr auto percent_rank() {
  return detail::call_window<detail::window_function::percent_rank, double>();
}

/// Which part of the rows comes before this one or sorts like it.
constexpr auto cume_dist() {
  return detail::call_window<detail::window_function::cume_dist, double>();
}

/// The value in the row before this one, NULL where there is none.
template <detail::has_value E>
constexpr auto lag(const E& e) {
  return detail::call_window<detail::window_function::lag, detail::value_of<E>>(e);
}
/// The value `count` rows before this one, NULL where there is no such row.
template <detail::has_value E>
constexpr auto lag(const E& e, std::int64_t count) {
  return detail::call_distant<detail::window_function::lag>(e, count);
}
/// The same, `otherwise` where there is no such row.
template <detail::has_value E, class V>
constexpr auto lag(const E& e, std::int64_t count, const V& otherwise) {
  return detail::call_distant<detail::window_function::lag>(e, count, otherwise);
}

/// The value in the row behind this one, NULL where there is none.
template <detail::has_value E>
constexpr auto lead(const E& e) {
  return detail::call_window<detail::window_function::lead, detail::value_of<E>>(e);
}
/// The value `count` rows behind this one, NULL where there is no such row.
template <detail::has_value E>
constexpr auto lead(const E& e, std::int64_t count) {
  return detail::call_distant<detail::window_function::lead>(e, count);
}
/// The same, `otherwise` where there is no such row.
template <detail::has_value E, class V>
constexpr auto lead(const E& e, std::int64_t count, const V& otherwise) {
  return detail::call_distant<detail::window_function::lead>(e, count, otherwise);
}

/// The value in the first row of the frame.
template <detail::has_value E>
constexpr auto first_value(const E& e) {
  return detail::call_window<detail::window_function::first_value, detail::value_of<E>>(e);
}

/// The value in the last row of the frame. Without a frame that is this row or one that sorts like
/// it; for the last of the partition, end the frame with hewn::unbounded_following.
template <detail::has_value E>
constexpr auto last_value(const E& e) {
  return detail::call_window<detail::window_function::last_value, detail::value_of<E>>(e);
}

/// The value in row `number` of the frame, from 1 on; NULL where it has fewer. A number below 1 is
/// invalid_data when the query runs.
template <detail::has_value E>
constexpr auto nth_value(const E& e, std::int64_t number) {
  return detail::call_window<detail::window_function::nth_value, detail::value_of<E>>(
      e, detail::counted_rows<1>(number));
}

}  // namespace hewn
