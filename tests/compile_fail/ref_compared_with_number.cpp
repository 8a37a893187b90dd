// expect: hewn: a plain value is no key of any one table; write hewn::ref<T>(value), the type of the field, around it
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
auto wrong(std::int64_t id) { return hewn::col<&comment::ticket_id> == id; }
#else
auto right(std::int64_t id) { return hewn::col<&comment::ticket_id> == hewn::ref<ticket>(id); }
#endif
