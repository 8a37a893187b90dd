// tests/compile_fail/act_for_other_ref.cpp - the key of a row of another table is no tenant.
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
void wrong(hewn::sqlite::database& db, const user& who) {
  const auto acting = hewn::act_for<&user::organisation_id>(db, hewn::ref<user>(who));
}
#else
void right(hewn::sqlite::database& db, const user& who, const organisation& of) {
  const auto acting = hewn::act_for<&user::organisation_id>(db, who.organisation_id);
  const auto inner = hewn::act_for<&user::organisation_id>(db, of);
}
#endif
