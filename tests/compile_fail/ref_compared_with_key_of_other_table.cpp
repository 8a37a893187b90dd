// expect: hewn: this column holds no keys of the table that the hewn::ref refers to; name the key of that table, or make the field a hewn::ref too
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
auto wrong() {
  return hewn::from<comment>.join<user>(hewn::col<&comment::ticket_id> == hewn::col<&user::id>);
}
#else
auto right() {
  return hewn::from<comment>.join<ticket>(hewn::col<&comment::ticket_id> == hewn::col<&ticket::id>);
}
#endif
