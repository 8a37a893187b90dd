// hewn/db/listen/payload.hpp - values as the text of a notification.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/codec.hpp>
#include <hewn/schema/enums.hpp>

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// Text, an integer, or a type whose codec stores one of them: enumerations, hewn::json<T>.
template <class P>
consteval bool explain_payload() {
  if constexpr (text_like<P> || integer_like<P>) {
    return true;
  } else if constexpr (has_codec<P>) {
    static_assert(text_like<encoded<P>> || integer_like<encoded<P>>,
                  "hewn: a payload is text, an integer, or a type whose hewn::codec stores one of "
                  "them; wrap a struct in hewn::json<>");
    return text_like<encoded<P>> || integer_like<encoded<P>>;
  } else {
    static_assert(has_codec<P>,
                  "hewn: a payload is text, an integer, or a type whose hewn::codec stores one of "
                  "them; wrap a struct in hewn::json<>");
    return false;
  }
}

/// Nothing when the value has no stored form.
template <class P>
std::optional<std::string> to_payload(const P& value) {
  if constexpr (std::convertible_to<const P&, std::string_view>) {
    return std::string(std::string_view(value));
  } else if constexpr (integer_like<P>) {
    return std::to_string(value);
  } else {
    const std::optional<encoded<P>> stored = codec<P>::encode(value);
    if (!stored) return std::nullopt;
    if constexpr (requires { requires codec<P>::stores_label; })
      if (stored->empty()) return std::nullopt;  // an enumerator without a name
    return to_payload(*stored);
  }
}

/// Nothing when the text is not a value of the type.
template <class P>
std::optional<P> from_payload(std::string_view text) {
  if constexpr (text_like<P>) {
    return P(text);
  } else if constexpr (integer_like<P>) {
    P value{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
  } else {
    if constexpr (integer_like<encoded<P>>) {
      const auto stored = from_payload<encoded<P>>(text);
      if (!stored) return std::nullopt;
      return codec<P>::decode(*stored);
    } else {
      return codec<P>::decode(text);
    }
  }
}

}  // namespace hewn::detail
