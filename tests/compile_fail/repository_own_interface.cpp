// expect: hewn: the interface of a repository has its verbs; derive it from hewn::repository_interface<T> of the same struct
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

struct own_interface {};
struct task_interface : hewn::repository_interface<task> {};

#ifdef HEWN_MISTAKE
void wrong(const hewn::sqlite::database& db) {
  hewn::sqlite::repository<task, own_interface> rows(db);
}
#else
void right(const hewn::sqlite::database& db) {
  hewn::sqlite::repository<task, task_interface> rows(db);
}
#endif
