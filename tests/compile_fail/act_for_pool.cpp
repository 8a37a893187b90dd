// tests/compile_fail/act_for_pool.cpp - a guard of a pool, which has many connections.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: a guard is for a session, which is a database, a connection or a transaction; of a pool take for_tenant() or for_all_tenants(), and of a repository what it was made of
#include <hewn/sqlite.hpp>
#include <hewn/sqlite/pool.hpp>

#include <cstdint>
#include <string>

struct organisation {
  std::int64_t id = 0;
  std::string name;
};

struct user {
  std::int64_t id = 0;
  hewn::ref<organisation> organisation_id = {};
  static consteval auto table() { return hewn::table("users").tenant<&user::organisation_id>(); }
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::pool& pool) { const auto acting = hewn::act_for(pool, 7); }
#else
void right(hewn::sqlite::pool& pool) {
  const auto acting = pool.for_tenant(7);
  const auto db = pool.acquire();
  const auto all = hewn::all_tenants(db);
}
#endif
