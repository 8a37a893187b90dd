// expect: hewn: a hewn::ref refers to a struct that is only declared here; include the header that defines it
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

#ifdef HEWN_MISTAKE
struct event;
struct reaction {
  std::int64_t id = 0;
  hewn::ref<event> event_id;
};
auto wrong() { return hewn::table_of<reaction>.name; }
#else
struct event;
struct reaction {
  std::int64_t id = 0;
  hewn::ref<event> event_id;
};
struct event {
  std::int64_t id = 0;
};
auto right() { return hewn::table_of<reaction>.name; }
#endif
