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
auto wrong() { return hewn::col<&comment::ticket_id>.in({1, 2}); }
#else
auto right(const ticket& a, const ticket& b) { return hewn::col<&comment::ticket_id>.in({a, b}); }
#endif
