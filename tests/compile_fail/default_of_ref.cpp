// expect: hewn: a default of this type is no value of the field; give one of the field's own type, or an expression as hewn::raw
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

#ifdef HEWN_MISTAKE
struct event {
  std::int64_t id = 0;
};
struct reaction {
  std::int64_t id = 0;
  hewn::ref<event> event_id;
  static consteval auto table() {
    return hewn::table("reactions").default_value<&reaction::event_id>(1);
  }
};
auto wrong() { return hewn::table_of<reaction>.name; }
#else
struct event {
  std::int64_t id = 0;
};
struct reaction {
  std::int64_t id = 0;
  hewn::ref<event> event_id;
  static consteval auto table() {
    return hewn::table("reactions").default_value<&reaction::event_id>(hewn::ref<event>(1));
  }
};
auto right() { return hewn::table_of<reaction>.name; }
#endif
