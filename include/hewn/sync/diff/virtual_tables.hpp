// hewn/sync/diff/virtual_tables.hpp - virtual tables that find what they read by its name.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite carries a new name into indexes, views, triggers and foreign keys, but not into the
// arguments of a virtual table, such as the content table of a full-text index. Those would fail
// only when they are read.
#pragma once

#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/rename.hpp>
#include <hewn/sync/model/change.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// Whether the arguments of a virtual table name `name`, as a word or a text.
inline bool has_argument(const schema::source& s, std::string_view name) {
  bool arguments = false;
  for (const token& t : tokenize(s.sql)) {
    arguments = arguments || t.is("using");
    if (arguments && (t.is_name() || t.kind == token_kind::string) && same_word(unquoted(t), name))
      return true;
  }
  return false;
}

/// The virtual table that reads `column` of `table`, or with an empty `column` the table itself.
inline const schema::source* virtual_reader(const schema::database& live, std::string_view table,
                                            std::string_view column) {
  for (const schema::source& s : live.sources) {
    tokenizer words(s.sql);
    words.next();
    if (s.kind == "table" && words.next().is("virtual") && has_argument(s, table) &&
        (column.empty() || has_argument(s, column)))
      return &s;
  }
  return nullptr;
}

/// Blocks `c` when a virtual table would no longer find what it reads. `live` has the former names.
inline void refuse_lost_reader(change& c, const schema::database& live, const renamings& renamed) {
  std::string column;
  switch (c.kind) {
    case change_kind::rename_table:
    case change_kind::drop_table:
      break;
    case change_kind::rename_column:
    case change_kind::drop_column:
      column = renamed.former_column(c.table, c.object);
      break;
    default:
      return;
  }
  const schema::source* reader = virtual_reader(live, renamed.former_table(c.table), column);
  if (!reader) return;
  c.unsupported = true;
  c.reason = "the virtual table " + reader->name + " finds it by this name";
  c.repair = "write a migration that drops that, changes this, and makes the other again";
}

}  // namespace hewn::detail
