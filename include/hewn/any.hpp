// hewn/any.hpp - SQLite or PostgreSQL, as a URL says when the program runs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/any/client/driver.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/result.hpp>
#include <hewn/hewn.hpp>
#include <hewn/postgres/client/options.hpp>
#include <hewn/query/database.hpp>
#include <hewn/sqlite/open.hpp>

#include <string>

#if HEWN_DEFINES_ANY
#  include <hewn/any/client/target.hpp>
#  include <hewn/any/schema/schema_executor.hpp>
#  include <hewn/postgres/client/connect.hpp>

#  include <memory>
#  include <utility>
#endif

namespace hewn {

namespace any {

/// A database that is one or the other.
using database = hewn::database<driver>;

/// A transaction of such a database.
using transaction = hewn::basic_transaction<driver>;

/// Either of the two: functions that take `const session&` run in a transaction of their caller's
/// or by themselves.
using session = hewn::transactional<driver>;

/// The writes of a batch of such a database.
using batch = hewn::basic_batch<driver>;

/// A migration in C++ of such a database.
using migration = hewn::basic_migration<driver>;

/// What each would be opened with; the URL wins where it says something.
struct options {
  sqlite::options sqlite = {};
  postgres::options postgres = {};
};

namespace detail {

/// `url` as of postgres::open.
HEWN_RARE HEWN_API database open_postgres(const std::string& url, const postgres::options& wanted);

}  // namespace detail
}  // namespace any

/// Opens what the URL names: `sqlite:app.db`, `sqlite::memory:`, `postgresql://...`,
/// `postgres://...`. An empty URL is HEWN_URL of the environment, and without that PostgreSQL by
/// libpq's variables where one of them names a host, database or service. Throws: usage for another
/// URL; what opening throws.
HEWN_API any::database open(std::string url = {}, const any::options& wanted = {},
                            call_site site = call_site::current());

/// As open, without throwing hewn::error.
HEWN_API result<any::database> try_open(const std::string& url = {},
                                        const any::options& wanted = {},
                                        call_site site = call_site::current());

#if HEWN_DEFINES_ANY

namespace any::detail {

HEWN_COLD inline database open_sqlite(const std::string& path, const sqlite::options& wanted) {
  auto opened = std::make_unique<hewn::detail::connection<driver>>(
      connection(sqlite::detail::connect(path, wanted)), wanted.statement_cache_capacity);
  opened->guard_writes();
  return database(std::move(opened));
}

HEWN_API database open_postgres(const std::string& url, const postgres::options& wanted) {
  postgres::connection native(postgres::detail::open_handle(url, wanted),
                              wanted.transaction_pooling);
  return database(std::make_unique<hewn::detail::connection<driver>>(
      connection(std::move(native)), wanted.statement_cache_capacity));
}

HEWN_COLD inline database open(const target& named, const options& wanted) {
  return named.server ? open_postgres(named.name, wanted.postgres)
                      : open_sqlite(named.name, wanted.sqlite);
}

}  // namespace any::detail

HEWN_API any::database open(std::string url, const any::options& wanted, call_site site) {
  const detail::call_scope at(site);
  return any::detail::open(any::detail::target_of(std::move(url)), wanted);
}

HEWN_API result<any::database> try_open(const std::string& url, const any::options& wanted,
                                        call_site site) {
  return as_result([&] { return open(url, wanted, site); });
}

#endif

}  // namespace hewn

// What the verbs do without knowing the struct is compiled once, too.
#if HEWN_DEFINES_ANY && defined(HEWN_SEPARATE_COMPILATION)
template struct hewn::detail::key_verbs<hewn::any::driver>;
template struct hewn::detail::plan_opener<hewn::any::driver>;
template struct hewn::detail::query_opener<hewn::any::driver>;
template struct hewn::detail::row_writer<hewn::any::driver>;
#elif defined(HEWN_SEPARATE_COMPILATION)
extern template struct hewn::detail::key_verbs<hewn::any::driver>;
extern template struct hewn::detail::plan_opener<hewn::any::driver>;
extern template struct hewn::detail::query_opener<hewn::any::driver>;
extern template struct hewn::detail::row_writer<hewn::any::driver>;
#endif
