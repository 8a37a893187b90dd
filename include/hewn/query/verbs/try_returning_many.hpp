// hewn/query/verbs/try_returning_many.hpp - the twins of the verbs of many rows that return them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/result.hpp>
#include <hewn/query/statements/returning.hpp>
#include <hewn/query/verbs/session.hpp>

#include <initializer_list>

namespace hewn {

/// For every verb of hewn::returning_many one that returns a hewn::result.
template <class Driver>
class try_returning_many : public session<Driver> {
  using verbs = session<Driver>;

 public:
  template <class Range, class R, class... E>
  auto try_insert_many(Range&& rows, const returning_clause<R, E...>& returned,
                       call_site site = call_site::current()) const {
    return as_result([&] { return verbs::insert_many(rows, returned, site); });
  }
  template <class T, class R, class... E>
  auto try_insert_many(std::initializer_list<T> rows, const returning_clause<R, E...>& returned,
                       call_site site = call_site::current()) const {
    return as_result([&] { return verbs::insert_many(rows, returned, site); });
  }

  template <class Range, class R, class... E>
  auto try_update_many(Range&& rows, const returning_clause<R, E...>& returned,
                       call_site site = call_site::current()) const {
    return as_result([&] { return verbs::update_many(rows, returned, site); });
  }
  template <class T, class R, class... E>
  auto try_update_many(std::initializer_list<T> rows, const returning_clause<R, E...>& returned,
                       call_site site = call_site::current()) const {
    return as_result([&] { return verbs::update_many(rows, returned, site); });
  }

  template <auto... Members, class Range, class R, class... E>
  auto try_upsert_many(Range&& rows, const returning_clause<R, E...>& returned,
                       call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template upsert_many<Members...>(rows, returned, site); });
  }
  template <auto... Members, class T, class R, class... E>
  auto try_upsert_many(std::initializer_list<T> rows, const returning_clause<R, E...>& returned,
                       call_site site = call_site::current()) const {
    return as_result([&] { return verbs::template upsert_many<Members...>(rows, returned, site); });
  }

  template <class Range, class R, class... E>
  auto try_remove_many(Range&& rows, const returning_clause<R, E...>& returned,
                       call_site site = call_site::current()) const {
    return as_result([&] { return verbs::remove_many(rows, returned, site); });
  }
  template <class T, class R, class... E>
  auto try_remove_many(std::initializer_list<T> rows, const returning_clause<R, E...>& returned,
                       call_site site = call_site::current()) const {
    return as_result([&] { return verbs::remove_many(rows, returned, site); });
  }

 protected:
  using session<Driver>::session;
};

}  // namespace hewn
