// expect: hewn: this runs no statements that can be watched; give a database, a transaction, a pool or a connection of one
#include <hewn/sqlite.hpp>
#include <hewn/watch.hpp>

#include <hewn/sqlite/pool.hpp>

void report(const hewn::repeated_statement&);

#ifdef HEWN_MISTAKE
void wrong(const hewn::sqlite::options& db) {
  const hewn::repeat_watch watch(db, {.most = 10}, report);
  hewn::expect_statements(db, 2, [] {});
  hewn::expect_no_repeats(db, [] {});
}
#else
void right(const hewn::sqlite::database& db, const hewn::sqlite::pool& pool) {
  const hewn::repeat_watch watch(db, {.most = 10}, report), all(pool, {}, report);
  hewn::expect_statements(db, 2, [] {});
  hewn::expect_no_repeats(pool, [] {});
}
#endif
