// hewn/postgres/wire/narrow_column.hpp - a column that may store another value than it is given.
// SPDX-License-Identifier: BSL-1.0
//
// Without a word the server rounds a number to the places of numeric(10,2) and a time to the
// milliseconds of timestamp(3), cuts the blanks that are too many for varchar(8), and pads what is
// short of char(8). What it refuses by itself is left to it.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/types.hpp>

#include <libpq-fe.h>

#include <string>
#include <string_view>

#if HEWN_DEFINES_POSTGRES
#  include <hewn/postgres/wire/numeric.hpp>

#  include <algorithm>
#  include <cstddef>
#  include <cstdint>
#endif

namespace hewn::postgres::detail {

/// Whether columns of the built-in type may store another value than they are given, some by a
/// modifier.
constexpr bool may_be_narrow(Oid type) noexcept {
  return type == 700 || type == 1042 || type == 1043 || type == 1114 || type == 1184 ||
         type == 1700;
}

/// The column that a parameter is stored in. If it is of that kind, each value is looked at before
/// it is sent.
struct narrow_column {
  const table_info* table = nullptr;  // nullptr: the parameter is not stored as it is
  const column_info* column = nullptr;
  Oid type = 0;       // built in, of an array that of its elements; 0: it is not of that kind
  int modifier = -1;  // pg_attribute.atttypmod

  explicit operator bool() const noexcept { return type != 0; }

  /// Whether its type does something to some values.
  HEWN_RARE bool changes_values() const noexcept;

  bool does_the_same(const narrow_column& other) const noexcept {
    return type == other.type && modifier == other.modifier;
  }

  // ---- whether this one is stored as it is, or refused by the server

  HEWN_RARE bool keeps(double v) const noexcept;
  HEWN_RARE bool keeps(timestamp v) const noexcept;
  HEWN_RARE bool keeps(std::string_view text) const noexcept;
  HEWN_RARE bool keeps_number(std::string_view encoded) const;

  /// As people write it: "numeric(10,2)".
  HEWN_RARE std::string type_name() const;
};

#if HEWN_DEFINES_POSTGRES

// The parts of a modifier. Source: numeric.c, varchar.c and timestamp.c of PostgreSQL 15; the
// places of numeric(2,-3) are negative.
inline int precision_of(int modifier) noexcept { return ((modifier - 4) >> 16) & 0xffff; }
inline int places_of(int modifier) noexcept { return (((modifier - 4) & 0x7ff) ^ 1024) - 1024; }

HEWN_COLD HEWN_API bool narrow_column::changes_values() const noexcept {
  switch (type) {
    case 700:
    case 1700:  // at least texts that are no numbers to the letter
      return true;
    case 1114:
    case 1184:
      return modifier >= 0 && modifier < 6;
    case 1042:
    case 1043:
      return modifier >= 4;
    default:
      return false;
  }
}

HEWN_COLD HEWN_API bool narrow_column::keeps(double v) const noexcept {
  return v != v || static_cast<double>(static_cast<float>(v)) == v;
}

HEWN_COLD HEWN_API bool narrow_column::keeps(timestamp v) const noexcept {
  std::int64_t unit = 1;
  for (int places = modifier; places < 6; ++places) unit *= 10;
  return v.time_since_epoch().count() % unit == 0;
}

HEWN_COLD HEWN_API bool narrow_column::keeps(std::string_view text) const noexcept {
  const int most = modifier - 4;
  int count = 0;
  for (std::size_t i = 0; i != text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;  // inside a character
    if (count++ == most) return text.find_first_not_of(' ', i) != text.npos;
  }
  return type == 1043 || count == most;
}

HEWN_COLD HEWN_API bool narrow_column::keeps_number(std::string_view encoded) const {
  const auto number = numeric_view::parse(encoded);
  if (modifier < 4 || !number || number->count() == 0) return true;
  // Groups of four digits that are 0 at the end are not stored.
  const int last = number->weight - number->count() + 1;
  int places = -4 * last;
  for (int digits = number->digit(last); digits % 10 == 0; digits /= 10) --places;
  return places <= places_of(modifier);
}

HEWN_COLD HEWN_API std::string narrow_column::type_name() const {
  const bool has_modifier = modifier >= 0;
  std::string name = type == 700    ? "real"
                     : type == 1700 ? "numeric"
                     : type == 1042 ? "character"
                     : type == 1043 ? "character varying"
                                    : "timestamp";
  if (has_modifier && type == 1700)
    name += '(' + std::to_string(precision_of(modifier)) + ',' +
            std::to_string(places_of(modifier)) + ')';
  else if (has_modifier && type != 700)
    name += '(' + std::to_string(type == 1042 || type == 1043 ? modifier - 4 : modifier) + ')';
  if (type == 1184) name += " with time zone";
  return is_array(column->type) ? name + "[]" : name;
}

#endif

}  // namespace hewn::postgres::detail
