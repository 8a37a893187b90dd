// expect: hewn: a field of this shape has another type than its aggregate; make it an std::int64_t for those that count, and for all others, which are NULL where there are no rows, an std::optional of the aggregate's type
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct team {
  std::int64_t id = 0;
  std::string name;
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::int64_t team_id = 0;
  static consteval auto table() {
    return hewn::table("agents").references<&agent::team_id, &team::id>();
  }
};

struct team_numbers {
  team self;
#ifdef HEWN_MISTAKE
  std::int64_t highest = 0;
#else
  std::optional<std::int64_t> highest;
#endif
};

using hewn::from;
using hewn::shape;

auto pages(const hewn::sqlite::database& db) {
  return db.all(shape<team_numbers>.with<&team_numbers::highest>(from<agent>,
                                                                 hewn::max(hewn::col<&agent::id>)));
}
