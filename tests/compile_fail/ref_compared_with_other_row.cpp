// expect: hewn: this is the key of another table than the column refers to; use a hewn::ref of the field's own type, or a row of its table
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
auto wrong(const user& who) { return hewn::col<&comment::ticket_id> == who; }
#else
auto right(const ticket& which) { return hewn::col<&comment::ticket_id> == which; }
#endif
