// hewn/postgres/pool.hpp - connections to one PostgreSQL database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/postgres/open.hpp>
#include <hewn/query/pool.hpp>

#include <functional>
#include <string>

namespace hewn::postgres {

/// Connections for any number of threads, all of them equal.
using pool = hewn::basic_pool<driver>;

/// A connection of such a pool.
using pooled = hewn::pooled<driver>;

namespace detail {

inline shared_state& state_of(connection& c) { return c.shared(); }
// Of hewn::any, which this header does without.
template <class Any>
shared_state& state_of(Any& c) {
  return c.as_postgres()->shared();
}

/// `open()` opens one connection.
template <class Driver, class Open>
basic_pool<Driver> open_pool_of(Open open, const pool_options& limits,
                                const std::function<void(hewn::database<Driver>&)>& setup) {
  basic_pool<Driver> opened(
      [open, setup] {
        hewn::database<Driver> db = open();
        if (setup) {
          setup(db);
          hewn::detail::connection<Driver>& c = db.connection();
          state_of(c.native()).keep();
          c.cache().drop(&Driver::leaves_traces);
        }
        return db;
      },
      limits);
  opened.acquire(hewn::detail::running_call());
  return opened;
}

}  // namespace detail

/// Opens a pool. One connection is opened at once, the others as they are needed. `setup` is called
/// with each before its first use, from the thread that needs it. A connection that comes back has
/// its session restored where something other than rows was touched. Throws: as open.
HEWN_API pool open_pool(const std::string& url = {}, const pool_options& limits = {},
                        const options& wanted = {},
                        const std::function<void(database&)>& setup = {},
                        call_site site = call_site::current());

/// As open_pool, without throwing hewn::error.
HEWN_API result<pool> try_open_pool(const std::string& url = {}, const pool_options& limits = {},
                                    const options& wanted = {},
                                    const std::function<void(database&)>& setup = {},
                                    call_site site = call_site::current());

#if HEWN_DEFINES_POSTGRES

HEWN_API pool open_pool(const std::string& url, const pool_options& limits, const options& wanted,
                        const std::function<void(database&)>& setup, call_site site) {
  const hewn::detail::call_scope at(site);
  return detail::open_pool_of<driver>(
      [url, wanted] { return open(url, wanted, hewn::detail::running_call()); }, limits, setup);
}

HEWN_API result<pool> try_open_pool(const std::string& url, const pool_options& limits,
                                    const options& wanted,
                                    const std::function<void(database&)>& setup, call_site site) {
  return as_result([&] { return open_pool(url, limits, wanted, setup, site); });
}

#endif

}  // namespace hewn::postgres
