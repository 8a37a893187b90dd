// hewn/reflect/bindings.hpp - all fields of a struct as the arguments of one call.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>

#include <boost/pfr/core.hpp>

#include <cstddef>
#include <utility>

namespace hewn::detail {

template <std::size_t Count>
struct bindings {};

// There is no way to name the fields but one function per number of them, and every program reads
// them all: 5 ms for 64 fields, 35 ms for the 200 that Boost.PFR knows. Structs that are longer are
// left to Boost.PFR, which makes a tuple first: a dozen functions more for each struct.
#define HEWN_DETAIL_BINDINGS(COUNT, ...)                                                     \
  template <class T, class Call>                                                             \
  HEWN_INLINE constexpr decltype(auto) with_fields(T& value, bindings<COUNT>, Call&& call) { \
    auto& [__VA_ARGS__] = value;                                                             \
    return call(__VA_ARGS__);                                                                \
  }

template <class T, class Call>
HEWN_INLINE constexpr decltype(auto) with_fields(T&, bindings<0>, Call&& call) {
  return call();
}

HEWN_DETAIL_BINDINGS(1, a0)
HEWN_DETAIL_BINDINGS(2, a0, b0)
HEWN_DETAIL_BINDINGS(3, a0, b0, c0)
HEWN_DETAIL_BINDINGS(4, a0, b0, c0, d0)
HEWN_DETAIL_BINDINGS(5, a0, b0, c0, d0, e0)
HEWN_DETAIL_BINDINGS(6, a0, b0, c0, d0, e0, f0)
HEWN_DETAIL_BINDINGS(7, a0, b0, c0, d0, e0, f0, g0)
HEWN_DETAIL_BINDINGS(8, a0, b0, c0, d0, e0, f0, g0, h0)
#define HEWN_DETAIL_8 a0, b0, c0, d0, e0, f0, g0, h0
HEWN_DETAIL_BINDINGS(9, HEWN_DETAIL_8, a1)
HEWN_DETAIL_BINDINGS(10, HEWN_DETAIL_8, a1, b1)
HEWN_DETAIL_BINDINGS(11, HEWN_DETAIL_8, a1, b1, c1)
HEWN_DETAIL_BINDINGS(12, HEWN_DETAIL_8, a1, b1, c1, d1)
HEWN_DETAIL_BINDINGS(13, HEWN_DETAIL_8, a1, b1, c1, d1, e1)
HEWN_DETAIL_BINDINGS(14, HEWN_DETAIL_8, a1, b1, c1, d1, e1, f1)
HEWN_DETAIL_BINDINGS(15, HEWN_DETAIL_8, a1, b1, c1, d1, e1, f1, g1)
HEWN_DETAIL_BINDINGS(16, HEWN_DETAIL_8, a1, b1, c1, d1, e1, f1, g1, h1)
#define HEWN_DETAIL_16 HEWN_DETAIL_8, a1, b1, c1, d1, e1, f1, g1, h1
HEWN_DETAIL_BINDINGS(17, HEWN_DETAIL_16, a2)
HEWN_DETAIL_BINDINGS(18, HEWN_DETAIL_16, a2, b2)
HEWN_DETAIL_BINDINGS(19, HEWN_DETAIL_16, a2, b2, c2)
HEWN_DETAIL_BINDINGS(20, HEWN_DETAIL_16, a2, b2, c2, d2)
HEWN_DETAIL_BINDINGS(21, HEWN_DETAIL_16, a2, b2, c2, d2, e2)
HEWN_DETAIL_BINDINGS(22, HEWN_DETAIL_16, a2, b2, c2, d2, e2, f2)
HEWN_DETAIL_BINDINGS(23, HEWN_DETAIL_16, a2, b2, c2, d2, e2, f2, g2)
HEWN_DETAIL_BINDINGS(24, HEWN_DETAIL_16, a2, b2, c2, d2, e2, f2, g2, h2)
#define HEWN_DETAIL_24 HEWN_DETAIL_16, a2, b2, c2, d2, e2, f2, g2, h2
HEWN_DETAIL_BINDINGS(25, HEWN_DETAIL_24, a3)
HEWN_DETAIL_BINDINGS(26, HEWN_DETAIL_24, a3, b3)
HEWN_DETAIL_BINDINGS(27, HEWN_DETAIL_24, a3, b3, c3)
HEWN_DETAIL_BINDINGS(28, HEWN_DETAIL_24, a3, b3, c3, d3)
HEWN_DETAIL_BINDINGS(29, HEWN_DETAIL_24, a3, b3, c3, d3, e3)
HEWN_DETAIL_BINDINGS(30, HEWN_DETAIL_24, a3, b3, c3, d3, e3, f3)
HEWN_DETAIL_BINDINGS(31, HEWN_DETAIL_24, a3, b3, c3, d3, e3, f3, g3)
HEWN_DETAIL_BINDINGS(32, HEWN_DETAIL_24, a3, b3, c3, d3, e3, f3, g3, h3)
#define HEWN_DETAIL_32 HEWN_DETAIL_24, a3, b3, c3, d3, e3, f3, g3, h3
HEWN_DETAIL_BINDINGS(33, HEWN_DETAIL_32, a4)
HEWN_DETAIL_BINDINGS(34, HEWN_DETAIL_32, a4, b4)
HEWN_DETAIL_BINDINGS(35, HEWN_DETAIL_32, a4, b4, c4)
HEWN_DETAIL_BINDINGS(36, HEWN_DETAIL_32, a4, b4, c4, d4)
HEWN_DETAIL_BINDINGS(37, HEWN_DETAIL_32, a4, b4, c4, d4, e4)
HEWN_DETAIL_BINDINGS(38, HEWN_DETAIL_32, a4, b4, c4, d4, e4, f4)
HEWN_DETAIL_BINDINGS(39, HEWN_DETAIL_32, a4, b4, c4, d4, e4, f4, g4)
HEWN_DETAIL_BINDINGS(40, HEWN_DETAIL_32, a4, b4, c4, d4, e4, f4, g4, h4)
#define HEWN_DETAIL_40 HEWN_DETAIL_32, a4, b4, c4, d4, e4, f4, g4, h4
HEWN_DETAIL_BINDINGS(41, HEWN_DETAIL_40, a5)
HEWN_DETAIL_BINDINGS(42, HEWN_DETAIL_40, a5, b5)
HEWN_DETAIL_BINDINGS(43, HEWN_DETAIL_40, a5, b5, c5)
HEWN_DETAIL_BINDINGS(44, HEWN_DETAIL_40, a5, b5, c5, d5)
HEWN_DETAIL_BINDINGS(45, HEWN_DETAIL_40, a5, b5, c5, d5, e5)
HEWN_DETAIL_BINDINGS(46, HEWN_DETAIL_40, a5, b5, c5, d5, e5, f5)
HEWN_DETAIL_BINDINGS(47, HEWN_DETAIL_40, a5, b5, c5, d5, e5, f5, g5)
HEWN_DETAIL_BINDINGS(48, HEWN_DETAIL_40, a5, b5, c5, d5, e5, f5, g5, h5)
#define HEWN_DETAIL_48 HEWN_DETAIL_40, a5, b5, c5, d5, e5, f5, g5, h5
HEWN_DETAIL_BINDINGS(49, HEWN_DETAIL_48, a6)
HEWN_DETAIL_BINDINGS(50, HEWN_DETAIL_48, a6, b6)
HEWN_DETAIL_BINDINGS(51, HEWN_DETAIL_48, a6, b6, c6)
HEWN_DETAIL_BINDINGS(52, HEWN_DETAIL_48, a6, b6, c6, d6)
HEWN_DETAIL_BINDINGS(53, HEWN_DETAIL_48, a6, b6, c6, d6, e6)
HEWN_DETAIL_BINDINGS(54, HEWN_DETAIL_48, a6, b6, c6, d6, e6, f6)
HEWN_DETAIL_BINDINGS(55, HEWN_DETAIL_48, a6, b6, c6, d6, e6, f6, g6)
HEWN_DETAIL_BINDINGS(56, HEWN_DETAIL_48, a6, b6, c6, d6, e6, f6, g6, h6)
#define HEWN_DETAIL_56 HEWN_DETAIL_48, a6, b6, c6, d6, e6, f6, g6, h6
HEWN_DETAIL_BINDINGS(57, HEWN_DETAIL_56, a7)
HEWN_DETAIL_BINDINGS(58, HEWN_DETAIL_56, a7, b7)
HEWN_DETAIL_BINDINGS(59, HEWN_DETAIL_56, a7, b7, c7)
HEWN_DETAIL_BINDINGS(60, HEWN_DETAIL_56, a7, b7, c7, d7)
HEWN_DETAIL_BINDINGS(61, HEWN_DETAIL_56, a7, b7, c7, d7, e7)
HEWN_DETAIL_BINDINGS(62, HEWN_DETAIL_56, a7, b7, c7, d7, e7, f7)
HEWN_DETAIL_BINDINGS(63, HEWN_DETAIL_56, a7, b7, c7, d7, e7, f7, g7)
HEWN_DETAIL_BINDINGS(64, HEWN_DETAIL_56, a7, b7, c7, d7, e7, f7, g7, h7)

#undef HEWN_DETAIL_8
#undef HEWN_DETAIL_16
#undef HEWN_DETAIL_24
#undef HEWN_DETAIL_32
#undef HEWN_DETAIL_40
#undef HEWN_DETAIL_48
#undef HEWN_DETAIL_56
#undef HEWN_DETAIL_BINDINGS

/// So many fields have a function here.
inline constexpr std::size_t most_bindings = 64;

template <class Tied, class Call, std::size_t... I>
HEWN_INLINE constexpr decltype(auto) with_tied(const Tied& fields, Call&& call,
                                               std::index_sequence<I...>) {
  return call(boost::pfr::detail::sequence_tuple::get<I>(fields)...);
}

template <class T, std::size_t Count, class Call>
requires(Count > most_bindings) HEWN_INLINE constexpr decltype(auto)
    with_fields(T& value, bindings<Count>, Call&& call) {
  return with_tied(boost::pfr::detail::tie_as_tuple(value), call,
                   std::make_index_sequence<Count>{});
}

}  // namespace hewn::detail
