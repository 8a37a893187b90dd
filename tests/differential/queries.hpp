// tests/differential/queries.hpp - generated queries, each with what the reference runs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "databases.hpp"
#include "generator.hpp"

#include <hewn/query/rows/result_row.hpp>
#include <hewn/query/select/as_joined.hpp>

#include <cstdint>
#include <optional>
#include <tuple>
#include <type_traits>

namespace differential {

/// The field into which a value is read: an std::optional exactly where types say that it can be
/// NULL, so that a wrong claim is found.
template <class E, bool Null>
using field_of =
    std::conditional_t<Null, std::optional<hewn::detail::value_of<E>>, hewn::detail::value_of<E>>;

/// The tables of a query, with those that can be missing, and whether its rows are groups.
template <bool Grouped, class... Sources>
struct result_shape {
  template <class E>
  static constexpr bool nullable = hewn::detail::is_nullable<E, Sources...> ||
                                   (!Grouped &&
                                    hewn::detail::is_null_of_none(hewn::detail::pieces_of<E>));

  template <class... E>
  using row = std::tuple<field_of<E, nullable<E>>...>;
};

template <class T>
using present = hewn::detail::joined_source<T, false>;
template <class T>
using missing = hewn::detail::joined_source<T, true>;

/// Selects values from a query and compares the rows. The reference lacks nothing but the values.
template <class Shape, class Query, class... E>
void check_selected(std::uint64_t seed, const Query& query, reference_query reference,
                    const E&... e) {
  using row = typename Shape::template row<E...>;
  reference.values = {forget(e)...};
  const auto selected = query.template select<row>(e...);
  check(seed, selected.plan(), hewn::detail::result_columns<row>, reference);
}

/// How a query sorts by an expression, in one of the ways that there are.
template <std::uint64_t Seed, class E>
auto sorted_by(const E& e) {
  if constexpr (Seed % 6 == 0)
    return e.desc();
  else if constexpr (Seed % 6 == 1)
    return e.asc().nulls_last();
  else if constexpr (Seed % 6 == 2)
    return e.desc().nulls_first();
  else if constexpr (Seed % 6 == 3)
    return e.desc().nulls_last();
  else if constexpr (Seed % 6 == 4)
    return e.asc().nulls_first();
  else
    return e.asc();
}

template <class Key>
reference_order order_of_key(const Key& key) {
  return {forget(key.expression), Key::is_descending, Key::nulls};
}

// ---------------------------------------------------------------- aggregates

/// An aggregate of the rows of a group.
template <tables T, std::uint64_t Seed>
auto make_aggregate() {
  constexpr std::uint64_t pick = mix(Seed, 8) % 15, l = mix(Seed, 9);
  using c = columns<T>;
  if constexpr (pick == 0)
    return hewn::count();
  else if constexpr (pick == 1)
    return hewn::count(make_text<T, l % 16, 0>());
  else if constexpr (pick == 2)
    return hewn::count_distinct(make_integer<T, l % 16, 0>());
  else if constexpr (pick == 3)
    return hewn::count_distinct(make_text<T, l % 16, 0>());
  else if constexpr (pick == 4)
    return hewn::sum(make_integer<T, l % 16, 0>());
  else if constexpr (pick == 5)
    return hewn::sum(make_integer<T, l, 1>());
  else if constexpr (pick == 6)
    return hewn::sum(make_real<T, l % 16, 0>());
  else if constexpr (pick == 7)
    return hewn::avg(make_integer<T, l % 16, 0>());
  else if constexpr (pick == 8)
    return hewn::avg(make_real<T, l, 1>());
  else if constexpr (pick == 9)
    return hewn::min(make_integer<T, l, 1>());
  else if constexpr (pick == 10)
    return hewn::max(make_real<T, l % 16, 0>());
  else if constexpr (pick == 11)
    return hewn::min(make_text<T, l % 16, 0>());
  else if constexpr (pick == 12)
    return hewn::max(c::instants::template pick<l % 16>());
  else if constexpr (pick == 13)
    return hewn::min(c::days::template pick<l % 16>());
  else
    return hewn::sum(c::narrow::template pick<l % 16>());
}

/// A condition on groups.
template <tables T, std::uint64_t Seed>
auto make_having() {
  constexpr std::uint64_t pick = mix(Seed, 10) % 5, l = mix(Seed, 11) % 16;
  if constexpr (pick == 0)
    return compare_by<Seed>(hewn::count(), std::int64_t{1});
  else if constexpr (pick == 1)
    return compare_by<Seed>(hewn::sum(make_integer<T, l, 0>()), integer_value(Seed));
  else if constexpr (pick == 2)
    return compare_by<Seed>(hewn::avg(make_integer<T, l, 0>()), real_value(Seed));
  else if constexpr (pick == 3)
    return hewn::max(make_text<T, l, 0>()).is_not_null() &&
           compare_by<Seed>(hewn::count(), std::int64_t{1});
  else
    return compare_by<Seed>(hewn::count_distinct(make_text<T, l, 0>()), hewn::count());
}

}  // namespace differential
