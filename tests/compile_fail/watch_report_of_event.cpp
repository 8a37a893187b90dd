// expect: hewn: what a repeat_watch reports to is called with a hewn::repeated_statement; write [](const hewn::repeated_statement& r) { ... }
#include <hewn/sqlite.hpp>
#include <hewn/watch.hpp>

#ifdef HEWN_MISTAKE
void wrong(const hewn::sqlite::database& db) {
  const hewn::repeat_watch watch(db, {.most = 10}, [](const hewn::statement_event&) {});
}
#else
void right(const hewn::sqlite::database& db) {
  const hewn::repeat_watch watch(db, {.most = 10}, [](const hewn::repeated_statement&) {});
}
#endif
