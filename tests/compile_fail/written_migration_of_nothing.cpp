// expect: hewn: a migration from structs needs the structs; write write_migration<user, team>(folder, {.name = "teams"}, db)
#include <hewn/migrate.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) {
  hewn::write_migration<>("migrations", {.name = "tasks"}, db);
}
#else
void right(hewn::sqlite::database& db) {
  hewn::write_migration<task>("migrations", {.name = "tasks"}, db);
}
#endif
