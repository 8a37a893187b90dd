// expect: hewn: a hewn::ref holds another type than the key of its table; name the type of the key, as in hewn::ref<user, std::string>
#include <hewn/schema/table_of.hpp>

#include <cstdint>
#include <string>

struct account {
  std::string id;
};

#ifdef HEWN_MISTAKE
struct login {
  std::int64_t id = 0;
  hewn::ref<account> account_name;
};
auto wrong() { return hewn::table_of<login>.name; }
#else
struct login {
  std::int64_t id = 0;
  hewn::ref<account, std::string> account_name;
};
auto right() { return hewn::table_of<login>.name; }
#endif
