// expect: hewn: a watch that is not kept ends at once; write hewn::repeat_watch watch(...)
#include <hewn/sqlite.hpp>
#include <hewn/watch.hpp>

#pragma GCC diagnostic error "-Wunused-result"
#pragma GCC diagnostic error "-Wunused-value"

void report(const hewn::repeated_statement&);

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { hewn::repeat_watch(db, {.most = 10}, report); }
#else
void right(hewn::sqlite::database& db) { hewn::repeat_watch watch(db, {.most = 10}, report); }
#endif
