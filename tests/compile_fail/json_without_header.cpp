// expect: hewn: a JSON column is read and written with another header; include <hewn/json.hpp>
// [p:C3]
#ifdef HEWN_MISTAKE
// The header is missing.
#else
#  include <hewn/json.hpp>
#endif
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct settings {
  std::string model;
};

struct task {
  std::int64_t id = 0;
  hewn::json<settings> settings_of_task;
};

void write(hewn::sqlite::database& db) { db.insert(task{}); }
