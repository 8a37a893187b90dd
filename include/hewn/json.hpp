// hewn/json.hpp - columns that hold a plain struct as JSON.
// SPDX-License-Identifier: BSL-1.0
//
// Needs nlohmann-json 3.11 or later, which parses. The text is written by hewn, the members in the
// order of the fields; SQL reaches into it by json_extract() or `->>`.
#pragma once

#include <hewn/json/column/parse.hpp>
#include <hewn/json/column/read.hpp>
#include <hewn/json/column/value.hpp>
#include <hewn/json/column/write.hpp>
#include <hewn/schema/codec.hpp>

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace hewn {

template <class T>
struct codec<json<T>> {
  static constexpr column_type type = column_type::json_text;

  static std::optional<std::string> encode(const json<T>& content) {
    std::string text;
    if (!detail::write_json(text, content.value, 0)) return std::nullopt;
    return text;
  }

  static std::optional<json<T>> decode(std::string_view text) {
    // The parser takes a NUL for the end of the text, whatever follows.
    if (text.find('\0') != text.npos || detail::nests_too_deep(text)) return std::nullopt;
    std::optional<nlohmann::json> parsed = detail::parse_json(text);
    json<T> content;
    if (!parsed || !detail::read_json(*parsed, content.value)) return std::nullopt;
    return content;
  }
};

}  // namespace hewn
