// expect: hewn: this enumeration has no name for a value from -128 to 127, by which it would be stored; give it one, or specialise hewn::codec
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>

#ifdef HEWN_MISTAKE
enum class state { open = 1000, closed = 2000 };
#else
enum class state { open, closed };
#endif

struct task {
  std::int64_t id = 0;
  state now{};
};

void write(hewn::sqlite::database& db) { db.insert(task{}); }
