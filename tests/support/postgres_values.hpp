// tests/support/postgres_values.hpp - types of PostgreSQL, and values up to their edges.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// Types whose values are written alike.
struct kind_of_value {
  std::vector<std::string> types;   ///< as the server calls them, and otherwise
  std::vector<std::string> values;  ///< the first eight are those that most of the types take
};

inline std::vector<std::string> parts_of(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t end; (end = text.find('|')) != text.npos; text.remove_prefix(end + 1))
    out.emplace_back(text.substr(0, end));
  out.emplace_back(text);
  return out;
}

/// Numbers, texts and others.
inline const std::vector<kind_of_value>& kinds_of_values() {
  static const std::vector<kind_of_value> all{
      {parts_of("smallint|integer|bigint|int|int8|numeric(6,2)|numeric(12,4)|numeric(3)|numeric|"
                "double precision|float8"),
       parts_of("1|2|3|0|-1|7|1.5|2.50|32767|-32768|32768|2147483647|-2147483648|2147483648|"
                "9223372036854775807|-9223372036854775808|9007199254740993|0.05|-0|99.995|9999.99|"
                "NaN|Infinity|1e300|5e-324|12345678901234567890.123456789")},
      {parts_of("text|character varying(3)|varchar(20)|character varying|text"),
       parts_of(
           "a|A|7|| a|a |007|-3|1.5|1e3|true|t|no|2024-02-29|2023-02-29|infinity|NaN|null|{\"a\":"
           "1}|it's|\\|na\xc3\xafve|\xe8\xa1\xa8|\xf0\x9f\x98\x80\xf0\x9f\x98\x80|two\nlines|"
           "a text that is longer than any limit of the types that are here")},
      {parts_of("boolean|bool"), parts_of("true|false|t|no")},
      {parts_of("date|timestamp without time zone|timestamp with time zone|timestamptz|"
                "timestamp(3)|date"),
       parts_of("2024-02-29|2024-01-01 10:00:00|1970-01-01|2024-03-31 02:30:00|2024-10-27 02:30:00|"
                "2024-01-01 10:00:00.123456|infinity|-infinity|0044-03-15 BC|294276-12-31|"
                "4713-01-02 BC|1890-01-01 00:00:00|2024-06-30 23:59:59.9999")},
      {parts_of("uuid"),
       parts_of("00000000-0000-0000-0000-00000000000a|FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF|"
                "12345678-1234-4234-8234-123456789012")},
      {parts_of("jsonb"), parts_of("{\"a\": 1}|[]|null|1|1.50|\"x\"|true|{\"b\": {\"c\": null}}|"
                                   "{\"a\":1,\"a\":2}|\"na\xc3\xafve\"")}};
  return all;
}

/// That of text, for a type that none of them has.
inline const kind_of_value& kind_of(const std::string& type) {
  for (const kind_of_value& k : kinds_of_values())
    if (std::find(k.types.begin(), k.types.end(), type) != k.types.end()) return k;
  return kinds_of_values()[1];
}

/// What the type takes most like `value`, where the value is one of its kind.
inline std::string fitting(const std::string& type, std::string value) {
  const bool whole = type == "smallint" || type.starts_with("int") || type == "bigint";
  if (whole && value.find_first_not_of("-0123456789") != value.npos) return "7";
  return type == "character varying(3)" && value.size() > 3 ? value.substr(0, 1) : value;
}

}  // namespace support
