// hewn/any/pool.hpp - a pool of the database that a URL names.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/any.hpp>
#include <hewn/any/client/driver.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/result.hpp>
#include <hewn/query/pool.hpp>

#include <functional>
#include <string>

#if HEWN_DEFINES_ANY
#  include <hewn/any/client/target.hpp>
#  include <hewn/postgres/pool.hpp>
#  include <hewn/sqlite/pool.hpp>
#endif

namespace hewn {

namespace any {

/// Connections to one database: on SQLite a writer and readers, on PostgreSQL all equal.
using pool = hewn::basic_pool<driver>;

/// A connection of such a pool.
using pooled = hewn::pooled<driver>;

}  // namespace any

/// Opens a pool of the database that the URL names, which is read as open reads it, and once for
/// all connections. `limits` and `setup` as of sqlite::open_pool and postgres::open_pool. Throws:
/// as these, and usage for another URL.
HEWN_API any::pool open_pool(const std::string& url = {}, const pool_options& limits = {},
                             const any::options& wanted = {},
                             const std::function<void(any::database&)>& setup = {},
                             call_site site = call_site::current());

/// As open_pool, without throwing hewn::error.
HEWN_API result<any::pool> try_open_pool(const std::string& url = {},
                                         const pool_options& limits = {},
                                         const any::options& wanted = {},
                                         const std::function<void(any::database&)>& setup = {},
                                         call_site site = call_site::current());

#if HEWN_DEFINES_ANY

HEWN_API any::pool open_pool(const std::string& url, const pool_options& limits,
                             const any::options& wanted,
                             const std::function<void(any::database&)>& setup, call_site site) {
  const detail::call_scope at(site);
  const any::detail::target named = any::detail::target_of(url);
  if (named.server)
    return postgres::detail::open_pool_of<any::driver>(
        [named, o = wanted.postgres] { return any::detail::open_postgres(named.name, o); }, limits,
        setup);
  return sqlite::detail::open_pool_of<any::driver>(
      named.name, limits, wanted.sqlite,
      [](const std::string& path, const sqlite::options& o) {
        return any::detail::open_sqlite(path, o);
      },
      [](any::connection& c) -> sqlite::connection& { return *c.as_sqlite(); }, setup);
}

HEWN_API result<any::pool> try_open_pool(const std::string& url, const pool_options& limits,
                                         const any::options& wanted,
                                         const std::function<void(any::database&)>& setup,
                                         call_site site) {
  return as_result([&] { return open_pool(url, limits, wanted, setup, site); });
}

#endif

}  // namespace hewn
