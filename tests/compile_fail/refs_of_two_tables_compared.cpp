// expect: hewn: these are keys of two tables, which are never alike; name columns that refer to one table
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>
#include <vector>

struct user {
  std::int64_t id = 0;
  std::string name;
};

struct ticket {
  std::int64_t id = 0;
  std::string title;
};

struct comment {
  std::int64_t id = 0;
  hewn::ref<ticket> ticket_id;
};

#ifdef HEWN_MISTAKE
struct note {
  std::int64_t id = 0;
  hewn::ref<user> about;
};
auto wrong() { return hewn::col<&comment::ticket_id> == hewn::col<&note::about>; }
#else
struct note {
  std::int64_t id = 0;
  hewn::ref<ticket> about;
};
auto right() { return hewn::col<&comment::ticket_id> == hewn::col<&note::about>; }
#endif
