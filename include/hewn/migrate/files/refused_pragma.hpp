// hewn/migrate/files/refused_pragma.hpp - settings that no migration file may change.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/tokenizer.hpp>

#include <string>
#include <string_view>

namespace hewn::detail {

/// Why a migration file may not have this statement; empty: it may. Other settings of the
/// connection are put back behind a migration. With these it would be too late: rows are stored
/// under them, or nothing is.
inline std::string_view refused_pragma(std::string_view statement) {
  tokenizer words(statement);
  if (!words.next().is("pragma")) return {};
  token name = words.next();
  token after = words.next();
  if (after.text == ".") {  // behind a schema, which changes nothing
    name = words.next();
    after = words.next();
  }
  const std::string pragma = lower(unquoted(name));
  if (pragma == "foreign_keys")
    return "sets PRAGMA foreign_keys, which does nothing in a transaction; remove it, and put a "
           "line -- foreign keys off at the top of the file";
  if (after.kind != token_kind::open && after.text != "=") return {};
  if (pragma == "ignore_check_constraints")
    return "sets PRAGMA ignore_check_constraints, which lets in rows that break a CHECK; remove "
           "it, and correct the rows or the CHECK";
  if (pragma == "case_sensitive_like")
    return "sets PRAGMA case_sensitive_like, which gives every CHECK with LIKE another meaning; "
           "remove it, and write GLOB";
  if (pragma == "writable_schema")
    return "sets PRAGMA writable_schema, which hewn keeps switched off; remove it, and change the "
           "schema by statements";
  if (pragma == "query_only")
    return "sets PRAGMA query_only, under which the migration cannot be recorded; remove it";
  return {};
}

}  // namespace hewn::detail
