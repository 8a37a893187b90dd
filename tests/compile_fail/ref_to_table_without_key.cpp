// expect: hewn: a hewn::ref refers to a table without a primary key; call a field of it id, or declare .primary_key<...>() in its table()
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

#ifdef HEWN_MISTAKE
struct event {
  std::string what;
};
struct reaction {
  std::int64_t id = 0;
  hewn::ref<event> event_id;
};
auto wrong() { return hewn::table_of<reaction>.name; }
#else
struct event {
  std::int64_t id = 0;
  std::string what;
};
struct reaction {
  std::int64_t id = 0;
  hewn::ref<event> event_id;
};
auto right() { return hewn::table_of<reaction>.name; }
#endif
