// expect: hewn: a declaration compares and computes with columns of its own row, and takes no query, window, aggregate, list or function; write such a thing as SQL in quotes
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct level {
  std::int64_t id = 0;
};

struct task {
  std::int64_t id = 0;
  std::int64_t priority = 0;
  static consteval auto table() {
    using hewn::col;
#ifdef HEWN_MISTAKE
    return hewn::table("tasks").check(
        "known", col<&task::priority>.in(hewn::from<level>.select(col<&level::id>)));
#else
    return hewn::table("tasks").check("known", col<&task::priority> > 0);
#endif
  }
};

const auto& described = hewn::table_of<task>;
