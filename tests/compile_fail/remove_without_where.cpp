// expect: hewn: remove() without where() would remove every row; say remove_all<T>() if that is meant
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
auto wrong(hewn::sqlite::database& db) { return db.remove(hewn::from<task>); }
#else
auto right(hewn::sqlite::database& db) { return db.remove_all<task>(); }
#endif
