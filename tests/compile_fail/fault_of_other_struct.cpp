// expect: hewn: this fault names a field of another struct; name one of the struct that is validated
// [p:C3]
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <string>

struct task {
  std::int64_t id = 0;
  std::string name;
};

struct note {
  std::int64_t id = 0;
  std::string text;
};

hewn::faults<task> validate(const task& t) {
#ifdef HEWN_MISTAKE
  return hewn::faults<task>().expect<&note::text>(t.name != "x", "must not be x");
#else
  return hewn::faults<task>().expect<&task::name>(t.name != "x", "must not be x");
#endif
}
