// hewn/postgres/wire/wire_value.hpp - one value of the server, converted to a C++ type.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/db/values/exact_real.hpp>
#include <hewn/postgres/wire/binary.hpp>
#include <hewn/postgres/wire/server_types.hpp>
#include <hewn/schema/types.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#if HEWN_DEFINES_POSTGRES
#  include <hewn/postgres/wire/numeric.hpp>
#  include <hewn/schema/uuid_text.hpp>

#  include <cstring>
#  include <optional>
#endif

namespace hewn::postgres::detail {

/// A kind and the length that its values have, as one number to switch on.
constexpr std::uint64_t sized(wire kind, std::size_t length) noexcept {
  return (static_cast<std::uint64_t>(kind) << 32) + static_cast<std::uint32_t>(length);
}

/// A value as it came, in a column or in an array.
struct wire_value {
  wire kind = wire::unknown;
  bool null = true;
  std::string_view bytes{};

  std::uint64_t form() const noexcept { return sized(kind, null ? ~std::size_t{0} : bytes.size()); }
};

/// What to say of a value that is of another type than the field.
HEWN_RARE HEWN_API value_problem unfit(const wire_value& c) noexcept;

// ---- none, and `out` has the value; or why it has not

HEWN_RARE HEWN_API value_problem read_value(const wire_value& c, std::int64_t& out) noexcept;

HEWN_RARE HEWN_API value_problem read_value(const wire_value& c, bool& out) noexcept;

HEWN_RARE HEWN_API value_problem read_value(const wire_value& c, double& out) noexcept;

/// A number as text is made in `room`.
HEWN_RARE HEWN_API value_problem read_value(const wire_value& c, std::string_view& out,
                                            std::string& room);

HEWN_RARE HEWN_API value_problem read_value(const wire_value& c, timestamp& out) noexcept;

HEWN_RARE HEWN_API value_problem read_value(const wire_value& c, date& out) noexcept;

HEWN_RARE HEWN_API value_problem read_value(const wire_value& c, uuid_bytes& out) noexcept;

#if HEWN_DEFINES_POSTGRES

HEWN_API value_problem unfit(const wire_value& c) noexcept {
  if (c.null) return value_problem::is_null;
  switch (c.kind) {
    case wire::int2:
    case wire::int4:
    case wire::int8:
      return value_problem::is_integer;
    case wire::float4:
    case wire::float8:
    case wire::numeric:
      return value_problem::is_real;
    case wire::text:
    case wire::jsonb:
      return value_problem::is_text;
    default:
      return value_problem::is_blob;
  }
}

HEWN_API value_problem read_value(const wire_value& c, std::int64_t& out) noexcept {
  switch (c.form()) {
    case sized(wire::int8, 8):
      out = static_cast<std::int64_t>(load<std::uint64_t>(c.bytes.data()));
      return value_problem::none;
    case sized(wire::int4, 4):
      out = static_cast<std::int32_t>(load<std::uint32_t>(c.bytes.data()));
      return value_problem::none;
    case sized(wire::int2, 2):
      out = static_cast<std::int16_t>(load<std::uint16_t>(c.bytes.data()));
      return value_problem::none;
    case sized(wire::boolean, 1):
      out = c.bytes[0] != 0 ? 1 : 0;
      return value_problem::none;
    default:
      break;
  }
  if (c.null || c.kind != wire::numeric) return unfit(c);
  const auto number = numeric_view::parse(c.bytes);
  const auto value = number ? to_integer(*number) : std::nullopt;
  if (!value) return value_problem::out_of_range;
  out = *value;
  return value_problem::none;
}

HEWN_API value_problem read_value(const wire_value& c, bool& out) noexcept {
  std::int64_t stored = 0;
  if (const value_problem p = read_value(c, stored); p != value_problem::none) return p;
  if (stored != 0 && stored != 1) return value_problem::out_of_range;
  out = stored == 1;
  return value_problem::none;
}

HEWN_API value_problem read_value(const wire_value& c, double& out) noexcept {
  if (c.form() == sized(wire::float8, 8)) {
    const auto bits = load<std::uint64_t>(c.bytes.data());
    std::memcpy(&out, &bits, sizeof out);
    return value_problem::none;
  }
  if (c.form() == sized(wire::float4, 4)) {
    const auto bits = load<std::uint32_t>(c.bytes.data());
    float narrow = 0;
    std::memcpy(&narrow, &bits, sizeof narrow);
    out = narrow;
    return value_problem::none;
  }
  if (!c.null && c.kind == wire::numeric) {
    const auto number = numeric_view::parse(c.bytes);
    const auto value = number ? to_real(*number) : std::nullopt;
    if (!value) return value_problem::out_of_range;
    out = *value;
    return value_problem::none;
  }
  std::int64_t whole = 0;
  if (c.kind == wire::boolean) return unfit(c);
  if (const value_problem p = read_value(c, whole); p != value_problem::none) return p;
  return hewn::detail::exact_real(whole, out) ? value_problem::none : value_problem::out_of_range;
}

HEWN_API value_problem read_value(const wire_value& c, std::string_view& out, std::string& room) {
  if (c.null) return unfit(c);
  if (c.kind == wire::text) {
    out = c.bytes;
    return value_problem::none;
  }
  if (c.kind == wire::jsonb && c.bytes.starts_with('\1')) {
    out = c.bytes.substr(1);
    return value_problem::none;
  }
  const auto number =
      c.kind == wire::numeric ? numeric_view::parse(c.bytes) : std::optional<numeric_view>();
  if (!number) return unfit(c);
  out = room = to_text(*number);
  return value_problem::none;
}

HEWN_API value_problem read_value(const wire_value& c, timestamp& out) noexcept {
  if (c.form() != sized(wire::timestamptz, 8) && c.form() != sized(wire::timestamp, 8))
    return unfit(c);
  const auto stored = load_timestamp(c.bytes.data());
  if (!stored) return value_problem::out_of_range;
  out = *stored;
  return value_problem::none;
}

HEWN_API value_problem read_value(const wire_value& c, date& out) noexcept {
  if (c.form() != sized(wire::day, 4)) return unfit(c);
  const auto stored = load_date(c.bytes.data());
  if (!stored) return value_problem::out_of_range;
  out = *stored;
  return value_problem::none;
}

HEWN_API value_problem read_value(const wire_value& c, uuid_bytes& out) noexcept {
  if (c.form() == sized(wire::uuid, 16)) {
    std::memcpy(out.data.data(), c.bytes.data(), out.data.size());
    return value_problem::none;
  }
  if (c.null || c.kind != wire::text) return unfit(c);
  const auto parsed = parse_uuid(c.bytes);
  if (!parsed) return value_problem::not_a_uuid;
  out = *parsed;
  return value_problem::none;
}

#endif

}  // namespace hewn::postgres::detail
