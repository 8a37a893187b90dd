// hewn/migrate/files/file_name.hpp - what the name of a migration file says.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/migrate/files/script_lexer.hpp>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

enum class file_part : unsigned char { both, up, down };

struct migration_file_name {
  std::int64_t version = 0;
  std::string name;
  file_part part = file_part::both;
  std::optional<dialect> only = {};  // nothing: both databases
};

/// The number that `text` begins with; 0 when there is none, or one beyond 18 digits.
inline std::int64_t leading_number(std::string_view text) {
  std::size_t digits = 0;
  while (digits != text.size() && is_digit(text[digits])) ++digits;
  std::int64_t number = 0;
  if (digits != 0 && digits <= 18) std::from_chars(text.data(), text.data() + digits, number);
  return number;
}

/// Reads `0001_name.sql`, `20260102030405_name.sql`, `0001_name.up.sql`, `0001_name.down.sql`, each
/// also with the database in front of its end: `0001_name.postgres.up.sql`.
/// Throws: errc::usage for any other name.
inline migration_file_name read_file_name(std::string_view file) {
  const auto fail = [&](std::string_view problem) { fail_script(file, 0, problem, errc::usage); };
  std::string_view stem = file;
  if (!stem.ends_with(".sql"))
    fail("is not named as a migration; call it like 0001_create_users.sql");
  stem.remove_suffix(4);
  migration_file_name out;
  if (stem.ends_with(".up")) {
    out.part = file_part::up;
    stem.remove_suffix(3);
  } else if (stem.ends_with(".down")) {
    out.part = file_part::down;
    stem.remove_suffix(5);
  }
  for (const auto& [end, d] :
       {std::pair<std::string_view, dialect>(".sqlite", dialect::sqlite),
        std::pair<std::string_view, dialect>(".postgres", dialect::postgres)})
    if (!out.only && stem.ends_with(end)) {
      out.only = d;
      stem.remove_suffix(end.size());
    }
  // A word that is not understood would make the file one for both databases.
  if (stem.find('.') != stem.npos)
    fail(
        "has a word between dots that says nothing; behind the name stand .sqlite or .postgres, "
        "and "
        "then .up or .down");
  const std::size_t digits = stem.find_first_not_of("0123456789");
  if (digits == 0 || digits == stem.npos || stem[digits] != '_' || digits + 1 == stem.size())
    fail("is not named as a migration; call it like 0001_create_users.sql");
  out.version = leading_number(stem);
  if (out.version == 0)
    fail("has no usable version; begin its name with a number from 1 to 18 digits, not zero");
  out.name = stem.substr(digits + 1);
  return out;
}

}  // namespace hewn::detail
