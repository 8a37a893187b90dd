// hewn/any/listen.hpp - listening to a database that is chosen when the program runs.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/any/client/driver.hpp>
#include <hewn/postgres/listen.hpp>
#include <hewn/query/listener.hpp>
#include <hewn/sqlite/listen.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace hewn::detail {

template <>
struct announcements<any::driver> {
  static std::unique_ptr<notification_source> open(connection<any::driver>& c, call_site site) {
    if (sqlite::connection* const lite = c.native().as_sqlite())
      return sqlite::detail::open_inbox(c, *lite, site);
    c.check_state(site);
    return postgres::detail::open_source(*c.native().as_postgres());
  }

  static void announce_changes(connection<any::driver>& c,
                               const std::vector<std::string_view>& tables, call_site site) {
    if (c.native().as_postgres() != nullptr)
      c.execute(postgres::detail::announce_changes_sql(tables), site);
  }
};

}  // namespace hewn::detail
