// hewn/postgres/wire/server_types.hpp - PostgreSQL's types as the driver tells them apart.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/types.hpp>

#include <libpq-fe.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hewn::postgres::detail {

/// How the bytes of a value are to be read. The numbers of PostgreSQL's own types are fixed.
/// Source: src/include/catalog/pg_type.dat.
enum class wire : std::uint8_t {
  unknown,  // no type that the driver reads
  boolean,
  int2,
  int4,
  int8,
  float4,
  float8,
  numeric,
  text,   // text, varchar, char, name, json, and enumerations: their characters
  jsonb,  // a version byte, then its text
  bytea,
  timestamptz,
  timestamp,  // without time zone; read as UTC
  day,
  uuid,
  array  // of one dimension or none; of what, is asked for by itself
};

constexpr Oid element_of(Oid array) noexcept;

constexpr wire wire_of(Oid type) noexcept {
  switch (type) {
    case 16:
      return wire::boolean;
    case 17:
      return wire::bytea;
    case 20:
      return wire::int8;
    case 21:
      return wire::int2;
    case 23:
      return wire::int4;
    case 700:
      return wire::float4;
    case 701:
      return wire::float8;
    case 1700:
      return wire::numeric;
    case 18:    // "char"
    case 19:    // name
    case 25:    // text
    case 114:   // json
    case 705:   // unknown
    case 1042:  // character(n)
    case 1043:  // character varying
      return wire::text;
    case 3802:
      return wire::jsonb;
    case 1184:
      return wire::timestamptz;
    case 1114:
      return wire::timestamp;
    case 1082:
      return wire::day;
    case 2950:
      return wire::uuid;
    default:
      return element_of(type) != 0 ? wire::array : wire::unknown;
  }
}

/// The name of a type as people write it, for messages; empty when it is not built in.
constexpr std::string_view name_of(Oid type) noexcept {
  switch (type) {
    case 16:
      return "boolean";
    case 17:
      return "bytea";
    case 18:
      return "\"char\"";
    case 19:
      return "name";
    case 20:
      return "bigint";
    case 21:
      return "smallint";
    case 23:
      return "integer";
    case 25:
    case 705:
      return "text";
    case 114:
      return "json";
    case 700:
      return "real";
    case 701:
      return "double precision";
    case 1042:
      return "character";
    case 1043:
      return "character varying";
    case 1082:
      return "date";
    case 1083:
      return "time";
    case 1114:
      return "timestamp";
    case 1184:
      return "timestamptz";
    case 1186:
      return "interval";
    case 1700:
      return "numeric";
    case 2950:
      return "uuid";
    case 3802:
      return "jsonb";
    default:
      return "";
  }
}

/// The type of the elements of a built-in array type; 0 when it is none that the driver knows.
constexpr Oid element_of(Oid array) noexcept {
  switch (array) {
    case 1000:
      return 16;
    case 1001:
      return 17;
    case 1005:
      return 21;
    case 1007:
      return 23;
    case 1009:
      return 25;
    case 1014:
      return 1042;
    case 1015:
      return 1043;
    case 1016:
      return 20;
    case 1021:
      return 700;
    case 1022:
      return 701;
    case 1115:
      return 1114;
    case 1182:
      return 1082;
    case 1185:
      return 1184;
    case 1231:
      return 1700;
    case 2951:
      return 2950;
    case 3807:
      return 3802;
    default:
      return 0;
  }
}

/// What an array holds.
struct element_type {
  Oid type = 0;
  wire kind = wire::unknown;
};

constexpr element_type built_in_element(Oid array) noexcept {
  return {element_of(array), wire_of(element_of(array))};
}

/// The name of a built-in type that is read as `w`.
/// An array: see name_of_array.
constexpr std::string_view name_of(wire w) noexcept {
  constexpr std::string_view names[] = {
      "of an unknown type", "boolean", "smallint", "integer", "bigint", "real",
      "double precision",   "numeric", "text",     "jsonb",   "bytea",  "timestamptz",
      "timestamp",          "date",    "uuid",     "an array"};
  return names[static_cast<std::size_t>(w)];
}

/// The name of an array whose elements are read as `w`.
constexpr std::string_view name_of_array(wire w) noexcept {
  constexpr std::string_view names[] = {"an array of an unknown type",
                                        "boolean[]",
                                        "smallint[]",
                                        "integer[]",
                                        "bigint[]",
                                        "real[]",
                                        "double precision[]",
                                        "numeric[]",
                                        "text[]",
                                        "jsonb[]",
                                        "bytea[]",
                                        "timestamptz[]",
                                        "timestamp[]",
                                        "date[]",
                                        "uuid[]",
                                        "an array of arrays"};
  return names[static_cast<std::size_t>(w)];
}

/// How a type with this name is read.
constexpr wire wire_named(std::string_view name) noexcept {
  if (name == "json" || name == "name" || name.starts_with("char") || name == "\"char\"")
    return wire::text;
  for (int w = 0; w <= static_cast<int>(wire::uuid); ++w)
    if (name_of(static_cast<wire>(w)) == name) return static_cast<wire>(w);
  return wire::unknown;
}

constexpr bool holds_integers(wire w) noexcept {
  return w == wire::int2 || w == wire::int4 || w == wire::int8;
}

/// Whether a result column or an element of this type can hold values of type `t`.
constexpr bool may_hold(wire w, column_type t) noexcept {
  switch (t) {
    case column_type::boolean:
      return w == wire::boolean;
    case column_type::int16:
    case column_type::int32:
    case column_type::int64:
      return w == wire::int2 || w == wire::int4 || w == wire::int8 || w == wire::numeric;
    case column_type::real:
      return w == wire::float4 || w == wire::float8 || w == wire::numeric || w == wire::int2 ||
             w == wire::int4 || w == wire::int8;
    case column_type::text:
      return w == wire::text || w == wire::jsonb || w == wire::numeric;
    case column_type::blob:
      return w == wire::bytea;
    case column_type::instant:
      return w == wire::timestamptz || w == wire::timestamp;
    case column_type::day:
      return w == wire::day;
    case column_type::uuid:
      return w == wire::uuid || w == wire::text;
    case column_type::json_text:
      return w == wire::jsonb || w == wire::text;
  }
  return false;
}

/// The same by the name of the type of the column.
constexpr bool may_hold(std::string_view declared, column_type t) noexcept {
  if (!is_array(t)) return may_hold(wire_named(declared), t);
  if (!declared.ends_with("[]")) return false;
  declared.remove_suffix(2);
  return may_hold(wire_named(declared), hewn::element_of(t));
}

}  // namespace hewn::postgres::detail
