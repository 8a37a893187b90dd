// hewn/postgres/migrate/reach.hpp - what of a statement no rollback undoes.
// SPDX-License-Identifier: BSL-1.0
//
// The server does not tell: another server, a file or a program is outside of its transactions. So
// the words are looked for by which it gets there.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/tokenizer.hpp>

#include <string>
#include <string_view>

namespace hewn::postgres::detail {

/// Whether a call of this function has an effect that stays.
inline bool reaches_beyond(std::string_view function) {
  for (const char* const begin :
       {"dblink", "pg_file_", "pg_stat_reset", "pg_logical_slot_get", "pg_replication_slot_"})
    if (function.starts_with(begin)) return true;
  for (const char* const name :
       {"lo_export", "pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf", "pg_switch_wal",
        "pg_create_physical_replication_slot", "pg_create_logical_replication_slot",
        "pg_copy_physical_replication_slot", "pg_copy_logical_replication_slot",
        "pg_drop_replication_slot", "pg_create_restore_point", "pg_logical_emit_message",
        "pg_promote", "pg_rotate_logfile", "pg_backup_start", "pg_backup_stop", "pg_start_backup",
        "pg_stop_backup"})
    if (function == name) return true;
  return false;
}

/// In words, such as "it calls dblink_exec, which reaches beyond the transaction"; empty: nothing
/// that could be seen in the text. A function of the server's may hide it.
HEWN_COLD inline std::string reach_beyond(std::string_view statement) {
  using hewn::detail::token;
  using hewn::detail::token_kind;
  // What is between dollars is read, too: DO runs it.
  hewn::detail::tokenizer words(statement);
  bool copies = false;
  std::string called;
  token before;
  for (token t = words.next(); t.kind != token_kind::end; t = words.next()) {
    const bool begins = before.kind == token_kind::end || before.kind == token_kind::semicolon ||
                        before.is("begin") || before.is("then") || before.is("else") ||
                        before.is("loop");
    if (begins) copies = t.is("copy");
    if (copies && (before.is("to") || before.is("from")) && t.is("program"))
      return "it would run a program on the server's machine";
    // A file may be called by '...', E'...' or $$...$$.
    if (copies && before.is("to") && !t.is("stdout"))
      return "it would write a file of the server's";
    if (t.kind == token_kind::open && reaches_beyond(called))
      return "it calls " + called + ", which reaches beyond the transaction";
    called = t.is_name() ? hewn::detail::lower(unquoted(t)) : std::string();
    before = t;
  }
  return {};
}

}  // namespace hewn::postgres::detail
