// tests/compile_fail/act_for_plain_key.cpp - a plain number is no key of the table of tenants.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: act_for<> is given a value of another type than the tenant<> field has; give one of that type
#include <hewn/sqlite.hpp>

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
void wrong(hewn::sqlite::database& db) {
  const auto acting = hewn::act_for<&user::organisation_id>(db, 7);
}
#else
void right(hewn::sqlite::database& db) {
  const auto acting = hewn::act_for<&user::organisation_id>(db, hewn::ref<organisation>(7));
}
#endif
