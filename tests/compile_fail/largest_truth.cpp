// expect: hewn: min() and max() are for numbers, texts and times, which every database sorts; name a column of these
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

struct project {
  std::int64_t id = 0;
  std::string name;
};

struct worker {
  std::int64_t id = 0;
  std::string name;
  std::int64_t project_id = 0;
  std::int64_t home_id = 0;

  static consteval auto table() {
    return hewn::table("workers").references<&worker::project_id, &project::id>();
  }
};

struct visit {
  std::int64_t id = 0;
  std::int64_t from_id = 0;
  std::int64_t to_id = 0;

  static consteval auto table() {
    return hewn::table("visits")
        .references<&visit::from_id, &project::id>()
        .references<&visit::to_id, &project::id>();
  }
};

struct named {
  std::int64_t id = 0;
  std::string name;
};

using hewn::col;
using hewn::from;

#ifdef HEWN_MISTAKE
struct flag {
  std::int64_t id = 0;
  bool up = false;
};
auto wrong() { return hewn::max(col<&flag::up>); }
#else
auto right() { return hewn::max(col<&worker::id>); }
#endif
