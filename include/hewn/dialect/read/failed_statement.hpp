// hewn/dialect/read/failed_statement.hpp - what the text of a failed statement tells of the
// failure. SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>

#include <string_view>

namespace hewn::detail {

/// An upsert whose fields no unique constraint has: names the table of `sql`.
HEWN_RARE HEWN_API void describe_unmatched_upsert(error_details& d, std::string_view sql);

/// A NULL where none may be: says so where not `sql` itself gives it, but what `sql` sets off.
HEWN_RARE HEWN_API void describe_null_set_off(error_details& d, std::string_view sql);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/concat.hpp>
#  include <hewn/dialect/read/written_statement.hpp>
#  include <hewn/dialect/text/ascii.hpp>
#  include <hewn/dialect/text/tokenizer.hpp>

#  include <string>

namespace hewn::detail {

HEWN_API void describe_unmatched_upsert(error_details& d, std::string_view sql) {
  d.code = errc::schema_mismatch;
  d.table = unquoted(tokenizer(read_written(sql).table).next());
  d.message = concat(
      {"hewn: ", d.table.empty() ? std::string_view("the table") : std::string_view(d.table),
       " has no unique constraint or index on the fields by which an upsert finds its row; declare "
       "unique<> of them and run hewn::sync, or upsert by the key"});
}

HEWN_API void describe_null_set_off(error_details& d, std::string_view sql) {
  // Of a script nobody knows which statement it was.
  if (d.column.empty() || sql.find(';') != sql.npos) return;
  const written_statement written = read_written(sql);
  if (written.what == written_statement::verb::none) return;
  if (written.what != written_statement::verb::remove &&
      same_word(unquoted(tokenizer(written.table).next()), d.table))
    return;
  d.message = concat({"hewn: ", d.table, ".", d.column,
                      " takes no NULL, and a foreign key with SET NULL or a trigger that the "
                      "statement set off would put one there; let the column take NULL, or change "
                      "what is set off"});
}

}  // namespace hewn::detail

#endif
