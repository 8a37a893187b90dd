// expect: hewn: validate() of this struct returns bool, which does not say what is wrong; return hewn::faults<T>, or give the function another name
#include <hewn/sqlite.hpp>

#include <cstdint>

struct booking {
  std::int64_t id = 0;
  std::int64_t first_night = 0;
  std::int64_t last_night = 0;
};

#ifdef HEWN_MISTAKE
bool validate(const booking& b) { return b.first_night <= b.last_night; }
#else
hewn::faults<booking> validate(const booking& b) {
  return hewn::faults<booking>().expect(b.first_night <= b.last_night, "ends before it begins");
}
#endif

auto add(const hewn::sqlite::database& db) { return db.insert(booking{0, 1, 2}); }
