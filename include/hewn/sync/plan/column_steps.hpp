// hewn/sync/plan/column_steps.hpp - the statements that change one column of PostgreSQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/step.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

inline std::string alter_table(std::string_view table) {
  return concat({"ALTER TABLE ", quote_identifier(table), " "});
}

inline void alter_column(std::vector<step>& out, const change& c, std::string_view what) {
  out.push_back({.sql = concat({alter_table(c.table), "ALTER COLUMN ", quote_identifier(c.object),
                                " ", what}),
                 .table = c.table});
}

inline void set_default(std::vector<step>& out, const change& c, const schema::column& wanted) {
  alter_column(out, c,
               wanted.default_text.empty() ? std::string("DROP DEFAULT")
                                           : concat({"SET DEFAULT ", wanted.default_text}));
}

}  // namespace hewn::detail
