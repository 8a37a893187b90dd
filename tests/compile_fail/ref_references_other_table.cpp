// expect: hewn: a foreign key column must have the type of the column it refers to; change one of the two fields
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

struct event {
  std::int64_t id = 0;
};
struct user {
  std::int64_t id = 0;
};

#ifdef HEWN_MISTAKE
struct reaction {
  std::int64_t id = 0;
  hewn::ref<event> event_id;
  static consteval auto table() {
    return hewn::table("reactions").references<&reaction::event_id, &user::id>();
  }
};
auto wrong() { return hewn::table_of<reaction>.name; }
#else
struct reaction {
  std::int64_t id = 0;
  hewn::ref<user> by;
  static consteval auto table() {
    return hewn::table("reactions").references<&reaction::by, &user::id>();
  }
};
auto right() { return hewn::table_of<reaction>.name; }
#endif
