// hewn/schema/text_forms.hpp - what e-mail addresses and URLs are to declarations.
// SPDX-License-Identifier: BSL-1.0
//
// A form is patterns: the text is as one of those that it may be, and as none of those that it may
// not be. So both databases check it by what they have, and all three agree to the letter.
#pragma once

#include <hewn/schema/pattern_match.hpp>

#include <span>
#include <string_view>

namespace hewn::detail {

struct text_form {
  std::span<const std::string_view> may_be;      // one of them; empty: anything
  std::span<const std::string_view> may_not_be;  // none of them
};

inline constexpr std::string_view email_is[] = {"?*@?*.?*"};

// A set is as short as it can be written, because SQLite reads it once for each character.
inline constexpr std::string_view email_is_not[] = {
    "*[^!#-'*+.-9=?-Z^-~-]*",  // RFC 5322, atext with . and @
    "*@*@*",
    "*@*[^A-Za-z0-9.-]*",
    ".*",
    "*..*",
    "*.@*",
    "*@.*",
    "*.",
    "*@-*",
    "*@*.-*",
    "*@*-.*",
    "*-"};

/// One @. Before it letters, digits and .!#$%&'*+/=?^_`{|}~- with no dot at either end and no two
/// side by side. Behind it at least two names with a dot between each two, of letters, digits and
/// hyphens with no hyphen at either end. All of ASCII.
inline constexpr text_form email_form{email_is, email_is_not};

inline constexpr std::string_view url_is[] = {"http://[A-Za-z0-9[]*", "https://[A-Za-z0-9[]*"};
inline constexpr std::string_view url_is_not[] = {
    "*[^]!#-;=?-[_a-z~]*",  // RFC 3986, section 2
    "*%[^0-9A-Fa-f]*",     "*%?[^0-9A-Fa-f]*", "*%", "*%?", "*#*#*"};

/// http:// or https:// in lower case, then a letter, a digit or [, then any of the characters of
/// RFC 3986, where % stands before two hexadecimal digits and # once at most. All of ASCII.
inline constexpr text_form url_form{url_is, url_is_not};

constexpr bool is_any_match(std::string_view text, std::span<const std::string_view> patterns) {
  for (const std::string_view p : patterns)
    if (is_matchable_match(text, p)) return true;
  return false;
}

constexpr bool is_of_form(std::string_view text, const text_form& form) {
  return is_matchable(text) && (form.may_be.empty() || is_any_match(text, form.may_be)) &&
         !is_any_match(text, form.may_not_be);
}

}  // namespace hewn::detail
