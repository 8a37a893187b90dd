// expect: hewn: e.is<&T::field>() needs the table of the struct; include <hewn/schema/error_is.hpp> or the header of a database
#include <hewn/base/error.hpp>

#include <string>

struct user {
  long id = 0;
  std::string email;
};

#ifdef HEWN_MISTAKE
bool about_email(const hewn::error& e) { return e.is<&user::email>(); }
#else
#include <hewn/schema/error_is.hpp>
bool about_email(const hewn::error& e) { return e.is<&user::email>(); }
#endif
