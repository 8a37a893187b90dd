// expect: hewn: a row with std::string_view or bytes_view fields lives only until the next row; read it with each(), or use std::string and hewn::bytes
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct agent {
  std::int64_t id = 0;
  std::int64_t team_id = 0;
#ifdef HEWN_MISTAKE
  std::string_view name;
#else
  std::string name;
#endif
  static consteval auto table() {
    return hewn::table("agents").references<&agent::team_id, &team::id>();
  }
};

struct team_page {
  team self;
  std::vector<agent> agents;
};

auto pages(const hewn::sqlite::database& db) { return db.all(hewn::shape<team_page>); }
