// hewn/postgres/client/catalog_query.hpp - one question to the catalog, answered as text.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/client/shared_state.hpp>

#include <libpq-fe.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

/// All rows at once: `for (catalog_query q(c, sql); q.next();) q.text(0);`
class catalog_query {
 public:
  /// Parameters are text, nothing for NULL; the server finds out their types.
  HEWN_COLD catalog_query(connection& c, const std::string& sql,
                          const std::vector<std::optional<std::string>>& parameters = {}) {
    std::vector<const char*> values;
    for (const auto& p : parameters) values.push_back(p ? p->c_str() : nullptr);
    shared_state& shared = c.shared();
    shared.begin_command();
    rows_.reset(PQexecParams(shared.handle(), sql.c_str(), static_cast<int>(values.size()), nullptr,
                             values.data(), nullptr, nullptr, 0));
    const ExecStatusType status = PQresultStatus(rows_.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return;
    error_details d = c.describe(shared.failed(std::move(rows_)), sql);
    d.sql = sql;
    throw error(std::move(d));
  }

  bool next() noexcept { return ++row_ < PQntuples(rows_.get()); }
  int columns() const noexcept { return PQnfields(rows_.get()); }
  bool is_null(int column) const noexcept { return PQgetisnull(rows_.get(), row_, column) == 1; }

  /// Empty for NULL.
  std::string text(int column) const { return PQgetvalue(rows_.get(), row_, column); }
  bool flag(int column) const { return PQgetvalue(rows_.get(), row_, column)[0] == 't'; }
  char letter(int column) const { return PQgetvalue(rows_.get(), row_, column)[0]; }

 private:
  result_ptr rows_;
  int row_ = -1;
};

}  // namespace hewn::postgres::detail
