// hewn/postgres/migrate/reach.hpp - what of a statement no rollback undoes.
// SPDX-License-Identifier: BSL-1.0
//
// The server does not tell: another server, a file or a program is outside of its transactions. So
// the words are looked for by which it gets there.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/tokenizer.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace hewn::postgres::detail {

/// In words, such as "it calls dblink_exec, which reaches beyond the transaction"; empty: nothing
/// that could be seen in the text. A function of the server's may hide it.
HEWN_COLD inline std::string reach_beyond(std::string_view statement) {
  using hewn::detail::token;
  using hewn::detail::token_kind;
  hewn::detail::tokenizer words(statement);
  const bool copies = hewn::detail::tokenizer(statement).next().is("copy");
  token before;
  for (token t = words.next(); t.kind != token_kind::end; t = words.next()) {
    const std::string word = t.is_name() ? hewn::detail::lower(unquoted(t)) : std::string();
    const bool quoted = t.kind == token_kind::string;
    if (copies && ((quoted && before.is("to")) || (quoted && before.is("program"))))
      return before.is("to") ? "it would write a file of the server's"
                             : "it would run a program on the server's machine";
    before = t;
    if (word.empty()) continue;
    bool reaches = word.starts_with("dblink") || word.starts_with("pg_file_");
    for (const char* const name :
         {"lo_export", "pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf",
          "pg_switch_wal", "pg_create_physical_replication_slot", "pg_drop_replication_slot",
          "pg_promote", "pg_rotate_logfile"})
      reaches |= word == name;
    if (reaches) return "it calls " + word + ", which reaches beyond the transaction";
  }
  return {};
}

}  // namespace hewn::postgres::detail
