// hewn/sqlite/client/session_text.hpp - which statements change the connection rather than rows.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>

#include <string_view>

namespace hewn::sqlite::detail {

/// Whether the statement may leave something that the connection keeps until it is closed: a
/// setting, an attached database, a temporary table.
HEWN_RARE HEWN_API bool leaves_traces(std::string_view sql);

/// Whether a statement of the script may.
HEWN_RARE HEWN_API bool script_leaves_traces(std::string_view script);

/// Whether a statement of the script sets how long the connection waits for locks.
HEWN_RARE HEWN_API bool replaces_wait(std::string_view script);

}  // namespace hewn::sqlite::detail

#if HEWN_DEFINES_SQLITE

#  include <hewn/dialect/text/ascii.hpp>
#  include <hewn/dialect/text/tokenizer.hpp>

namespace hewn::sqlite::detail {

HEWN_API bool script_leaves_traces(std::string_view script) {
  hewn::detail::tokenizer tokens(script);
  for (auto t = tokens.next(); t.kind != hewn::detail::token_kind::end; t = tokens.next())
    for (const std::string_view word : {"pragma", "attach", "detach", "temp", "temporary"})
      if (t.is(word)) return true;
  return false;
}

HEWN_API bool replaces_wait(std::string_view script) {
  hewn::detail::tokenizer tokens(script);
  for (auto t = tokens.next(); t.kind != hewn::detail::token_kind::end; t = tokens.next()) {
    // Without the quotes, which a pragma may have; this must not allocate.
    std::string_view name = t.text;
    if (t.kind == hewn::detail::token_kind::name) name = name.substr(1, name.size() - 2);
    if (!hewn::detail::same_word(name, "busy_timeout")) continue;
    const auto after = tokens.next();
    if (after.kind == hewn::detail::token_kind::open || after.text == "=") return true;
  }
  return false;
}

HEWN_API bool leaves_traces(std::string_view sql) {
  hewn::detail::tokenizer tokens(sql);
  const auto first = tokens.next();
  // What such a table holds is with the table, so that only its creation counts.
  if (first.is("create")) return script_leaves_traces(sql);
  if (!first.is("pragma")) return first.is("attach") || first.is("detach");
  auto name = tokens.next();
  auto after = tokens.next();
  if (after.text == ".") {  // behind a schema
    name = tokens.next();
    after = tokens.next();
  }
  // Those that have an argument and set nothing.
  for (const std::string_view word :
       {"table_info", "table_xinfo", "index_list", "index_info", "index_xinfo", "foreign_key_list",
        "foreign_key_check", "integrity_check", "quick_check", "wal_checkpoint", "optimize"})
    if (name.is(word)) return false;
  return after.kind == hewn::detail::token_kind::open || after.text == "=";
}

}  // namespace hewn::sqlite::detail

#endif
