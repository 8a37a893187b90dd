// hewn/json/column/write.hpp - a C++ value as JSON text.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/json_text.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/json/column/value.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/enums.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/uuid_text.hpp>

#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace hewn::detail {

inline bool write_json_number(std::string& out, double value) {
  if (!std::isfinite(value)) return false;
  char text[32];
  const char* const end = std::to_chars(text, text + sizeof text, value).ptr;
  const std::string_view digits(text, static_cast<std::size_t>(end - text));
  out += digits;
  // What looks like an integer is read as one, and -0 would lose its sign.
  if (digits.find_first_of(".e") == digits.npos) out += ".0";
  return true;
}

template <class V>
bool write_json(std::string& out, const V& value, int depth);

template <class T>
struct json_member_writer {
  std::string& out;
  int depth;
  bool ok = true;

  template <class F, std::size_t I>
  void operator()(const F& field, std::integral_constant<std::size_t, I>) {
    if (I != 0) out += ',';
    append_json_text(out, field_names<T>[I]);
    out += ':';
    ok = ok && write_json(out, field, depth);
  }
};

template <class Element, class List>
bool write_json_list(std::string& out, const List& list, int depth) {
  if (depth == max_json_depth) return false;
  out += '[';
  bool first = true;
  for (const Element& element : list) {
    if (!first) out += ',';
    first = false;
    if (!write_json(out, element, depth + 1)) return false;
  }
  out += ']';
  return true;
}

template <class Map>
bool write_json_map(std::string& out, const Map& map, int depth) {
  if (depth == max_json_depth) return false;
  out += '{';
  bool first = true;
  for (const auto& [name, element] : map) {
    if (!first) out += ',';
    first = false;
    if (!write_json(out, name, depth + 1)) return false;
    out += ':';
    if (!write_json(out, element, depth + 1)) return false;
  }
  out += '}';
  return true;
}

// Not nlohmann's dump(): it recurses without a limit and writes NaN as null.
inline bool write_any_json(std::string& out, const nlohmann::json& value, int depth) {
  using kind = nlohmann::json::value_t;
  switch (value.type()) {
    case kind::null:
      out += "null";
      return true;
    case kind::boolean:
      return write_json(out, value.get<bool>(), depth);
    case kind::number_integer:
      return write_json(out, value.get<std::int64_t>(), depth);
    case kind::number_unsigned:
      return write_json(out, value.get<std::uint64_t>(), depth);
    case kind::number_float:
      return write_json_number(out, value.get<double>());
    case kind::string:
      return write_json(out, value.get_ref<const std::string&>(), depth);
    case kind::array:
      return write_json_list<nlohmann::json>(out, value, depth);
    case kind::object:
      return write_json_map(out, value.get_ref<const nlohmann::json::object_t&>(), depth);
    default:
      return false;  // binary content is not JSON
  }
}

/// Appends `value`; false where it has no JSON. `depth` is the number of objects and arrays around.
template <class V>
bool write_json(std::string& out, const V& value, int depth) {
  if constexpr (std::same_as<V, nlohmann::json>) {
    return write_any_json(out, value, depth);
  } else if constexpr (is_json<V>) {
    return write_json(out, value.value, depth);
  } else if constexpr (is_optional<V>) {
    if (value) return write_json(out, *value, depth);
    out += "null";
    return true;
  } else if constexpr (std::same_as<V, bool>) {
    out += value ? "true" : "false";
    return true;
  } else if constexpr (bytes_like<V>) {
    return has_no_json_form<V>();
  } else if constexpr (integer_like<V>) {
    out += std::to_string(value);
    return true;
  } else if constexpr (std::same_as<V, float> || std::same_as<V, double>) {
    return write_json_number(out, static_cast<double>(value));
  } else if constexpr (text_like<V>) {
    if (!is_utf8(value)) return false;
    append_json_text(out, value);
    return true;
  } else if constexpr (std::same_as<V, timestamp> || std::same_as<V, date>) {
    const time_text text = to_text(value);
    if (text.size != 0) append_json_text(out, text.view());
    return text.size != 0;
  } else if constexpr (std::same_as<V, uuid_bytes>) {
    const auto text = to_text(value);
    append_json_text(out, {text.data(), text.size()});
    return true;
  } else if constexpr (has_codec<V>) {
    const auto stored = codec<V>::encode(value);
    if constexpr (is_optional<std::remove_cvref_t<decltype(stored)>>)
      if (!stored) return false;
    if constexpr (stores_label<V>)
      if (stored.empty()) return false;
    return write_json(out, stored, depth);
  } else if constexpr (is_json_list<V> || is_json_array<V>) {
    return write_json_list<typename V::value_type>(out, value, depth);
  } else if constexpr (is_json_map<V>) {
    return write_json_map(out, value, depth);
  } else if constexpr (record<V>) {
    if constexpr (!explain_record<V>()) {
      return false;
    } else {
      if (depth == max_json_depth) return false;
      out += '{';
      json_member_writer<V> members{out, depth + 1};
      visit_fields(value, members);
      out += '}';
      return members.ok;
    }
  } else {
    return has_no_json_form<V>();
  }
}

}  // namespace hewn::detail
