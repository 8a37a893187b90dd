// expect: hewn: what is to be counted is called without arguments; write [&] { ... }
#include <hewn/sqlite.hpp>
#include <hewn/watch.hpp>

#ifdef HEWN_MISTAKE
void wrong(const hewn::sqlite::database& db) {
  hewn::expect_statements(db, 2, [](auto& tx) { tx.script("SELECT 1"); });
}
#else
void right(const hewn::sqlite::database& db) {
  hewn::expect_statements(db, 2, [&] { db.script("SELECT 1"); });
  hewn::expect_no_repeats(db, {.most = 2}, [&] { db.script("SELECT 1"); });
}
#endif
