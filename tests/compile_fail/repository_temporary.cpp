// expect: hewn: a repository of a temporary would outlive it; keep the database, transaction or pool in a variable
#include <hewn/sqlite.hpp>

#include <hewn/repository.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
  std::string code;
  std::int64_t priority = 0;
  static consteval auto table() {
    return hewn::table("tasks").unique<&task::title>().unique_index<&task::code>(
        hewn::where(hewn::col<&task::priority> > 0));
  }
};

struct team {
  std::int64_t id = 0;
  std::string name;
};

using tasks = hewn::sqlite::repository<task>;

#ifdef HEWN_MISTAKE
void wrong() { tasks rows(hewn::sqlite::open("app.db")); }
#else
void right() {
  const auto db = hewn::sqlite::open("app.db");
  tasks rows(db);
}
#endif
