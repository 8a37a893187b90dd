// tests/differential/windows_test.cpp - generated windows, and aggregates of some of the rows.
// SPDX-License-Identifier: BSL-1.0
#include "windows.hpp"
#include "cases.hpp"
#include "queries.hpp"

#include <hewn/query/functions/string_agg.hpp>

#include <catch2/catch_test_macros.hpp>

#include <vector>

namespace differential {
namespace {

using hewn::detail::frame_bound;
using hewn::detail::frame_unit;
using hewn::detail::window_function;
using shape = result_shape<false, present<thing>>;

constexpr tables t = tables::things;

template <std::uint64_t Seed>
auto make_partition() {
  constexpr std::uint64_t l = mix(Seed, 1) % 16;
  if constexpr (Seed % 4 == 0)
    return columns<t>::truths::template pick<l>();
  else if constexpr (Seed % 4 == 1)
    return make_text<t, l, 0>();
  else if constexpr (Seed % 4 == 2)
    return columns<t>::days::template pick<l>();
  else
    return make_integer<t, l, 0>() - make_integer<t, l / 2, 0>();
}

/// The place of a row, by its number and by its value.
struct place_case {
  template <std::uint64_t Seed>
  static void run() {
    using number = window_function;
    const auto part = make_partition<mix(Seed, 2)>();
    const auto key = sorted_by<mix(Seed, 3)>(make_text<t, mix(Seed, 4) % 16, 0>());
    const auto last = sorted_by<mix(Seed, 5)>(col<&thing::id>);
    const auto w = hewn::partition_by(part).order_by(key);
    const auto total = hewn::partition_by(part).order_by(key, last);
    const reference_window some{{forget(part)}, {order_of_key(key)}};
    const reference_window all{{forget(part)}, {order_of_key(key), order_of_key(last)}};
    const auto over = [](const auto& e, const reference_window& window, reference_call call) {
      return meaning_of(e, [&window, call](const scope& s) { return value_over(window, call, s); });
    };
    const auto tiles = static_cast<std::int64_t>(1 + Seed % 4);
    check_selected<shape>(Seed, hewn::from<thing>, {}, col<&thing::id>,
                          over(hewn::row_number().over(total), all, {number::row_number}),
                          over(hewn::rank().over(w), some, {number::rank}),
                          over(hewn::dense_rank().over(w), some, {number::dense_rank}),
                          over(hewn::percent_rank().over(w), some, {number::percent_rank}),
                          over(hewn::cume_dist().over(w), some, {number::cume_dist}),
                          over(hewn::ntile(tiles).over(total), all, {number::ntile, {}, tiles}));
  }
};

/// Values of other rows.
struct other_row_case {
  template <std::uint64_t Seed>
  static void run() {
    const auto condition = make_condition<t, mix(Seed, 6), 1>();
    const auto part = make_partition<mix(Seed, 7)>();
    const auto key = sorted_by<mix(Seed, 8)>(make_real<t, mix(Seed, 9) % 16, 0>());
    const auto last = col<&thing::id>.asc();
    const auto window = hewn::partition_by(part).order_by(key, last);
    const reference_window all{{forget(part)}, {order_of_key(key), order_of_key(last)}};
    const auto value = make_text<t, mix(Seed, 10), 1>();
    const auto count = static_cast<std::int64_t>(Seed % 4);
    const auto over = [&](const auto& e, window_function f) {
      return meaning_of(e, [&all, f, away = count, argument = forget(value)](const scope& s) {
        return value_over(all, {f, argument, away}, s);
      });
    };
    check_selected<shape>(Seed, hewn::from<thing>.where(condition), {.where = {forget(condition)}},
                          col<&thing::id>,
                          over(hewn::lag(value, count).over(window), window_function::lag),
                          over(hewn::lead(value, count).over(window), window_function::lead),
                          over(hewn::first_value(value).over(window), window_function::first_value),
                          over(hewn::last_value(value).over(window), window_function::last_value));
  }
};

constexpr frame_bound bound_of(std::uint64_t seed) { return static_cast<frame_bound>(seed % 5); }

template <frame_bound Bound>
auto make_bound(std::int64_t distance) {
  if constexpr (Bound == frame_bound::unbounded_preceding)
    return hewn::unbounded_preceding;
  else if constexpr (Bound == frame_bound::preceding)
    return hewn::preceding(distance);
  else if constexpr (Bound == frame_bound::current_row)
    return hewn::current_row;
  else if constexpr (Bound == frame_bound::following)
    return hewn::following(distance);
  else
    return hewn::unbounded_following;
}

template <frame_unit Unit, class Window, class From, class To>
auto framed(const Window& w, const From& from, const To& to) {
  if constexpr (Unit == frame_unit::rows)
    return w.rows(from, to);
  else if constexpr (Unit == frame_unit::range)
    return w.range(from, to);
  else
    return w.groups(from, to);
}

/// Aggregates of frames.
struct frame_case {
  template <std::uint64_t Seed>
  static void run() {
    constexpr auto unit = static_cast<frame_unit>(mix(Seed, 11) % 3);
    constexpr frame_bound one = bound_of(mix(Seed, 12)), two = bound_of(mix(Seed, 13));
    constexpr bool ranged = unit == frame_unit::range;
    // From the earlier to the later; a range has no distances.
    constexpr frame_bound from = [] {
      const frame_bound b = one < two ? one : two;
      if (b == frame_bound::unbounded_following) return frame_bound::current_row;
      return ranged && b != frame_bound::unbounded_preceding ? frame_bound::current_row : b;
    }();
    constexpr frame_bound to = [] {
      const frame_bound b = one < two ? two : one;
      if (b == frame_bound::unbounded_preceding) return frame_bound::current_row;
      if (!ranged) return b;
      return b == frame_bound::unbounded_following ? b : frame_bound::current_row;
    }();
    const auto before = static_cast<std::int64_t>(mix(Seed, 14) % 4);
    const auto behind = static_cast<std::int64_t>(mix(Seed, 15) % 4);
    const auto part = make_partition<mix(Seed, 16)>();
    const auto key = sorted_by<mix(Seed, 17)>(make_integer<t, mix(Seed, 18) % 16, 0>());
    const auto last = sorted_by<mix(Seed, 19)>(col<&thing::id>);
    const reference_frame frame{unit, from, before, to, behind};
    // Rows that sort alike have no order of their own, except in a frame that takes them all.
    const auto window = [&] {
      const auto parts = hewn::partition_by(part);
      if constexpr (unit == frame_unit::rows)
        return framed<unit>(parts.order_by(key, last), make_bound<from>(before),
                            make_bound<to>(behind));
      else
        return framed<unit>(parts.order_by(key), make_bound<from>(before), make_bound<to>(behind));
    }();
    reference_window reference{{forget(part)}, {order_of_key(key)}, frame};
    if (unit == frame_unit::rows) reference.orders.push_back(order_of_key(last));
    const auto sum = hewn::sum(make_integer<t, mix(Seed, 20) % 16, 0>());
    const auto largest = hewn::max(make_text<t, mix(Seed, 21) % 16, 0>());
    const auto some = hewn::count().filter(make_condition<t, mix(Seed, 22) % 64, 0>());
    const auto over = [&](const auto& e) {
      return meaning_of(e.over(window), [&reference, inner = forget(e)](const scope& s) {
        return value_over(reference, inner, s);
      });
    };
    check_selected<shape>(Seed, hewn::from<thing>, {}, col<&thing::id>, over(sum), over(largest),
                          over(some));
  }
};

/// Aggregates of some of the rows of a group, and of conditions.
struct filter_case {
  template <std::uint64_t Seed>
  static void run() {
    const auto group = make_partition<mix(Seed, 23)>();
    const auto condition = make_condition<t, mix(Seed, 24), 1>();
    const auto other = make_condition<t, mix(Seed, 25), 1>();
    check_selected<result_shape<true, present<thing>>>(
        Seed, hewn::from<thing>.group_by(group).order_by(group),
        {.is_grouped = true, .groups = {forget(group)}, .orders = {{forget(group)}}}, group,
        hewn::sum(make_integer<t, mix(Seed, 26) % 16, 0>()).filter(condition),
        hewn::count_if(other), hewn::any_of(condition), hewn::all_of(other),
        hewn::min(make_text<t, mix(Seed, 27) % 16, 0>()).filter(condition).filter(other));
  }
};

/// The texts of a group as one, in an order.
struct text_case {
  template <std::uint64_t Seed>
  static void run() {
    const auto group = col<&thing::maybe_flag>;
    const auto value = make_text<t, mix(Seed, 28), 1>();
    const auto between = text_value(Seed);
    const auto key = sorted_by<mix(Seed, 29)>(make_text<t, mix(Seed, 30) % 16, 0>());
    const auto other = sorted_by<mix(Seed, 31)>(make_integer<t, mix(Seed, 32) % 16, 0>());
    const auto last = col<&thing::id>.asc();
    const std::vector<reference_order> orders{order_of_key(key), order_of_key(other),
                                              order_of_key(last)};
    const auto texts = meaning_of(hewn::string_agg(value, between).order_by(key, other, last),
                                  [&orders, between, inner = forget(value)](const scope& s) {
                                    return joined_texts(inner, between, orders, s);
                                  });
    check_selected<result_shape<true, present<thing>>>(
        Seed, hewn::from<thing>.group_by(group).order_by(group),
        {.is_grouped = true, .groups = {forget(group)}, .orders = {{forget(group)}}}, group, texts);
  }
};

}  // namespace

TEST_CASE("rows have the same places in generated windows", "[differential]") {
  run_cases<place_case, 6>();
}

TEST_CASE("values of other rows of a window are the same", "[differential]") {
  run_cases<other_row_case, 8>();
}

TEST_CASE("aggregates of generated frames are the same", "[differential]") {
  run_cases<frame_case, 12>();
}

TEST_CASE("aggregates of some of the rows are the same", "[differential]") {
  run_cases<filter_case, 12>();
}

TEST_CASE("texts of generated groups are joined alike", "[differential]") {
  run_cases<text_case, 12>();
}

}  // namespace differential
