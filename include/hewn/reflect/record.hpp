// hewn/reflect/record.hpp - which structs can be rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/reflect/bit_field.hpp>

#include <boost/pfr/tuple_size.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace hewn {

namespace detail {

template <class T>
concept complete = requires {
  sizeof(T);
};

}  // namespace detail

/// A struct whose fields become columns: an aggregate class, not a union, not an array.
template <class T>
concept record = std::is_class_v<T> && detail::complete<T> && std::is_aggregate_v<T>;

namespace detail {

// Converts to whatever a field is, like the probe by which Boost.PFR counts fields. Not constexpr:
// g++ warns of such functions without a body where a constructor might be evaluated.
struct any_field {
  std::size_t ignored;

  template <class F>
  operator F&() const&& noexcept;
  template <class F>
  operator F&() const& noexcept;
};

struct any_movable_field {
  std::size_t ignored;

  template <class F>
  operator F() const&& noexcept;
};

#if defined(__cpp_aggregate_paren_init)
template <class T, std::size_t... I>
consteval bool takes_one_value_per_field(std::index_sequence<I...>) {
  return requires { T(any_field{I}...); }
  || requires { T(any_movable_field{I}...); };
}

// In braces an array takes one value per element, and so PFR counts elements; in parentheses it
// takes none.
template <class T>
consteval bool has_array_field() {
  return !takes_one_value_per_field<T>(std::make_index_sequence<boost::pfr::tuple_size_v<T>>{});
}
#else
// clang before 16: two values in braces of their own suit an array and some classes, but only after
// an array do fewer values follow than PFR has counted.
template <class T, std::size_t... Before, std::size_t... After>
consteval bool is_array_at(std::index_sequence<Before...>, std::index_sequence<After...>) {
  return requires { T{any_field{Before}..., {any_field{0}, any_field{0}}}; }
  &&!requires { T{any_field{Before}..., {any_field{0}, any_field{0}}, any_field{After}...}; };
}

template <class T>
consteval bool has_array_field() {
  constexpr std::size_t count = boost::pfr::tuple_size_v<T>;
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return (
        is_array_at<T>(std::make_index_sequence<I>{}, std::make_index_sequence<count - I - 1>{}) ||
        ...);
  }
  (std::make_index_sequence<count>{});
}
#endif

// The first thing in the braces of a struct with a base is that base. In a struct without one it is
// a field, of whatever type, which is not a base of the struct.
template <class T>
struct any_base {
  template <class Base>
  requires(std::is_base_of_v<Base, T> && !std::is_same_v<Base, T>) operator Base() const noexcept;
};

template <class T>
inline constexpr bool has_base = requires {
  T{any_base<T>{}};
};

template <class T>
inline constexpr bool is_tuple_like = requires {
  std::tuple_size<T>::value;
};

// Boost.PFR does not get to see what it stumbles over.
template <class T>
consteval bool explain_fields() {
  constexpr bool derived = has_base<T>;
  static_assert(!derived,
                "hewn: a struct with a base cannot be a row; make the base a struct of its own, or "
                "repeat its fields");
  constexpr bool assignable = std::is_move_assignable_v<T>;
  static_assert(assignable,
                "hewn: a row is filled by assigning its fields, and one of this struct cannot be "
                "assigned; make reference and const fields plain values");
  if constexpr (!derived && assignable) {
    constexpr bool few = boost::pfr::tuple_size_v<T> <= most_fields;
    static_assert(few, "hewn: a struct of more than 200 fields cannot be a row; split the struct");
    return few;
  }
  return false;
}

struct any_volatile {
  template <class... Field>
  constexpr std::bool_constant<(std::is_volatile_v<Field> || ...)> operator()(
      const Field&...) const {
    return {};
  }
};

// g++ reads no volatile field in a constant expression either.
template <class T, std::size_t Count>
consteval bool has_volatile_field() {
  return decltype(with_fields(std::declval<T&>(), bindings<Count>{}, any_volatile{}))::value;
}

template <class T>
consteval bool explain_kinds_of_fields() {
  constexpr std::size_t count = boost::pfr::tuple_size_v<T>;
  // The test costs 7 ms a field, a quarter of all about it. Elements counted as fields make
  // fields look small, and a struct of columns seldom has less than 8 bytes a field.
  constexpr bool plain = [] {
    if constexpr (sizeof(T) < 8 * count) return !has_array_field<T>();
    return true;
  }();
  static_assert(plain,
                "hewn: a C array field cannot be a column; use std::string, hewn::bytes or "
                "std::array with a codec");
  if constexpr (plain) {
    if constexpr (has_bit_field<T, count>()) {
      constexpr bool changes = has_volatile_field<T, count>();
      static_assert(!changes, "hewn: a volatile field cannot be a column; remove volatile");
      static_assert(changes,
                    "hewn: a bit-field cannot be a column; remove the width, or choose a smaller "
                    "type");
      return false;
    } else {
      return true;
    }
  }
  return false;
}

// Called where `record<T>` is required, so that the mistake is named with its repair instead of
// with a page of failed constraints. The first assertion that fires is the cause.
template <class T>
consteval bool explain_record() {
  constexpr bool plain = std::is_same_v<T, std::remove_cvref_t<T>>;
  static_assert(plain, "hewn: a row is of a plain type; remove the reference, const or volatile");
  if constexpr (!plain) {
    return false;  // lets the caller stop before the next mistake follows from this one
  } else if constexpr (record<T>) {
    if constexpr (explain_fields<T>())
      return explain_kinds_of_fields<T>();
    else
      return false;
  } else {
    constexpr bool defined = !std::is_class_v<T> || complete<T>;
    constexpr bool fieldless =
        !std::is_class_v<T> && !std::is_array_v<T> && !std::is_pointer_v<T> && !std::is_union_v<T>;
    static_assert(defined,
                  "hewn: this struct is declared here and not defined; include the header that "
                  "defines it, above this line");
    static_assert(!std::is_array_v<T>, "hewn: an array cannot be a row; pass its element type");
    static_assert(!std::is_pointer_v<T>,
                  "hewn: a pointer cannot be a row; remove the *, or pass what it points to");
    static_assert(!std::is_union_v<T>, "hewn: a union cannot be a row; use a struct");
    static_assert(!fieldless,
                  "hewn: this type cannot be a row, because it has no fields; use a struct");
    if constexpr (std::is_class_v<T> && defined) {
      constexpr bool nameless = is_tuple_like<T>;
      static_assert(!nameless,
                    "hewn: std::pair and std::tuple have no names for columns; declare a struct "
                    "with a field for each");
      static_assert(nameless,
                    "hewn: this type cannot be a row, because it has constructors, private "
                    "members, a base or virtual functions; move the columns into a plain struct");
    }
    return false;
  }
}

}  // namespace detail
}  // namespace hewn
