// expect: hewn: this verb takes a range of rows, as a std::vector of them or rows in braces; for one row say insert(), update(), upsert() or remove()
// expect: hewn: verbs of many rows take one range; put the rows into braces, as in insert_many({a, b})
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string title;
};

#ifdef HEWN_MISTAKE
void wrong(hewn::sqlite::database& db, const task& a) { db.insert_many(a); }
void no_better(hewn::sqlite::database& db, const task& a, const task& b) { db.insert_many(a, b); }
#else
void right(hewn::sqlite::database& db, const task& a) { db.insert_many({a}); }
void as_well(hewn::sqlite::database& db, const task& a, const task& b) { db.insert_many({a, b}); }
#endif
