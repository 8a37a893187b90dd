// tests/query/pieces/piece_recorder_test.cpp - how many pieces expressions are, and which.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/query/expressions/arithmetic.hpp>
#include <hewn/query/expressions/column.hpp>
#include <hewn/query/functions/number.hpp>
#include <hewn/query/functions/time.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/piece_walk.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

using namespace std::chrono_literals;

using hewn::add;
using hewn::col;
using hewn::truncate_to;
using hewn::unit;
using kind = hewn::detail::sql_piece::kind;

namespace {

struct run {
  std::int64_t id = 0;
  hewn::timestamp at;
};

template <class E>
constexpr std::size_t pieces(const E&) {
  return hewn::detail::pieces_of<E>.size();
}

/// At how many places the group stands in an expression.
template <class E, class Group>
constexpr std::size_t times(const E&, const Group&) {
  std::size_t found = 0;
  hewn::detail::piece_walk at{hewn::detail::pieces_of<E>};
  while (!at.ended()) {
    const std::size_t size = hewn::detail::size_of_group(at, hewn::detail::pieces_of<Group>);
    found += size != 0;
    at.skip(size == 0 ? 1 : size);
  }
  return found;
}

}  // namespace

TEST_CASE("a function in a function adds as many pieces at every depth") {
  constexpr auto hour = truncate_to<unit::hour>(col<&run::at>);
  constexpr auto day = truncate_to<unit::day>(hour);
  constexpr auto year = truncate_to<unit::year>(day);
  constexpr auto again = truncate_to<unit::hour>(truncate_to<unit::hour>(year));
  CHECK(pieces(hour) == 10);
  CHECK(pieces(day) == 14);
  CHECK(pieces(year) == 18);
  CHECK(pieces(again) == 26);
  for (const auto& p : hewn::detail::pieces_of<decltype(again)>)
    CHECK(p.what != kind::sqlite);  // and neither is there a part in a part
}

TEST_CASE("a part has nothing of the other database, and parts do not stand in parts") {
  constexpr auto nested = hewn::date_of(add(truncate_to<unit::month>(add(col<&run::at>, 1h)), 5ms));
  kind part = kind::text;
  std::size_t places = 0;
  for (const auto& p : hewn::detail::pieces_of<decltype(nested)>) {
    CAPTURE(p.text);
    if (p.what == kind::begin_sqlite || p.what == kind::begin_postgres) {
      CHECK(part == kind::text);
      part = p.what;
    } else if (p.what == kind::end_only) {
      CHECK(part != kind::text);
      part = kind::text;
    } else if (p.what == kind::sqlite || p.what == kind::postgres) {
      CHECK(part != (p.what == kind::sqlite ? kind::begin_postgres : kind::begin_sqlite));
    }
    if (hewn::detail::is_value(p)) {
      CHECK(part == kind::begin_sqlite);
      ++places;
    }
  }
  CHECK(places == 7);  // three of whole hours, and four
}

TEST_CASE("an expression is found in the parts for either database, behind places of others") {
  constexpr auto group = add(col<&run::at>, 1h);
  constexpr auto month = truncate_to<unit::month>(group);
  CHECK(times(group, group) == 1);
  CHECK(times(month, group) == 2);
  CHECK(times(hewn::year(hewn::date_of(month)), group) == 2);
  CHECK(times(hewn::year(hewn::date_of(month)), month) == 2);
  CHECK(times(truncate_to<unit::week>(group), truncate_to<unit::month>(group)) == 0);
  CHECK(times(truncate_to<unit::month>(add(col<&run::at>, 1ms)), group) == 0);
  CHECK(times(hewn::elapsed<std::chrono::seconds>(add(hewn::now(), 1h), col<&run::at>), group) ==
        0);

  // What is said twice has its value once.
  constexpr auto number = col<&run::id> + 10;
  CHECK(times(hewn::greatest(number, number), number) >= 2);
}
