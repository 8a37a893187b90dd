// expect: hewn: update() sets the version<> of rows, which hewn counts so that others notice the change; leave it out, or say it in hewn::sql<>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
  std::int64_t version = 0;
  static consteval auto table() { return hewn::table("tasks").version<&task::version>(); }
};

using hewn::excluded;

void store(hewn::sqlite::database& db, const task& t) {
#ifdef HEWN_MISTAKE
  db.upsert(t, hewn::set(excluded<&task::version>));
#else
  db.upsert(t, hewn::set(excluded<&task::title>));
#endif
}
