// expect: hewn: the condition names a column of a table that is not in its list; add the table to hewn::condition<...>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct task {
  std::int64_t id = 0;
  std::string title;
};

struct team {
  std::int64_t id = 0;
  std::string name;
};

#ifdef HEWN_MISTAKE
hewn::condition<task> wrong() { return hewn::col<&team::id> == 1; }
#else
hewn::condition<task> right() { return hewn::col<&task::id> == 1; }
#endif
