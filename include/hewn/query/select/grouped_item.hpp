// hewn/query/select/grouped_item.hpp - grouped expressions with values of the program, said again.
// SPDX-License-Identifier: BSL-1.0
//
// `group_by(col<&T::n> / 10)` and `select(col<&T::n> / 10, ...)` bind 10 twice, and PostgreSQL does
// not know that the two places are one: what is said again names the places of the group.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/held_value.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/piece_walk.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/query/plan/group_check.hpp>
#include <hewn/query/plan/query_data.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hewn::detail {

constexpr bool has_values(std::span<const sql_piece> pieces) {
  for (const sql_piece& p : each_of(pieces))
    if (count_values(p) != 0) return true;
  return false;
}

/// A group with values, said again.
struct group_said {
  std::size_t group;
  std::size_t size;  // how many pieces it is here; 0: what comes next is none
};

/// The group with values that comes next. In an aggregate none does, because what that is taken of
/// is no value of the group.
constexpr group_said find_group(const piece_walk& at, piece_lists groups) {
  if (at.aggregates != 0) return {0, 0};
  for (std::size_t i = 0; i != groups.size(); ++i)
    if (has_values(groups[i]))
      if (const std::size_t size = size_of_group(at, groups[i]); size != 0) return {i, size};
  return {0, 0};
}

constexpr bool repeats_group(std::span<const sql_piece> pieces, piece_lists groups) {
  for (piece_walk at{pieces}; !at.ended(); at.step())
    if (find_group(at, groups).size != 0) return true;
  return false;
}

HEWN_API bool is_same_value(const held_value& a, const std::string* texts_of_a, const held_value& b,
                            const std::string* texts_of_b);

/// Finds the values of each group.
HEWN_API void find_group_values(const query_plan& plan, const held_value** groups);

/// Whether two groups differ in nothing but their values, so that none of them could be said again.
constexpr bool has_like_groups(piece_lists groups) {
  for (std::size_t i = 0; i != groups.size(); ++i)
    for (std::size_t j = 0; j != i; ++j)
      if (has_values(groups[i]) && are_same(groups[i], groups[j])) return true;
  return false;
}

template <class Groups>
consteval bool explain_like_groups() {
  constexpr bool unlike = !has_like_groups(Groups::all);
  static_assert(unlike,
                "hewn: group_by() has two expressions that differ in nothing but their values; "
                "select() one of them in a query of its own, and group by its column");
  return unlike;
}

/// Whether an order that was given before the groups has one of them, whose place it cannot name.
constexpr bool repeats_any_group(piece_lists orders, piece_lists groups) {
  for (const auto& order : orders)
    if (repeats_group(order, groups)) return true;
  return false;
}

template <class Groups, class Orders>
consteval bool explain_group_before_order() {
  constexpr bool before = !repeats_any_group(Orders::all, Groups::all);
  static_assert(before,
                "hewn: order_by() names an expression with a value of the program before it is "
                "grouped, so that it would be another expression; write group_by() before "
                "order_by()");
  return before;
}

/// Throws: usage, because a group has another value here than in group_by().
[[noreturn]] HEWN_API void fail_other_group();

/// Which value of which group stands at a place; of none where `group` is 0, else from 1 on.
struct group_place {
  std::uint8_t group = 0;
  std::uint8_t value = 0;
};

/// Compares the values of what is said again with those of the groups, and passes the others on.
template <class Taker>
struct group_taker {
  Taker& taker;
  std::span<const group_place> places;
  const held_value* const* groups;
  const std::string* texts;  // of the groups
  std::size_t next = 0;

  template <class F>
  constexpr void value(const F& v) {
    if (const group_place& place = places[next++]; place.group == 0)
      taker.value(v);
    else
      compare(place, [&](auto& to) { to.value(v); });
  }
  void list(std::string_view json) {
    if (const group_place& place = places[next++]; place.group == 0)
      taker.list(json);
    else
      compare(place, [&](auto& to) { to.list(json); });
  }
  constexpr void count(std::int64_t rows) {
    ++next;
    taker.count(rows);
  }
  // A value that is refused is so in the group too, which says it when the query runs.
  template <class Problem>
  constexpr void refuse(Problem p) {
    if (const group_place& place = places[next++]; place.group == 0)
      taker.refuse(p);
    else if (said(place).what != held_value::kind::refused)
      fail_other_group();
  }
  template <class Data>
  constexpr void query(const Data& data) {
    next += Data::value_count;
    taker.query(data);
  }

 private:
  constexpr const held_value& said(const group_place& place) const {
    return groups[place.group - 1][place.value];
  }

  template <class Take>
  constexpr void compare(const group_place& place, Take take) {
    held_value again{};
    std::string text;
    value_taker to{&again, &text, nullptr};
    take(to);
    if (!is_same_value(again, &text, said(place), texts)) fail_other_group();
  }
};

template <class E, class Groups>
struct grouped_item : around<E> {
  static constexpr bool checks_values = true;
  static constexpr std::span<const sql_piece> all{pieces_of<E>};

  const held_value* const* values;
  const std::string* texts;

  constexpr grouped_item(const E& e, const held_value* const* of_groups, const std::string* kept)
      : around<E>(e), values(of_groups), texts(kept) {}

  template <class... Outer>
  static constexpr bool nullable = is_nullable<E, Outer...>;

  static constexpr void write_pieces(piece_recorder& out) {
    for (piece_walk at{all}; !at.ended();) {
      const group_said again = find_group(at, Groups::all);
      if (again.size == 0) {
        out.put(without_groups(at));
        at.step();
      } else {
        out.put({.what = sql_piece::kind::group, .field = static_cast<std::uint8_t>(again.group)});
        at.skip(again.size);
      }
    }
  }

  /// Of each value.
  static constexpr auto group_places = [] {
    std::array<group_place, query_part{query_word::value, all, nullptr}.values()> found{};
    for (piece_walk at{all}; !at.ended();) {
      const group_said again = find_group(at, Groups::all);
      const std::size_t first = at.places;
      at.skip(again.size == 0 ? 1 : again.size);
      for (std::size_t i = first; again.size != 0 && i != at.places; ++i)
        found[i] = {static_cast<std::uint8_t>(again.group + 1),
                    static_cast<std::uint8_t>(i - first)};
    }
    return found;
  }();

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    group_taker<Binder> taker{binder, group_places, values, texts};
    around<E>::bind(taker);
  }

 private:
  /// A piece beside groups. One that names a place counts back to it, and the values of groups have
  /// none here.
  static constexpr sql_piece without_groups(const piece_walk& at) {
    sql_piece p = at.piece();
    if (names_place(p))
      for (std::size_t i = at.places - at.piece().field; i != at.places; ++i)
        if (group_places[i].group != 0) --p.field;
    return p;
  }
};

/// The values of each group.
template <std::size_t Groups>
struct group_values {
  const held_value* values[Groups];
  const std::string* texts;
};

template <std::size_t Groups, class Data>
HEWN_INLINE constexpr auto group_values_of(const Data& data) {
  group_values<Groups> found{{}, data.texts};
  find_group_values(data.plan(nullptr), found.values);
  return found;
}

/// The item, or what says its groups again.
template <class Groups, std::size_t Count, class E>
HEWN_INLINE constexpr auto said_again(const group_values<Count>& groups, const E& e) {
  if constexpr (repeats_group(pieces_of<E>, Groups::all))
    return grouped_item<E, Groups>(e, groups.values, groups.texts);
  else
    return e;
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/error.hpp>

#  include <cstring>

namespace hewn::detail {

HEWN_API bool is_same_value(const held_value& a, const std::string* texts_of_a, const held_value& b,
                            const std::string* texts_of_b) {
  using kind = held_value::kind;
  if (a.what != b.what) return false;
  switch (a.what) {
    case kind::text:
    case kind::blob:
    case kind::list:
    case kind::vector:
      return a.text_in(texts_of_a) == b.text_in(texts_of_b);
    case kind::uuid:
      return std::memcmp(a.uuid, b.uuid, sizeof(a.uuid)) == 0;
    default:
      return a.number == b.number;
  }
}

HEWN_API void find_group_values(const query_plan& plan, const held_value** groups) {
  std::size_t before = 0;
  for (std::size_t i = 0; i != plan.steps.size();) {
    for (const query_part& part : *plan.steps[i++]) {
      if (part.word == query_word::group_by) *groups++ = plan.values.data() + before;
      before += part.values();
      i += part.inner_steps();
    }
  }
}

HEWN_API void fail_other_group() {
  throw error(errc::usage,
              "hewn: a grouped expression has another value in select(), having() or order_by() "
              "than in group_by(); give both the same value");
}

}  // namespace hewn::detail

#endif
