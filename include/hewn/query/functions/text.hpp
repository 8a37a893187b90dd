// hewn/query/functions/text.hpp - functions of text.
// SPDX-License-Identifier: BSL-1.0
//
// Characters are those of Unicode (code points). Upper and lower case are those of ASCII, because
// SQLite knows no others, and PostgreSQL would go by the locale of its database.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/functions/typed_value.hpp>
#include <hewn/query/pieces/piece_recorder.hpp>
#include <hewn/query/pieces/sql_piece.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

struct lower_form {
  static constexpr std::string_view sqlite = "lower(#1)", postgres = "lower(#1 COLLATE \"C\")";
};
struct upper_form {
  static constexpr std::string_view sqlite = "upper(#1)", postgres = "upper(#1 COLLATE \"C\")";
};
struct length_form {
  static constexpr std::string_view sqlite = "length(#1)", postgres = "CAST(length(#1) AS bigint)";
};
struct substr_form {
  static constexpr std::string_view sqlite = "substr(#1, #2, #3)",
                                    postgres =
                                        "substr(#1, CAST(#2 AS integer), CAST(#3 AS integer))";
};
struct substr_to_end_form {
  static constexpr std::string_view sqlite = "substr(#1, #2)",
                                    postgres = "substr(#1, CAST(#2 AS integer))";
};
struct trim_form {
  static constexpr std::string_view sqlite = "trim(#1, #2)", postgres = "btrim(#1, #2)";
};
struct ltrim_form {
  static constexpr std::string_view sqlite = "ltrim(#1, #2)", postgres = sqlite;
};
struct rtrim_form {
  static constexpr std::string_view sqlite = "rtrim(#1, #2)", postgres = sqlite;
};
struct replace_form {
  static constexpr std::string_view sqlite = "replace(#1, #2, #3)", postgres = sqlite;
};
// SQLite's does nothing where #2 is empty, before it looks at #3, which may be NULL.
struct replace_by_other_form {
  static constexpr std::string_view sqlite = "(replace(#1, #2, #3) || substr(#3, 1, 0))",
                                    postgres = sqlite;
};
struct starts_with_form {
  static constexpr std::string_view sqlite = "(instr(#1, #2) = 1)",
                                    postgres = "starts_with(#1, #2)";
};
// A comparison would go by the collation of a column on its right side.
struct ends_with_form {
  static constexpr std::string_view
      sqlite = "(substr(#1, max(length(#1) - length(#2) + 1, 1)) COLLATE BINARY = #2)",
      postgres = "(substr(#1, GREATEST(length(#1) - length(#2) + 1, 1)) = #2)";
};
struct contains_form {
  static constexpr std::string_view sqlite = "(instr(#1, #2) > 0)",
                                    postgres = "(strpos(#1, #2) > 0)";
};
struct ilike_form {
  static constexpr std::string_view sqlite = "(#1 LIKE #2 ESCAPE '\\')",
                                    postgres =
                                        "(lower(#1 COLLATE \"C\") LIKE lower(#2 COLLATE \"C\"))";
};

template <class E>
inline constexpr bool gives_text = std::same_as<plain_value<E>, std::string>;

template <class... E>
consteval bool explain_text_operands() {
  constexpr bool texts = (gives_text<E> && ...);
  static_assert(texts,
                "hewn: functions of text are for texts; convert integers and enumerations by "
                "hewn::cast<std::string>()");
  return texts;
}

template <class V>
consteval bool explain_pattern_text() {
  constexpr bool text = std::is_convertible_v<const V&, std::string_view>;
  static_assert(text,
                "hewn: the pattern of ilike() is a text of the program; for a text of a column use "
                "starts_with(), ends_with() or contains_text()");
  return text;
}

/// A function of several texts that gives a value of type `Value`.
template <class Form, class Value, class... E>
constexpr auto call_of_texts(E... e) {
  if constexpr (explain_text_operands<E...>())
    return function_call<Form, Value, E...>(std::move(e)...);
  else
    return typed_value<Value, decltype(hold<Value>(Value()))>(Value());
}

/// A place in a text, which is compared with no column.
struct text_position : bound<std::int64_t> {
  using bound::bound;

  static constexpr void write_pieces(piece_recorder& out) {
    out.put(sql_piece::kind::computed);
    bound<std::int64_t>::write_pieces(out);
  }
};

template <>
struct value_type<text_position> {
  using type = std::int64_t;
};

// No text is longer, and PostgreSQL counts its characters in 32 bits.
inline constexpr std::int64_t last_position = std::numeric_limits<std::int32_t>::max();

/// Where a text begins that is to begin at `start`.
constexpr text_position first_position(std::int64_t start) {
  return text_position(start < 1 ? 1 : start > last_position ? last_position : start);
}

/// How many of its characters there are at most, those before the first being none.
constexpr text_position characters_from(std::int64_t start, std::int64_t count) {
  const std::int64_t most = last_position - first_position(start).held;
  if (start < 1) {
    // In two steps, because the smallest of all has no room for one less.
    const std::int64_t before = start < -last_position ? last_position : 1 - start;
    count = count > before ? count - before : 0;
  }
  return text_position(count < 0 ? 0 : count > most ? most : count);
}

/// Texts one behind the other.
template <class... E>
struct concatenation : value_expression<concatenation<E...>, std::string> {
  [[no_unique_address]] operand_list<0, E...> operands;

  constexpr explicit concatenation(E... e) : operands(std::move(e)...) {}

  template <class... Outer>
  static constexpr bool nullable = (is_nullable<E, Outer...> || ...);

  static constexpr void write_pieces(piece_recorder& out) {
    bool first = true;
    (write<E>(out, first), ...);
    out.text(")");
    out.put(sql_piece::kind::computed);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    operands.bind_all(binder);
  }

 private:
  template <class Operand>
  static constexpr void write(piece_recorder& out, bool& first) {
    out.text(first ? "(" : " || ");
    first = false;
    Operand::write_pieces(out);
  }
};

template <class... E>
constexpr auto make_concatenation(E... e) {
  if constexpr (explain_text_operands<E...>())
    return concatenation<E...>(std::move(e)...);
  else
    return typed_value<std::string, std::string>(std::string());
}

/// Throws: invalid_data where the pattern ends in a backslash that escapes nothing.
HEWN_API void check_pattern(std::string_view pattern);

}  // namespace detail

/// The text with the letters A to Z in lower case; others stay. On PostgreSQL it is sorted and
/// compared byte by byte, as on SQLite.
template <detail::has_value E>
constexpr auto lower(E e) {
  return detail::call_of_texts<detail::lower_form, std::string>(std::move(e));
}

/// The text with the letters a to z in upper case, likewise.
template <detail::has_value E>
constexpr auto upper(E e) {
  return detail::call_of_texts<detail::upper_form, std::string>(std::move(e));
}

/// How many characters the text has. SQLite counts those before the first NUL character, which no
/// text on PostgreSQL has.
template <detail::has_value E>
constexpr auto length(E e) {
  return detail::call_of_texts<detail::length_form, std::int64_t>(std::move(e));
}

/// At most `count` characters from number `start` on, the first being number 1. Characters before
/// the first are counted and are none: substr(e, 0, 2) is the first character. A `count` below 0
/// is none.
template <detail::has_value E>
constexpr auto substr(E e, std::int64_t start, std::int64_t count) {
  if constexpr (detail::explain_text_operands<E>())
    return detail::function_call<detail::substr_form, std::string, E, detail::text_position,
                                 detail::text_position>(std::move(e), detail::first_position(start),
                                                        detail::characters_from(start, count));
  else
    return e;
}

/// All characters from number `start` on.
template <detail::has_value E>
constexpr auto substr(E e, std::int64_t start) {
  if constexpr (detail::explain_text_operands<E>())
    return detail::function_call<detail::substr_to_end_form, std::string, E, detail::text_position>(
        std::move(e), detail::first_position(start));
  else
    return e;
}

/// The text without blanks at both ends, or without any of these characters. A blank is a space,
/// and neither a tab nor the end of a line.
template <detail::has_value E, class Characters = std::string_view>
constexpr auto trim(E e, Characters&& characters = " ") {
  return detail::call_of_texts<detail::trim_form, std::string>(
      std::move(e), detail::as_expression(std::forward<Characters>(characters)));
}

/// The same at the beginning alone.
template <detail::has_value E, class Characters = std::string_view>
constexpr auto ltrim(E e, Characters&& characters = " ") {
  return detail::call_of_texts<detail::ltrim_form, std::string>(
      std::move(e), detail::as_expression(std::forward<Characters>(characters)));
}

/// The same at the end alone.
template <detail::has_value E, class Characters = std::string_view>
constexpr auto rtrim(E e, Characters&& characters = " ") {
  return detail::call_of_texts<detail::rtrim_form, std::string>(
      std::move(e), detail::as_expression(std::forward<Characters>(characters)));
}

/// The text with `to` in every place of `from`, which minds case. An empty `from` is nowhere.
template <detail::has_value E, class From, class To>
constexpr auto replace(E e, From&& from, To&& to) {
  auto with = detail::as_expression(std::forward<To>(to));
  using form = std::conditional_t<detail::is_certain<decltype(with)>, detail::replace_form,
                                  detail::replace_by_other_form>;
  return detail::call_of_texts<form, std::string>(
      std::move(e), detail::as_expression(std::forward<From>(from)), std::move(with));
}

/// Texts one behind the other, NULL where one of them is; coalesce() makes an empty text of it.
template <class A, class B, class... More>
requires(detail::has_value<A> || detail::has_value<B> ||
         (detail::has_value<More> || ...)) constexpr auto concat(A&& a, B&& b, More&&... more) {
  return detail::make_concatenation(detail::as_expression(std::forward<A>(a)),
                                    detail::as_expression(std::forward<B>(b)),
                                    detail::as_expression(std::forward<More>(more))...);
}

/// Whether the text begins with another, in which nothing is a wildcard. Minds case.
template <detail::has_value E, class V>
constexpr auto starts_with(E e, V&& text) {
  return detail::call_of_texts<detail::starts_with_form, bool>(
      std::move(e), detail::as_expression(std::forward<V>(text)));
}

/// Whether the text ends with another, likewise.
template <detail::has_value E, class V>
constexpr auto ends_with(E e, V&& text) {
  return detail::call_of_texts<detail::ends_with_form, bool>(
      std::move(e), detail::as_expression(std::forward<V>(text)));
}

/// Whether another text is somewhere in the text, likewise.
template <detail::has_value E, class V>
constexpr auto contains_text(E e, V&& text) {
  return detail::call_of_texts<detail::contains_form, bool>(
      std::move(e), detail::as_expression(std::forward<V>(text)));
}

/// Whether the text is like a pattern of the program: `%` stands for any characters, `_` for one,
/// and a backslash takes the meaning from the character behind it, see escape_like(). Of ASCII's
/// letters the case is ignored. Throws: invalid_data where the pattern ends in a single backslash.
/// SQLite takes patterns of up to 50,000 bytes.
template <detail::has_value E, class V>
auto ilike(E e, V&& pattern) {
  if constexpr (detail::explain_pattern_text<std::remove_cvref_t<V>>()) {
    detail::check_pattern(pattern);
    return detail::call_of_texts<detail::ilike_form, bool>(
        std::move(e), detail::as_expression(std::forward<V>(pattern)));
  } else {
    return detail::typed_value<bool, bool>(false);
  }
}

/// A text as a pattern that is like nothing else: `ilike(e, escape_like(prefix) + "%")`.
HEWN_API std::string escape_like(std::string_view text);

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/base/error.hpp>

#  include <cstddef>

namespace hewn {

HEWN_API void detail::check_pattern(std::string_view pattern) {
  const std::size_t last = pattern.find_last_not_of('\\');
  const std::size_t backslashes = pattern.size() - (last == pattern.npos ? 0 : last + 1);
  if (backslashes % 2 != 0)
    throw error(errc::invalid_data,
                "hewn: the pattern of ilike() ends in a backslash that escapes nothing; double it, "
                "or pass the text through hewn::escape_like()");
}

HEWN_API std::string escape_like(std::string_view text) {
  std::string pattern;
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

}  // namespace hewn

#endif
