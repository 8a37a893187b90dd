// hewn/schema/limit_words.hpp - the words of a declaration for what values a column takes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/reflect/member.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/declared_table.hpp>
#include <hewn/schema/text_pattern.hpp>

#include <bit>
#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace hewn::detail {

/// What the ends of a range of the field are.
template <auto Member>
using limit_of = std::conditional_t<std::is_floating_point_v<unwrapped<member_type<Member>>>,
                                    double, std::int64_t>;

template <class F, class Value>
consteval bool can_be_one_of() {
  if constexpr (integer_like<F>)
    return integer_like<Value>;
  else
    return std::is_convertible_v<const Value&, std::string_view>;
}

template <bool IsText>
consteval void explain_text() {
  static_assert(IsText,
                "hewn: not_blank<>, pattern<>, characters<>, email<> and url<> are for text "
                "columns; remove it, or change the field");
}

/// Each word is a CHECK of the database and, for an error that names the field without a round
/// trip, a test before a row is written. NULL passes all of them.
template <class Spec>
class limit_words : public declared_table {
 public:
  using declared_table::declared_table;

  /// The text has from `low` to `high` characters (code points).
  template <auto Member>
  constexpr Spec& length(std::int64_t low, std::int64_t high) {
    static_assert(is_text<Member>, "hewn: length<> is for text columns; use range<> for numbers");
    auto& added = clauses_.template add<Member>(clause_kind::length);
    added.low = low;
    added.high = high;
    return spec();
  }

  /// The text has at most `high` characters (code points).
  template <auto Member>
  constexpr Spec& length(std::int64_t high) {
    return length<Member>(0, high);
  }

  /// The number lies between `low` and `high`, both included. An infinite end is none.
  template <auto Member>
  constexpr Spec& range(limit_of<Member> low, limit_of<Member> high) {
    using field = unwrapped<member_type<Member>>;
    static_assert(integer_like<field> || std::is_floating_point_v<field>,
                  "hewn: range<> is for integers and real numbers; use check() for others");
    auto& added = clauses_.template add<Member>(clause_kind::range);
    if constexpr (std::is_floating_point_v<field>)
      added.expression = keep_end(keep_end(clauses_.new_list(added), low), high);
    added.low = std::bit_cast<std::int64_t>(low);
    added.high = std::bit_cast<std::int64_t>(high);
    return spec();
  }

  /// The text or integer is one of these. Upper and lower case are different.
  template <auto Member, class... Values>
  constexpr Spec& one_of(const Values&... values) {
    using field = unwrapped<member_type<Member>>;
    static_assert(is_text<Member> || integer_like<field>,
                  "hewn: one_of<> is for text and integers; use check() for others");
    static_assert(sizeof...(Values) > 0,
                  "hewn: one_of<> without values lets no row in; name the values, as in "
                  "one_of<&T::field>(\"a\", \"b\")");
    constexpr bool fit = (can_be_one_of<field, Values>() && ...);
    static_assert(fit,
                  "hewn: a value of one_of<> is of another type than its field; write texts for a "
                  "text and integers for an integer");
    if constexpr (fit && (is_text<Member> || integer_like<field>)) {
      auto& added = clauses_.template add<Member>(clause_kind::one_of);
      text_range list = clauses_.new_list(added);
      ((list = keep<field>(list, values)), ...);
      added.expression = list;
    }
    return spec();
  }

  /// Something is left of the text when its white space is trimmed at both ends: a character
  /// without the property White_Space of Unicode.
  template <auto Member>
  constexpr Spec& not_blank() {
    explain_text<is_text<Member>>();
    clauses_.template add<Member>(clause_kind::not_blank);
    return spec();
  }

  /// The whole text is as one of the patterns: * ? [a-z] [^a-z] {4} and plain characters, see
  /// schema/text_pattern.hpp.
  template <auto Member, class... Patterns>
  constexpr Spec& pattern(const Patterns&... patterns) {
    constexpr bool texts = (std::is_convertible_v<const Patterns&, std::string_view> && ...);
    explain_text<is_text<Member>>();
    static_assert(sizeof...(Patterns) > 0 && texts,
                  "hewn: pattern<> takes patterns as texts, of which each value is as one; write "
                  "pattern<&T::field>(\"[A-Z]{2}-*\")");
    auto& added = clauses_.template add<Member>(clause_kind::pattern);
    text_range list = clauses_.new_list(added);
    if constexpr (texts) ((list = keep_pattern(list, patterns)), ...);
    added.expression = list;
    return spec();
  }

  /// The text has no other characters than those of a set, such as "a-z0-9_-". An empty text has
  /// none.
  template <auto Member>
  constexpr Spec& characters(std::string_view set) {
    explain_text<is_text<Member>>();
    auto& added = clauses_.template add<Member>(clause_kind::characters);
    const text_range list = clauses_.new_list(added);
    if (!is_set(set)) clauses_.note(declaration_fault::wrong_characters);
    added.expression = clauses_.keep(list, set);
    return spec();
  }

  /// The text is an e-mail address as schema/text_forms.hpp says. It may not exist.
  template <auto Member>
  constexpr Spec& email() {
    explain_text<is_text<Member>>();
    clauses_.template add<Member>(clause_kind::email);
    return spec();
  }

  /// The text is an absolute URL of http or https as schema/text_forms.hpp says.
  template <auto Member>
  constexpr Spec& url() {
    explain_text<is_text<Member>>();
    clauses_.template add<Member>(clause_kind::url);
    return spec();
  }

 private:
  template <auto Member>
  static constexpr bool is_text = column_type_of<member_type<Member>>() == column_type::text;

  constexpr Spec& spec() { return static_cast<Spec&>(*this); }

  constexpr text_range keep_pattern(text_range list, std::string_view pattern) {
    if (!is_pattern(pattern)) clauses_.note(declaration_fault::wrong_pattern);
    return clauses_.keep(list, pattern);
  }

  constexpr text_range keep_end(text_range list, double end) {
    // No arithmetic: what makes NaN of an infinity is no constant.
    constexpr double most = std::numeric_limits<double>::max();
    const bool finite = end >= -most && end <= most;
    return finite ? clauses_.keep(list, end) : clauses_.keep(list, std::string_view());
  }

  template <class F, class Value>
  constexpr text_range keep(text_range list, const Value& value) {
    if constexpr (integer_like<F>) {
      if (!may_be_stored<F>(value)) clauses_.note(declaration_fault::value_outside_field);
      return clauses_.keep(list, value);
    } else {
      return clauses_.keep(list, std::string_view(value));
    }
  }
};

}  // namespace hewn::detail
