// expect: hewn: update() without where() would change every row; say update_all<T>() if that is meant
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
auto wrong(hewn::sqlite::database& db) {
  return db.update(hewn::from<task>, hewn::col<&task::title> = "x");
}
#else
auto right(hewn::sqlite::database& db) {
  return db.update_all<task>(hewn::col<&task::title> = "x");
}
#endif
