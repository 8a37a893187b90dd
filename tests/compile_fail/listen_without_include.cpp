// expect: hewn: how this database announces is not known here; include <hewn/sqlite/listen.hpp>, <hewn/postgres/listen.hpp> or <hewn/any/listen.hpp>
#include <hewn/sqlite.hpp>

#ifdef HEWN_MISTAKE
#  include <hewn/query/listener.hpp>
#else
#  include <hewn/sqlite/listen.hpp>
#endif

hewn::listener inbox_of(const hewn::sqlite::database& db) { return hewn::listen(db); }
