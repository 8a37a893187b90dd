// expect: hewn: the function of hewn::exec returns a change that returns rows; name it by hewn::many, hewn::one or hewn::optional, or leave returning() out
#include <hewn/sqlite.hpp>
#include <hewn/verify.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct agent {
  std::int64_t id = 0;
  std::string name;
};

struct job {
  std::int64_t id = 0;
  std::int64_t agent_id = 0;
  std::int64_t tries = 0;
  std::optional<std::string> note;
  static consteval auto table() {
    return hewn::table("jobs").references<&job::agent_id, &agent::id>();
  }
};

struct tried {
  std::int64_t id = 0;
  std::optional<std::string> note;
};

struct noted {
  std::int64_t id = 0;
  std::string note;
};

using hewn::col;
using hewn::from;
using hewn::returning;

#ifdef HEWN_MISTAKE
inline constexpr auto wrong = hewn::exec<"drop">([](std::int64_t id) {
  return hewn::remove_of(from<job>.where(col<&job::id> == id), returning(col<&job::note>));
});
#else
inline constexpr auto right = hewn::optional<"drop">([](std::int64_t id) {
  return hewn::remove_of(from<job>.where(col<&job::id> == id), returning(col<&job::note>));
});
#endif
