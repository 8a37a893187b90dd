// tests/compile_fail/act_for_temporary.cpp - a guard of a connection that goes back at once.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: a guard of a temporary connection ends with it; keep the connection in a variable
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
void wrong(hewn::sqlite::pool& pool) { const auto acting = hewn::act_for(pool.acquire(), 7); }
#else
void right(hewn::sqlite::pool& pool) {
  const auto db = pool.acquire();
  const auto acting = hewn::act_for(db, 7);
}
#endif
