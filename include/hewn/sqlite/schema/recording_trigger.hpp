// hewn/sqlite/schema/recording_trigger.hpp - what would be set off by what hewn records.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/sqlite/client/schema_query.hpp>

#include <sqlite3.h>

#include <string>
#include <string_view>

namespace hewn::sqlite::detail {

// Whether something in the body of a trigger may change what is stored.
inline bool trigger_writes(std::string_view trigger) {
  hewn::detail::tokenizer words(trigger);
  bool inside = false;
  for (hewn::detail::token t = words.next(); t.kind != hewn::detail::token_kind::end;
       t = words.next()) {
    if (inside && (t.is("insert") || t.is("update") || t.is("delete") || t.is("replace")))
      return true;
    inside |= t.is("begin");
  }
  return false;
}

/// What of a schema (`main`, `temp`) hangs on hewn's own tables and does more than to look on or to
/// refuse: `trigger x on the table hewn_migrations`, `foreign key of the table y to hewn_audit`;
/// empty: nothing. On copies, where nothing is recorded, it does not show.
inline std::string recording_trigger_in(sqlite3* db, const std::string& schema) {
  const std::string own =
      " COLLATE NOCASE IN ('hewn_migrations', 'hewn_migration_steps', 'hewn_audit', "
      "'hewn_identity')";
  const std::string triggers =
      hewn::detail::concat({"SELECT name, tbl_name, sql FROM ", schema,
                            ".sqlite_master WHERE type = 'trigger' AND tbl_name", own});
  schema_query trigger(db, triggers.c_str());
  while (trigger.step())
    if (trigger_writes(trigger.text(2)))
      return hewn::detail::concat({"trigger ", trigger.text(0), " on the table ", trigger.text(1)});
  const std::string keys =
      hewn::detail::concat({"SELECT t.name, k.\"table\" FROM ", schema,
                            ".sqlite_master AS t, pragma_foreign_key_list(t.name, '", schema,
                            "') AS k WHERE t.type = 'table' AND k.\"table\"", own,
                            " AND (k.on_update NOT IN ('NO ACTION', 'RESTRICT') OR k.on_delete NOT "
                            "IN ('NO ACTION', 'RESTRICT'))"});
  schema_query key(db, keys.c_str());
  if (key.step())
    return hewn::detail::concat({"foreign key of the table ", key.text(0), " to ", key.text(1)});
  return {};
}

/// As above, of the database and of this connection alone.
inline std::string recording_trigger(sqlite3* db) {
  std::string found = recording_trigger_in(db, "main");
  return found.empty() ? recording_trigger_in(db, "temp") : found;
}

}  // namespace hewn::sqlite::detail
