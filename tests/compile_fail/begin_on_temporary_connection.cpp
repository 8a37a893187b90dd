// expect: hewn: begin() of a connection that goes back to its pool at once; keep it in a variable that outlives the transaction
#include <hewn/sqlite/pool.hpp>

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::pool& pool) { auto tx = pool.acquire().begin(); }
#else
void right(hewn::sqlite::pool& pool) {
  auto db = pool.acquire();
  auto tx = db.begin();
}
#endif
