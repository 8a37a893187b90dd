// tests/compile_fail/embedded_class.cpp - a member that is no plain struct.
// SPDX-License-Identifier: BSL-1.0
// expect: hewn: this field has no column type; specialise hewn::codec for it, wrap it in hewn::json<> (hewn/json.hpp), or store it in its own table
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

#ifdef HEWN_MISTAKE
class town {
 public:
  town() = default;
  explicit town(std::string called) : name(called) {}

 private:
  std::string name;
};
#else
struct town {
  std::string name;
};
#endif

struct address {
  std::string street;
  town city;
};

struct customer {
  std::int64_t id = 0;
  address home;
};

const auto& table = hewn::table_of<customer>;
