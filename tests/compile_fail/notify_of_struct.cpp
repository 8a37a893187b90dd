// expect: hewn: a payload is text, an integer, or a type whose hewn::codec stores one of them; wrap a struct in hewn::json<>
#include <hewn/json.hpp>
#include <hewn/sqlite/listen.hpp>

#include <cstdint>

struct order {
  std::int64_t id = 0;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db) { hewn::notify(db, "orders", order{}); }
#else
void right(hewn::sqlite::database& db) { hewn::notify(db, "orders", hewn::json<order>{}); }
#endif
