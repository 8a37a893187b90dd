// tests/compile_fail/embedded_time_that_may_lack.cpp - a time of the last update in a struct that
// may not be there. SPDX-License-Identifier: BSL-1.0
// expect: hewn: created<>() and updated<>() name a field of an optional struct, which may not be there; move the time out of it, or make the struct no optional
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <optional>
#include <string>

struct review {
  std::string text;
  hewn::timestamp changed_at{};
};

struct booking {
  std::int64_t id = 0;
#ifdef HEWN_MISTAKE
  std::optional<review> last;
#else
  review last;
#endif
  static consteval auto table() {
    return hewn::table("bookings").updated<hewn::path<&booking::last, &review::changed_at>>();
  }
};

const auto& table = hewn::table_of<booking>;
