// hewn/reflect/fields.hpp - the fields of a struct: their number, names, types and references.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/reflect/bindings.hpp>
#include <hewn/reflect/field_text.hpp>
#include <hewn/reflect/probe.hpp>
#include <hewn/reflect/record.hpp>

// These compilers print what find_names() reads, as the tests see. Of others the first name is
// compared with Boost.PFR's, at 5 ms a struct and 150 ms for its headers.
#if defined(__clang__)
#  define HEWN_DETAIL_KNOWN_TEXT (__clang_major__ == 14)
#elif defined(__GNUC__)
#  define HEWN_DETAIL_KNOWN_TEXT (__GNUC__ == 12)
#else
#  define HEWN_DETAIL_KNOWN_TEXT 0
#endif

#if HEWN_DETAIL_KNOWN_TEXT
#  include <boost/pfr/tuple_size.hpp>
#else
#  include <boost/pfr/core_name.hpp>
#endif

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {

/// How many fields `T` has.
template <record T>
inline constexpr std::size_t field_count = boost::pfr::tuple_size_v<T>;

namespace detail {

template <class... Field>
struct field_types {};

struct take_types {
  template <class... Field>
  constexpr field_types<Field...> operator()(Field&...) const {
    return {};
  }
};

/// The types of the fields as declared, as one `field_types`: what is asked of every field is then
/// one function over a pack, and not one for each field.
template <class T>
using field_types_of =
    decltype(with_fields(std::declval<T&>(), bindings<field_count<T>>{}, take_types{}));

template <std::size_t I, class Field>
struct field_at {
  using type = Field;
};

template <class Numbers, class Types>
struct numbered_types;

template <std::size_t... I, class... Field>
struct numbered_types<std::index_sequence<I...>, field_types<Field...>> : field_at<I, Field>... {};

template <std::size_t I, class Field>
field_at<I, Field> find_type(const field_at<I, Field>&);

template <class T>
using numbered_types_of =
    numbered_types<std::make_index_sequence<field_count<T>>, field_types_of<T>>;

struct take_addresses {
  template <class... Field>
  constexpr auto operator()(const Field&... fields) const {
    return field_addresses<sizeof...(Field)>{{static_cast<const void*>(&fields)...}};
  }
};

#if defined(__clang__)
#  pragma clang diagnostic push
#  pragma clang diagnostic ignored "-Wundefined-var-template"
#  pragma clang diagnostic ignored "-Wundefined-internal"
#endif

// consteval, because at run time the addresses would need a real object to link against.
template <class T>
consteval auto addresses_of_fields() {
  return with_fields(probe<T>.value, bindings<field_count<T>>{}, take_addresses{});
}

#if defined(__clang__)
#  pragma clang diagnostic pop
#endif

template <class T, std::size_t... I>
consteval auto make_field_text(std::index_sequence<I...>) {
  if constexpr (sizeof...(I) == 0) {
    return field_text<0, 0>{};
  } else {
    constexpr auto addresses = addresses_of_fields<T>();
    constexpr auto found =
        find_names<sizeof...(I)>(signature_of<field_address{addresses.at[I]}...>(),
                                 signature_of<field_address{addresses.at[sizeof...(I) - 1]}>());
#if HEWN_DETAIL_KNOWN_TEXT
    return copy_names<total_size(found)>(found);
#else
    if constexpr (found.front() == boost::pfr::get_name<0, T>()) {
      return copy_names<total_size(found)>(found);
    } else {
      constexpr std::array<std::string_view, sizeof...(I)> names{boost::pfr::get_name<I, T>()...};
      return copy_names<total_size(names)>(names);
    }
#endif
  }
}

#undef HEWN_DETAIL_KNOWN_TEXT

// One object for all names of a struct: each object costs a file a section and two long names.
template <class T>
inline constexpr auto field_text_of =
    make_field_text<T>(std::make_index_sequence<field_count<T>>{});

// Gives each field its number.
template <class Visitor>
struct numbered_call {
  Visitor& visitor;

  template <class... Field>
  HEWN_INLINE constexpr void operator()(Field&... fields) const {
    call(std::index_sequence_for<Field...>{}, fields...);
  }

  template <std::size_t... I, class... Field>
  HEWN_INLINE constexpr void call(std::index_sequence<I...>, Field&... fields) const {
    (visitor(fields, std::integral_constant<std::size_t, I>{}), ...);
  }
};

template <std::size_t>
struct any_argument {
  template <class A>
  HEWN_INLINE constexpr any_argument(const A&) {}
};

template <class Before>
struct take_field;

template <std::size_t... Before>
struct take_field<std::index_sequence<Before...>> {
  template <class Field, class... After>
  HEWN_INLINE constexpr Field& operator()(any_argument<Before>..., Field& field, After&...) const {
    return field;
  }
};

}  // namespace detail

/// The type of field `I`, as declared.
template <record T, std::size_t I>
using field_type = typename decltype(detail::find_type<I>(detail::numbered_types_of<T>{}))::type;

/// The names of the fields in declaration order, as written. They live for ever.
template <record T>
inline constexpr std::array<std::string_view, field_count<T>> field_names =
    detail::field_text_of<T>.names();

/// Field `I` of `value`.
template <std::size_t I, class T>
HEWN_INLINE constexpr auto& get_field(T& value) noexcept {
  return detail::with_fields(value, detail::bindings<field_count<std::remove_const_t<T>>>{},
                             detail::take_field<std::make_index_sequence<I>>{});
}

/// Calls `visitor(field, std::integral_constant<std::size_t, I>{})` for every field in order, on
/// the one object `visitor`. Function objects rather than generic lambdas serve every struct and
/// keep the names of their instantiations short.
template <class T, class Visitor>
HEWN_INLINE constexpr void visit_fields(T& value, Visitor&& visitor) {
  detail::with_fields(value, detail::bindings<field_count<std::remove_const_t<T>>>{},
                      detail::numbered_call<std::remove_reference_t<Visitor>>{visitor});
}

}  // namespace hewn
