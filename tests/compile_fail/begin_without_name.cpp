// expect: hewn: a transaction that is not kept ends at once; write auto tx = db.begin()
#include <hewn/sqlite.hpp>

#pragma GCC diagnostic error "-Wunused-result"

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { db.begin(); }
#else
void right(hewn::sqlite::database& db) {
  auto tx = db.begin();
  tx.commit();
}
#endif
