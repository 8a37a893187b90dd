// expect: hewn: references<> has a hewn::ref refer to another field than the primary key; name the key, or make the field a plain value
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

struct event {
  std::int64_t id = 0;
  std::int64_t number = 0;
  static consteval auto table() { return hewn::table("events").unique<&event::number>(); }
};

#ifdef HEWN_MISTAKE
struct reaction {
  std::int64_t id = 0;
  hewn::ref<event> event_id;
  static consteval auto table() {
    return hewn::table("reactions").references<&reaction::event_id, &event::number>();
  }
};
auto wrong() { return hewn::table_of<reaction>.name; }
#else
struct reaction {
  std::int64_t id = 0;
  hewn::ref<event> event_id;
  static consteval auto table() {
    return hewn::table("reactions").references<&reaction::event_id, &event::id>();
  }
};
auto right() { return hewn::table_of<reaction>.name; }
#endif
