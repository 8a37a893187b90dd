// expect: hewn: order_by() takes columns; write col<&T::field>, hewn::asc<&T::field> or hewn::desc<&T::field>
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) { return db.all(hewn::from<task>.order_by("title")); }
#else
auto right(hewn::sqlite::database& db) {
  return db.all(hewn::from<task>.order_by(hewn::col<&task::title>));
}
#endif
