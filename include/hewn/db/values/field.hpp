// hewn/db/values/field.hpp - one field of a struct to a parameter, one column of a row to a field.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/values/driver_answers.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/enums.hpp>

#include <concepts>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// Binds `value` to parameter `i`. With `copy` the statement keeps its own copy of text and bytes;
/// without it the value must outlive the execution.
template <class Statement, class F>
void bind_field(Statement& statement, int i, const F& value, bool copy) {
  if constexpr (is_optional<F>) {
    if (value)
      bind_field(statement, i, *value, copy);
    else
      statement.bind_null(i);
  } else if constexpr (integer_like<F>) {
    if constexpr (sizeof(F) == 8 && !std::is_signed_v<F>)
      if (value > static_cast<F>(std::numeric_limits<std::int64_t>::max()))
        return statement.refuse(i, value_problem::out_of_range);
    statement.bind(i, static_cast<std::int64_t>(value));
  } else if constexpr (std::floating_point<F>) {
    statement.bind(i, static_cast<double>(value));
  } else if constexpr (text_like<F>) {
    statement.bind(i, std::string_view(value), copy);
  } else if constexpr (std::same_as<F, std::vector<unsigned char>>) {
    statement.bind(i, std::as_bytes(std::span(value)), copy);
  } else if constexpr (bytes_like<F>) {
    statement.bind(i, bytes_view(value), copy);
  } else if constexpr (built_in<F>) {
    statement.bind(i, value);
  } else if constexpr (stores_label<F>) {
    const std::string_view label = codec<F>::encode(value);
    if (label.empty()) return statement.refuse(i, value_problem::unknown_label);
    statement.bind(i, label, false);  // labels live for ever
  } else if constexpr (has_list_codec<F>) {
    codec<F>::bind(statement, i, value);
  } else {
    using stored = encoded<F>;
    // An encoded std::string or bytes is a temporary, so the statement needs its own copy.
    constexpr bool temporary = std::same_as<stored, std::string> || bytes_like<stored>;
    const auto s = codec<F>::encode(value);
    if constexpr (is_optional<std::remove_cvref_t<decltype(s)>>) {
      if (!s) return statement.refuse(i, value_problem::not_encodable);
      bind_field(statement, i, *s, copy || temporary);
    } else {
      bind_field(statement, i, s, copy || temporary);
    }
  }
}

// What codec<F>::decode takes: views of text and bytes, everything else by value.
template <class Stored>
struct stored_view {
  using type = Stored;
};
template <text_like Stored>
struct stored_view<Stored> {
  using type = std::string_view;
};
template <bytes_like Stored>
struct stored_view<Stored> {
  using type = bytes_view;
};

/// Reads column `i` of the current row into `out`. False: statement.problem() says why, and `out`
/// holds what it held or a valid part of it.
template <class Statement, class F>
bool read_field(Statement& statement, int i, F& out) {
  if constexpr (is_optional<F>) {
    if constexpr (std::same_as<F, std::optional<std::string>>) {
      // A new string is made from the text at once: assigning to an empty one costs 60 instructions
      // more for a text that does not fit into the string object.
      std::string_view text;
      if (statement.read(i, text)) {
        if (out)
          out->assign(text.data(), text.size());
        else
          out.emplace(text.data(), text.size());
        return true;
      }
    } else {
      if (!out) out.emplace();
      if (read_field(statement, i, *out)) return true;
    }
    // Asked afterwards, because most values are not NULL and asking costs a look-up of the column.
    if (statement.problem() != value_problem::is_null) return false;
    statement.clear_problem();
    out.reset();
    return true;
  } else if constexpr (std::same_as<F, std::int64_t> || std::same_as<F, bool> ||
                       std::same_as<F, double> || std::same_as<F, std::string> ||
                       std::same_as<F, std::string_view> || std::same_as<F, bytes_view> ||
                       std::same_as<F, timestamp> || std::same_as<F, date> ||
                       std::same_as<F, uuid_bytes>) {
    return statement.read(i, out);
  } else if constexpr (integer_like<F>) {
    std::int64_t stored = 0;
    if (!statement.read(i, stored)) return false;
    if (!std::in_range<F>(stored)) return statement.fail(value_problem::out_of_range);
    out = static_cast<F>(stored);
    return true;
  } else if constexpr (std::same_as<F, float>) {
    double stored = 0;
    if (!statement.read(i, stored)) return false;
    constexpr double limit = std::numeric_limits<float>::max();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if ((stored > limit && stored != infinity) || (stored < -limit && stored != -infinity))
      return statement.fail(value_problem::out_of_range);
    out = static_cast<float>(stored);
    return true;
  } else if constexpr (bytes_like<F>) {
    bytes_view stored;
    if (!statement.read(i, stored)) return false;
    const auto* first = reinterpret_cast<const typename F::value_type*>(stored.data());
    out.assign(first, first + stored.size());
    return true;
  } else if constexpr (has_list_codec<F>) {
    return codec<F>::read(statement, i, out);
  } else {
    typename stored_view<encoded<F>>::type stored{};
    if (!read_field(statement, i, stored)) return false;
    auto decoded = codec<F>::decode(stored);
    if constexpr (std::same_as<decltype(decoded), F>) {
      out = std::move(decoded);
    } else {
      if (!decoded)
        return statement.fail(stores_label<F> ? value_problem::unknown_label
                              : column_type_of<F>() == column_type::json_text
                                  ? value_problem::not_json
                                  : value_problem::not_decodable);
      out = *std::move(decoded);
    }
    return true;
  }
}

}  // namespace hewn::detail
