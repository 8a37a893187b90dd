// hewn/postgres/wire/converted_parameters.hpp - values whose places are of other types.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/postgres/wire/parameters.hpp>

#if HEWN_DEFINES_POSTGRES

#  include <hewn/db/values/driver_answers.hpp>
#  include <hewn/db/values/exact_real.hpp>
#  include <hewn/postgres/wire/array.hpp>
#  include <hewn/postgres/wire/narrow_column.hpp>
#  include <hewn/postgres/wire/numeric.hpp>
#  include <hewn/postgres/wire/server_types.hpp>
#  include <hewn/schema/time_text.hpp>
#  include <hewn/schema/uuid_text.hpp>

#  include <charconv>
#  include <cstdint>
#  include <cstring>
#  include <limits>
#  include <string>
#  include <string_view>
#  include <system_error>
#  include <utility>

namespace hewn::postgres::detail {

HEWN_COLD HEWN_API void parameters::bind_list(int i, std::string_view json) {
  bind_json(i, json, true);
}

HEWN_COLD HEWN_API void parameters::bind_array_text(int i, std::string_view json) {
  bind_json(i, json, false);
}

HEWN_COLD HEWN_API void parameters::put_number(int i, std::string&& encoded) {
  if (is_narrow(i) && !narrow_[at(i)].keeps_number(encoded))
    return refuse(i, value_problem::not_kept);
  keep(i, std::move(encoded));
}

HEWN_COLD HEWN_API void parameters::bind_converted(int i, std::int64_t v) {
  switch (declared(i)) {
    case wire::numeric:
      return put_number(i, *encode_numeric(std::to_string(v)));
    case wire::float8:
    case wire::float4: {
      double real = 0;
      if (!hewn::detail::exact_real(v, real)) return refuse(i, value_problem::out_of_range);
      return bind(i, real);
    }
    case wire::text:  // as SQLite compares a number with a text column
      return bind(i, std::string_view(std::to_string(v)), true);
    default:
      return refuse(
          i, in_range(i) ? value_problem::other_parameter_type : value_problem::no_such_parameter);
  }
}

HEWN_COLD HEWN_API void parameters::bind_converted(int i, double v) {
  if (declared(i) == wire::numeric) return put_number(i, encode_numeric(v));
  if (declared(i) != wire::float4)
    return refuse(
        i, in_range(i) ? value_problem::other_parameter_type : value_problem::no_such_parameter);
  constexpr double limit = std::numeric_limits<float>::max();
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if ((v > limit && v != infinity) || (v < -limit && v != -infinity))
    return refuse(i, value_problem::out_of_range);
  if (would_change(i, v)) return refuse(i, value_problem::not_kept);
  const auto narrow = static_cast<float>(v);
  std::uint32_t bits = 0;
  std::memcpy(&bits, &narrow, sizeof bits);
  put(i, bits);
}

HEWN_COLD HEWN_API void parameters::bind_converted(int i, timestamp v) {
  switch (declared(i)) {
    case wire::text:
      return bind(i, hewn::to_text(v).view(), true);
    case wire::timestamptz:
    case wire::timestamp:
      return would_change(i, v) ? refuse(i, value_problem::not_kept) : put_time(i, v);
    default:
      return refuse(i, value_problem::other_parameter_type);
  }
}

HEWN_COLD HEWN_API void parameters::bind_converted(int i, date v) {
  if (declared(i) != wire::text) return refuse(i, value_problem::other_parameter_type);
  bind(i, hewn::to_text(v).view(), true);
}

HEWN_COLD HEWN_API void parameters::bind_converted(int i, const uuid_bytes& v) {
  if (declared(i) != wire::text) return refuse(i, value_problem::other_parameter_type);
  const auto text = hewn::to_text(v);
  bind(i, std::string_view(text.data(), text.size()), true);
}

HEWN_COLD HEWN_API void parameters::bind_converted(int i, std::string_view v, bool copy) {
  switch (declared(i)) {
    case wire::text:
      return would_change(i, v) ? refuse(i, value_problem::not_kept) : put_text(i, v, copy);
    case wire::jsonb:
      return keep(i, '\1' + std::string(v));
    case wire::uuid: {
      const auto parsed = parse_uuid(v);
      return parsed ? bind(i, *parsed) : refuse(i, value_problem::not_a_uuid);
    }
    case wire::timestamptz:
    case wire::timestamp: {
      const auto parsed = parse_timestamp(v);
      return parsed ? bind(i, *parsed) : refuse(i, value_problem::not_a_time);
    }
    case wire::day: {
      const auto parsed = parse_date(v);
      return parsed ? bind(i, *parsed) : refuse(i, value_problem::not_a_time);
    }
    case wire::numeric: {
      auto encoded = encode_numeric(v);
      if (!encoded) return refuse(i, value_problem::other_parameter_type);
      // 007 would be 7.
      if (is_narrow(i) && to_text(*numeric_view::parse(*encoded)) != v)
        return refuse(i, value_problem::not_kept);
      return put_number(i, *std::move(encoded));
    }
    default:
      return refuse(
          i, in_range(i) ? value_problem::other_parameter_type : value_problem::no_such_parameter);
  }
}

HEWN_COLD HEWN_API void parameters::bind_json(int i, std::string_view json, bool any_of) {
  // Each value is converted as a parameter of the element type would be.
  parameters* const single = begin_array(i);
  if (single == nullptr) return;
  list_reader values(json);
  while (const auto value = values.next()) {
    if (values.is_null())
      single->bind_null(1);
    else
      single->bind_text_of(1, *value);
    if (any_of && (single->problem() == value_problem::out_of_range ||
                   single->problem() == value_problem::no_such_time))
      single->clear_problem();
    else if (!append_element(i))
      return;
  }
  finish_array(i);
}

HEWN_COLD HEWN_API void parameters::bind_text_of(int i, std::string_view text) {
  switch (declared(i)) {
    case wire::boolean:
      return bind(i, text == "1" || text == "true");
    case wire::float4:
    case wire::float8: {
      double v = 0;
      const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), v);
      if (problem != std::errc() || end != text.data() + text.size())
        return refuse(i, value_problem::other_parameter_type);
      return bind(i, v);
    }
    case wire::int2:
    case wire::int4:
    case wire::int8: {
      std::int64_t v = 0;
      const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), v);
      if (problem != std::errc() || end != text.data() + text.size())
        return refuse(i, value_problem::other_parameter_type);
      return bind(i, v);
    }
    default:
      return bind(i, text, true);
  }
}

}  // namespace hewn::postgres::detail

#endif
