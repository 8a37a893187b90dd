// hewn/reflect/fields.hpp - the fields of a struct: their number, names, types and references.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/reflect/record.hpp>

#include <boost/pfr/core.hpp>
#include <boost/pfr/core_name.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {

/// How many fields `T` has.
template <record T>
inline constexpr std::size_t field_count = boost::pfr::tuple_size_v<T>;

/// The type of field `I`, as declared.
template <record T, std::size_t I>
using field_type = boost::pfr::tuple_element_t<I, T>;

namespace detail {

template <record T, std::size_t... I>
constexpr auto make_field_names(std::index_sequence<I...>) {
  return std::array<std::string_view, sizeof...(I)>{boost::pfr::get_name<I, T>()...};
}

// Not boost::pfr::for_each_field, which instantiates three functions of its own for each field of
// each struct and visitor.
template <class Tied, class Visitor, std::size_t... I>
HEWN_INLINE constexpr void visit_tied(const Tied& fields, Visitor& visitor,
                                      std::index_sequence<I...>) {
  (visitor(boost::pfr::detail::sequence_tuple::get<I>(fields),
           std::integral_constant<std::size_t, I>{}),
   ...);
}

}  // namespace detail

/// The names of the fields in declaration order, as written. They live for ever.
template <record T>
inline constexpr std::array<std::string_view, field_count<T>> field_names =
    detail::make_field_names<T>(std::make_index_sequence<field_count<T>>{});

/// Field `I` of `value`.
template <std::size_t I, class T>
constexpr auto& get_field(T& value) noexcept {
  return boost::pfr::get<I>(value);
}

/// Calls `visitor(field, std::integral_constant<std::size_t, I>{})` for every field in order, on
/// the one object `visitor`. Function objects rather than generic lambdas serve every struct and
/// keep the names of their instantiations short.
template <class T, class Visitor>
HEWN_INLINE constexpr void visit_fields(T& value, Visitor&& visitor) {
  detail::visit_tied(boost::pfr::detail::tie_as_tuple(value), visitor,
                     std::make_index_sequence<field_count<std::remove_const_t<T>>>{});
}

}  // namespace hewn
