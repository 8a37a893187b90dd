// hewn/postgres/listen.hpp - listening to what anybody commits to a PostgreSQL database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection.hpp>
#include <hewn/postgres/connect.hpp>
#include <hewn/postgres/connection.hpp>
#include <hewn/postgres/driver.hpp>
#include <hewn/postgres/listen_source.hpp>
#include <hewn/postgres/listen_triggers.hpp>
#include <hewn/postgres/options.hpp>
#include <hewn/query/listener.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres {

namespace detail {

/// `native` is the connection of `c`. The listener's goes where that one went.
template <class Driver>
HEWN_COLD std::unique_ptr<hewn::detail::notification_source> open_source(
    hewn::detail::connection<Driver>& c, const connection& native, call_site site) {
  c.check_state(site);
  if (native.shared().pooling()) refuse_listening_by_proxy();
  settings used = named_values(conninfo_ptr(PQconninfo(native.native())).get());
  used.erase("service");  // what it said is among them
  return std::make_unique<listen_source>(std::move(used));
}

}  // namespace detail

/// A listener without a database object: for programs that only listen, and for those whose other
/// connections go through a proxy. Arguments as those of open. Throws: cannot_open; usage.
inline listener listen(const std::string& url = {}, const options& wanted = {}) {
  if (wanted.transaction_pooling) detail::refuse_listening_by_proxy();
  return listener(
      std::make_unique<detail::listen_source>(detail::connection_settings(url, wanted)));
}

}  // namespace hewn::postgres

namespace hewn::detail {

template <>
struct announcements<postgres::driver> {
  static std::unique_ptr<notification_source> open(connection<postgres::driver>& c,
                                                   call_site site) {
    return postgres::detail::open_source(c, c.native(), site);
  }

  static void announce_changes(connection<postgres::driver>& c,
                               const std::vector<std::string_view>& tables, call_site site) {
    c.execute(postgres::detail::announce_changes_sql(tables), site);
  }
};

}  // namespace hewn::detail
