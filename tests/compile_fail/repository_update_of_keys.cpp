// expect: hewn: every column of this table is key, created or generated, so update() has nothing to write; insert or remove rows instead
#include <hewn/repository.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>

struct membership {
  std::int64_t team_id = 0;
  std::int64_t agent_id = 0;
  static consteval auto table() {
    return hewn::table("memberships").primary_key<&membership::team_id, &membership::agent_id>();
  }
};

void set(hewn::sqlite::repository<membership>& rows) {
#ifdef HEWN_MISTAKE
  rows.update(membership{1, 2});
#else
  rows.upsert(membership{1, 2});
#endif
}
