// expect: hewn: hewn::from<T> is a value and no function; remove the parentheses, and write hewn::from<T>.where(...) for a condition
#include <hewn/sqlite.hpp>

#include <cstdint>

struct agent {
  std::int64_t id = 0;
};

auto agents(const hewn::sqlite::database& db) {
#ifdef HEWN_MISTAKE
  return db.all(hewn::from<agent>());
#else
  return db.all(hewn::from<agent>);
#endif
}
