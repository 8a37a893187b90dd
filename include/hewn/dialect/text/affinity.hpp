// hewn/dialect/text/affinity.hpp - what SQLite makes of a declared type.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/ascii.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace hewn::detail {

enum class affinity : std::uint8_t { integer, text, blob, real, numeric };

/// The affinity of a column declared as `type` outside a STRICT table. The order of the rules
/// matters: FLOATING POINT contains INT.
/// Source: https://sqlite.org/datatype3.html#determination_of_column_affinity
HEWN_API affinity affinity_of(std::string_view type);

/// Declared types that SQLite reads as NUMERIC and people use for texts that are no numbers, so
/// that the affinity never changes them. Not STRING: it turns '0123' into 123.
HEWN_API bool is_textual_numeric(std::string_view type);

/// Declared types that SQLite reads as NUMERIC and people use for bytes.
HEWN_API bool is_binary_numeric(std::string_view type);

/// Whether a declared type that SQLite reads as one of numbers says so itself. NUMERIC is what it
/// makes of every word that it does not know, and INTEGER of POINT and INTERVAL.
HEWN_API bool expects_numbers(std::string_view type);

/// Whether columns declared `a` and `b`, in STRICT tables or not, store the same of every value and
/// compare alike, so that the difference is one of spelling.
HEWN_API bool stores_alike(std::string_view a, bool a_strict, std::string_view b, bool b_strict);

/// Whether a column declared `live` keeps every value of a column declared `wanted` as it is, so
/// that the difference is one of spelling. Not symmetric.
///
/// Same affinity: the same conversions, hence the same stored values; lengths mean nothing to
/// SQLite. INTEGER and NUMERIC convert alike (they differ in CAST only). NUMERIC for REAL: a double
/// becomes an integer only where that is exact, and reads back as the same double. NUMERIC for TEXT
/// or BLOB only under the names above, because it turns text that looks like a number into one. No
/// type at all (or ANY in a STRICT table) converts nothing. INTEGER for REAL would hold too, but
/// says that fractions are not expected, so other readers may not expect them.
HEWN_API bool type_holds(std::string_view live, std::string_view wanted, bool live_is_strict);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API affinity affinity_of(std::string_view type) {
  const std::string t = lower(type);
  const auto has = [&t](std::string_view part) { return t.find(part) != std::string::npos; };
  if (has("int")) return affinity::integer;
  if (has("char") || has("clob") || has("text")) return affinity::text;
  if (has("blob") || t.empty()) return affinity::blob;
  if (has("real") || has("floa") || has("doub")) return affinity::real;
  return affinity::numeric;
}

HEWN_API bool is_textual_numeric(std::string_view type) {
  const std::string t = lower(type);
  const auto starts = [&t](std::string_view with) { return t.compare(0, with.size(), with) == 0; };
  return starts("date") || starts("time") || starts("json") || t == "uuid" || t == "guid" ||
         t == "uniqueidentifier";
}

HEWN_API bool is_binary_numeric(std::string_view type) {
  const std::string t = lower(type);
  const auto starts = [&t](std::string_view with) { return t.compare(0, with.size(), with) == 0; };
  return starts("binary") || starts("varbinary") || t == "bytea" || t == "image" || t == "uuid" ||
         t == "guid" || t == "uniqueidentifier";
}

HEWN_API bool expects_numbers(std::string_view type) {
  const std::string t = lower(type);
  const auto has = [&t](std::string_view part) { return t.find(part) != std::string::npos; };
  switch (affinity_of(type)) {
    case affinity::integer:
      return !has("point") && !has("interval");
    case affinity::real:
      return true;
    case affinity::numeric:
      return has("num") || has("dec") || has("bool") || has("money") || has("fixed");
    default:
      return false;
  }
}

HEWN_API bool stores_alike(std::string_view a, bool a_strict, std::string_view b, bool b_strict) {
  if (a_strict != b_strict) return same_word(a, b);
  // ANY converts nothing there, BLOB refuses what is none.
  if (a_strict && (same_word(a, "ANY") || same_word(b, "ANY"))) return same_word(a, b);
  return affinity_of(a) == affinity_of(b);
}

HEWN_API bool type_holds(std::string_view live, std::string_view wanted, bool live_is_strict) {
  if (same_word(live, wanted)) return true;
  if (live.empty() || (live_is_strict && same_word(live, "ANY"))) return true;
  const affinity has = affinity_of(live);
  const affinity needs = affinity_of(wanted);
  if (has == needs) return true;
  // Declaring no type asks for values to be kept as they come; every affinity but BLOB converts.
  if (wanted.empty()) return false;
  if (has == affinity::integer) return needs == affinity::numeric;
  if (has != affinity::numeric) return false;
  switch (needs) {
    case affinity::integer:
    case affinity::real:
      return true;
    case affinity::text:
      return is_textual_numeric(live);
    case affinity::blob:
      return is_binary_numeric(live);
    default:
      return false;
  }
}

}  // namespace hewn::detail

#endif
