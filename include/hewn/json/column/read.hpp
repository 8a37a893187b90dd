// hewn/json/column/read.hpp - parsed JSON as a C++ value.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/json/column/number.hpp>
#include <hewn/json/column/parse.hpp>
#include <hewn/json/column/value.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/enums.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/uuid_text.hpp>

#include <nlohmann/json.hpp>

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn::detail {

template <class V>
bool read_json(nlohmann::json& source, V& out);

template <class T>
struct json_member_reader {
  nlohmann::json& object;
  bool ok = true;

  template <class F, std::size_t I>
  void operator()(F& field, std::integral_constant<std::size_t, I>) {
    const auto found = object.find(field_names<T>[I]);
    if (found != object.end()) ok = ok && read_json(*found, field);
  }
};

template <class V>
bool read_json_integer(const nlohmann::json& source, V& out) {
  const auto take = [&out](auto number) {
    if (!std::in_range<V>(number)) return false;
    out = static_cast<V>(number);
    return true;
  };
  if (source.is_number_unsigned()) return take(source.get<std::uint64_t>());
  return source.is_number_integer() && take(source.get<std::int64_t>());
}

// An integer is a number like any other, unless the double would be another number.
inline bool read_json_real(const nlohmann::json& source, double& out) {
  if (source.is_number_float()) {
    out = source.get<double>();
    return true;
  }
  std::int64_t integer = 0;
  constexpr std::int64_t exact = std::int64_t{1} << 53;  // IEEE 754: integers up to here are exact
  if (!read_json_integer(source, integer) || integer > exact || integer < -exact) return false;
  out = static_cast<double>(integer);
  return true;
}

// By the digits that identify the double: those that it was read from are not known any more.
inline bool read_json_float(double wide, float& out) {
  constexpr double limit = std::numeric_limits<float>::max();
  if (wide > limit || wide < -limit) return false;
  char text[32];
  const char* const end = std::to_chars(text, text + sizeof text, wide).ptr;
  out = static_cast<float>(wide);
  return holds_decimal(std::string_view(text, static_cast<std::size_t>(end - text)), out);
}

template <class List>
bool read_json_list(nlohmann::json& source, List& out) {
  if (!source.is_array()) return false;
  out.clear();
  out.reserve(source.size());
  for (auto& element : source) {
    typename List::value_type value{};
    if (!read_json(element, value)) return false;
    out.push_back(std::move(value));
  }
  return true;
}

template <class Array>
bool read_json_array(nlohmann::json& source, Array& out) {
  if (!source.is_array() || source.size() != out.size()) return false;
  for (std::size_t i = 0; i != out.size(); ++i)
    if (!read_json(source[i], out[i])) return false;
  return true;
}

template <class Map>
bool read_json_map(nlohmann::json& source, Map& out) {
  if (!source.is_object()) return false;
  out.clear();
  for (auto& [name, element] : source.get_ref<nlohmann::json::object_t&>()) {
    typename Map::mapped_type value{};
    if (!read_json(element, value)) return false;
    out.emplace(name, std::move(value));
  }
  return true;
}

template <class T>
bool read_json_parsed(const nlohmann::json& source, T& out,
                      std::optional<T> (*parse)(std::string_view)) {
  if (!source.is_string()) return false;
  const std::optional<T> parsed = parse(source.get_ref<const std::string&>());
  if (parsed) out = *parsed;
  return parsed.has_value();
}

// Through what the codec stores; text stays where it is while the codec looks at it.
template <class V>
bool read_json_by_codec(nlohmann::json& source, V& out) {
  encoded<V> stored{};
  if constexpr (text_like<encoded<V>>) {
    if (!source.is_string()) return false;
  } else {
    if (!read_json(source, stored)) return false;
  }
  auto decoded = [&] {
    if constexpr (text_like<encoded<V>>)
      return codec<V>::decode(std::string_view(source.get_ref<const std::string&>()));
    else
      return codec<V>::decode(stored);
  }();
  if constexpr (std::same_as<decltype(decoded), V>) {
    out = std::move(decoded);
    return true;
  } else {
    if (decoded) out = *std::move(decoded);
    return decoded.has_value();
  }
}

/// Reads `source`, whose text may be moved from; false where it does not fit.
template <class V>
bool read_json(nlohmann::json& source, V& out) {
  if constexpr (std::same_as<V, nlohmann::json>) {
    if (has_lost(source)) return false;
    out = std::move(source);
    return true;
  } else if constexpr (is_json<V>) {
    return read_json(source, out.value);
  } else if constexpr (is_optional<V>) {
    out.reset();
    return source.is_null() || read_json(source, out.emplace());
  } else if constexpr (std::same_as<V, bool>) {
    if (source.is_boolean()) out = source.get<bool>();
    return source.is_boolean();
  } else if constexpr (bytes_like<V>) {
    return has_no_json_form<V>();
  } else if constexpr (integer_like<V>) {
    return read_json_integer(source, out);
  } else if constexpr (std::same_as<V, double>) {
    return read_json_real(source, out);
  } else if constexpr (std::same_as<V, float>) {
    double wide = 0;
    if (!read_json_real(source, wide)) return false;
    return read_json_float(wide, out);
  } else if constexpr (std::same_as<V, std::string>) {
    if (!source.is_string()) return false;
    out = std::move(source.get_ref<std::string&>());
    return true;
  } else if constexpr (std::same_as<V, timestamp>) {
    return read_json_parsed(source, out, parse_timestamp);
  } else if constexpr (std::same_as<V, date>) {
    return read_json_parsed(source, out, parse_date);
  } else if constexpr (std::same_as<V, uuid_bytes>) {
    return read_json_parsed(source, out, parse_uuid);
  } else if constexpr (has_codec<V>) {
    return read_json_by_codec(source, out);
  } else if constexpr (is_json_list<V>) {
    return read_json_list(source, out);
  } else if constexpr (is_json_array<V>) {
    return read_json_array(source, out);
  } else if constexpr (is_json_map<V>) {
    return read_json_map(source, out);
  } else if constexpr (record<V>) {
    if constexpr (!explain_record<V>()) {
      return false;
    } else {
      if (!source.is_object()) return false;
      json_member_reader<V> members{source};
      visit_fields(out, members);
      return members.ok;
    }
  } else {
    return has_no_json_form<V>();
  }
}

// Before parsing, because a parsed value of any depth would have to be walked.
constexpr bool nests_too_deep(std::string_view text) {
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted && c == '\\')
      ++i;
    else if (c == '"')
      quoted = !quoted;
    else if (quoted)
      continue;
    else if (c == '[' || c == '{')
      ++depth;
    else if (c == ']' || c == '}')
      --depth;
    if (depth > max_json_depth) return true;
  }
  return false;
}

}  // namespace hewn::detail
