// expect: hewn: updated<>(hewn::in_database) names a field that is part of the key, generated or created<>, which no update may set; give the time a field of its own
#include <hewn/sqlite.hpp>

#include <cstdint>

struct reading {
  std::int64_t sensor = 0;
  hewn::timestamp at{};
  hewn::timestamp updated_at{};
  static consteval auto table() {
    return hewn::table("readings")
        .primary_key<&reading::sensor, &reading::at>()
#ifdef HEWN_MISTAKE
        .updated<&reading::at>(hewn::in_database);
#else
        .updated<&reading::updated_at>(hewn::in_database);
#endif
  }
};

const auto& described = hewn::table_of<reading>;
