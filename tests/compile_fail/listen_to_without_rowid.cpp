// expect: hewn: SQLite does not tell of changes in WITHOUT ROWID tables; call notify() where they change, and listen to that
#include <hewn/sqlite/listen.hpp>

#include <cstdint>

struct task {
  std::int64_t id = 0;
};

struct setting {
  std::int64_t id = 0;
  static consteval auto table() { return hewn::table("settings").without_rowid(); }
};

#ifdef HEWN_MISTAKE
void wrong(hewn::listener& l) {
  l.on<setting>([](const hewn::row_change&) {});
}
#else
void right(hewn::listener& l) {
  l.on<task>([](const hewn::row_change&) {});
}
#endif
