// hewn/schema/codec.hpp - which C++ types can be columns, by which stored type.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/fwd.hpp>
#include <hewn/schema/types.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <optional>
#include <ratio>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {

/// How a type of one's own becomes a column. Specialise it with two functions:
///
///     template <> struct hewn::codec<money> {
///       static std::int64_t encode(const money& m) { return m.cents; }
///       static money decode(std::int64_t cents) { return {cents}; }
///     };
///
/// `encode` returns a stored type: bool, std::int64_t, double, std::string, std::string_view,
/// hewn::bytes, hewn::bytes_view, hewn::timestamp, hewn::date or hewn::uuid_bytes, or an
/// std::optional of it where nothing means that the value cannot be stored. `decode` takes the
/// stored type (text and bytes as views that live until it returns) and returns the value, or an
/// std::optional of it where nothing means that the stored value is not valid.
/// A `static constexpr column_type type` overrides the column type that follows from `encode`.
template <class T>
struct codec;

namespace detail {

template <class F>
struct optional_parts {
  static constexpr bool is_optional = false;
  using value_type = F;
};

template <class F>
struct optional_parts<std::optional<F>> {
  static constexpr bool is_optional = true;
  using value_type = F;
};

template <class F>
inline constexpr bool is_optional = optional_parts<F>::is_optional;

/// `F`, or what is inside it when it is an optional.
template <class F>
using unwrapped = typename optional_parts<F>::value_type;

template <class F>
struct ref_parts {
  static constexpr bool is_ref = false;
  using key = F;
};

template <class T, class Key>
struct ref_parts<ref<T, Key>> {
  static constexpr bool is_ref = true;
  using key = typename ref_parts<Key>::key;
};

template <class F>
inline constexpr bool is_ref = ref_parts<F>::is_ref;

/// `F`, or what is stored of it when it is a hewn::ref.
template <class F>
using stored_key = typename ref_parts<F>::key;

template <class F>
concept text_like = std::same_as<F, std::string> || std::same_as<F, std::string_view>;

template <class F>
concept bytes_like = std::same_as<F, bytes> || std::same_as<F, bytes_view> ||
    std::same_as<F, std::vector<unsigned char>>;

// Character types are left out: whether `char` means a number or a letter is the user's to say.
template <class F>
concept integer_like =
    std::integral<F> && !std::same_as<F, bool> && !std::same_as<F, char> &&
    !std::same_as<F, wchar_t> && !std::same_as<F, char8_t> && !std::same_as<F, char16_t> &&
    !std::same_as<F, char32_t> && !std::is_volatile_v<F>;

/// Types that a driver moves without a codec.
template <class F>
concept built_in = std::same_as<F, bool> || integer_like<F> || std::same_as<F, float> ||
    std::same_as<F, double> || text_like<F> || bytes_like<F> || std::same_as<F, timestamp> ||
    std::same_as<F, date> || std::same_as<F, uuid_bytes>;

template <class F>
concept has_codec = requires(const F& value) {
  codec<F>::encode(value);
};

/// Lists, which move their values one by one: hewn/vector.hpp.
template <class F>
concept has_list_codec = requires {
  typename codec<F>::list_element;
};

template <class F>
concept column_value = built_in<F> || has_codec<F> || has_list_codec<F>;

/// As the concept; where a compiler would list why a concept fails, a sentence is enough.
template <class F>
inline constexpr bool is_column_value = column_value<F>;

template <class F>
consteval column_type built_in_column_type() {
  if constexpr (std::same_as<F, bool>) return column_type::boolean;
  // Unsigned types take the next wider signed one, because neither database has unsigned columns.
  else if constexpr (integer_like<F> && (sizeof(F) == 1 || (sizeof(F) == 2 && std::is_signed_v<F>)))
    return column_type::int16;
  else if constexpr (integer_like<F> && (sizeof(F) == 2 || (sizeof(F) == 4 && std::is_signed_v<F>)))
    return column_type::int32;
  else if constexpr (integer_like<F>)
    return column_type::int64;
  else if constexpr (std::floating_point<F>)
    return column_type::real;
  else if constexpr (text_like<F>)
    return column_type::text;
  else if constexpr (bytes_like<F>)
    return column_type::blob;
  else if constexpr (std::same_as<F, timestamp>)
    return column_type::instant;
  else if constexpr (std::same_as<F, date>)
    return column_type::day;
  else
    return column_type::uuid;
}

template <class F>
using encoded =
    unwrapped<std::remove_cvref_t<decltype(codec<F>::encode(std::declval<const F&>()))>>;

}  // namespace detail

/// The column type of a field of type `F`; an optional has that of its value.
template <class F>
consteval column_type column_type_of() {
  using value_type = detail::unwrapped<F>;
  if constexpr (detail::built_in<value_type>) {
    return detail::built_in_column_type<value_type>();
  } else if constexpr (requires { codec<value_type>::type; }) {
    return codec<value_type>::type;
  } else {
    static_assert(detail::built_in<detail::encoded<value_type>>,
                  "hewn: codec<T>::encode must return a stored type; see hewn/schema/codec.hpp");
    return detail::built_in_column_type<detail::encoded<value_type>>();
  }
}

namespace detail {

template <class F>
inline constexpr bool is_vector = false;
template <class E>
inline constexpr bool is_vector<std::vector<E>> = true;

/// Whether lists of `E` are columns: E is a single value, NULL or not, that JSON can hold too.
template <class E>
consteval bool is_list_element() {
  using value_type = unwrapped<E>;
  if constexpr (!column_value<value_type> || built_in<std::vector<E>> ||
                std::same_as<value_type, std::string_view>) {
    return false;
  } else {
    constexpr column_type t = column_type_of<E>();
    return !is_array(t) && t != column_type::blob && t != column_type::json_text;
  }
}

template <class F>
inline constexpr bool is_list = false;
template <class E>
inline constexpr bool is_list<std::vector<E>> = is_list_element<E>();

}  // namespace detail

namespace detail {

/// `from` in the unit and type of `to`. False, and `to` is anything, where it does not fit. Counts
/// are integers, and the unit of `from` is a multiple of that of `to`.
template <class Rep, class Period, class ToRep, class ToPeriod>
constexpr bool convert_duration(std::chrono::duration<Rep, Period> from,
                                std::chrono::duration<ToRep, ToPeriod>& to) noexcept {
  using factor = std::ratio_divide<Period, ToPeriod>;
  static_assert(factor::den == 1);
  ToRep count = 0;
  const bool fits = !__builtin_mul_overflow(from.count(), factor::num, &count);
  to = std::chrono::duration<ToRep, ToPeriod>(count);
  return fits;
}

}  // namespace detail

/// Points in time of other precision than microseconds. Finer ones do not exist in the databases,
/// so they have no codec rather than a silent truncation.
template <class Duration>
requires(!std::same_as<Duration, std::chrono::microseconds> &&
         !std::same_as<Duration, std::chrono::days> &&
         std::convertible_to<
             Duration, std::chrono::microseconds>) struct codec<std::chrono::sys_time<Duration>> {
  /// The last timestamp, which is not storable, for what no timestamp can hold.
  static constexpr timestamp encode(std::chrono::sys_time<Duration> t) {
    std::chrono::microseconds micros{};
    if (!detail::convert_duration(t.time_since_epoch(), micros)) return timestamp::max();
    return timestamp(micros);
  }

  static constexpr std::optional<std::chrono::sys_time<Duration>> decode(timestamp t) {
    // Counted in 64 bits, because the type's own count may be narrow.
    const auto units =
        std::chrono::floor<std::chrono::duration<std::int64_t, typename Duration::period>>(t);
    // Dropping the fraction would be a silent loss.
    if (units != t || !std::in_range<typename Duration::rep>(units.time_since_epoch().count()))
      return std::nullopt;
    return std::chrono::sys_time<Duration>(
        Duration(static_cast<typename Duration::rep>(units.time_since_epoch().count())));
  }
};

/// Durations are stored as the integer count of their own unit.
template <class Rep, class Period>
requires detail::integer_like<Rep>
struct codec<std::chrono::duration<Rep, Period>> {
  // As a number of this type, so that a count above what the databases hold is refused.
  using count_type = std::conditional_t<std::is_signed_v<Rep>, std::int64_t, std::uint64_t>;

  static constexpr count_type encode(std::chrono::duration<Rep, Period> d) { return d.count(); }
  static constexpr std::optional<std::chrono::duration<Rep, Period>> decode(count_type count) {
    if (!std::in_range<Rep>(count)) return std::nullopt;
    return std::chrono::duration<Rep, Period>(static_cast<Rep>(count));
  }
};

template <>
struct codec<std::chrono::year_month_day> {
  /// The last date, which is not storable, for what is no day, such as 30 February.
  static constexpr date encode(std::chrono::year_month_day ymd) {
    return ymd.ok() ? date(ymd) : date::max();
  }
  static constexpr std::chrono::year_month_day decode(date d) { return d; }
};

}  // namespace hewn
