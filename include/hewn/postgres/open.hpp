// hewn/postgres/open.hpp - opening a PostgreSQL database with safe defaults.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/client/driver.hpp>
#include <hewn/postgres/client/options.hpp>
#include <hewn/query/database.hpp>

#include <string>

#if HEWN_DEFINES_POSTGRES
#  include <hewn/postgres/client/connect.hpp>

#  include <memory>
#endif

namespace hewn::postgres {

/// A connection to a PostgreSQL database.
using database = hewn::database<driver>;

/// A transaction of such a database.
using transaction = hewn::basic_transaction<driver>;

/// The writes of a batch of such a database.
using batch = hewn::basic_batch<driver>;

/// Connects. `url` is `postgresql://...` or libpq's `key=value` form, or empty: then options, PG*
/// variables and libpq's defaults say where to. Throws: cannot_open; usage for a URL that cannot be
/// read.
HEWN_API database open(const std::string& url = {}, const options& wanted = {},
                       call_site site = call_site::current());

/// As open, without throwing hewn::error.
HEWN_API result<database> try_open(const std::string& url = {}, const options& wanted = {},
                                   call_site site = call_site::current());

#if HEWN_DEFINES_POSTGRES

HEWN_API database open(const std::string& url, const options& wanted, call_site site) {
  const hewn::detail::call_scope at(site);
  PGconn* const handle = detail::open_handle(url, wanted);
  return database(std::make_unique<hewn::detail::connection<driver>>(
      connection(handle, wanted.transaction_pooling), wanted.statement_cache_capacity));
}

HEWN_API result<database> try_open(const std::string& url, const options& wanted, call_site site) {
  return as_result([&] { return open(url, wanted, site); });
}

#endif

}  // namespace hewn::postgres

// What the verbs do without knowing the struct is compiled once, too.
#if HEWN_DEFINES_POSTGRES && defined(HEWN_SEPARATE_COMPILATION)
template struct hewn::detail::key_verbs<hewn::postgres::driver>;
template struct hewn::detail::plan_opener<hewn::postgres::driver>;
template struct hewn::detail::query_opener<hewn::postgres::driver>;
template struct hewn::detail::row_writer<hewn::postgres::driver>;
#elif defined(HEWN_SEPARATE_COMPILATION)
extern template struct hewn::detail::key_verbs<hewn::postgres::driver>;
extern template struct hewn::detail::plan_opener<hewn::postgres::driver>;
extern template struct hewn::detail::query_opener<hewn::postgres::driver>;
extern template struct hewn::detail::row_writer<hewn::postgres::driver>;
#endif
