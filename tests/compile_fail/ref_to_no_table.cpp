// expect: hewn: a hewn::ref refers to a type that cannot be a table; name the struct of one
#include <hewn/schema/table_of.hpp>

#include <cstdint>

struct event {
  std::int64_t id = 0;
};

#ifdef HEWN_MISTAKE
struct reaction {
  std::int64_t id = 0;
  hewn::ref<std::int64_t> event_id;
};
auto wrong() { return hewn::table_of<reaction>.name; }
#else
struct reaction {
  std::int64_t id = 0;
  hewn::ref<event> event_id;
};
auto right() { return hewn::table_of<reaction>.name; }
#endif
