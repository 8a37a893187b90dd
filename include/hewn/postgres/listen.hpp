// hewn/postgres/listen.hpp - listening to what anybody commits to a PostgreSQL database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/listen/notification.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/client/driver.hpp>
#include <hewn/postgres/client/options.hpp>
#include <hewn/postgres/listen/triggers.hpp>
#include <hewn/query/listener.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#if HEWN_DEFINES_POSTGRES
#  include <hewn/postgres/client/connect.hpp>
#  include <hewn/postgres/listen/source.hpp>

#  include <utility>
#endif

namespace hewn::postgres {

namespace detail {

/// Of a listener that goes where this connection went.
HEWN_RARE HEWN_API std::unique_ptr<hewn::detail::notification_source> open_source(
    const connection& native);

}  // namespace detail

/// A listener without a database object: for programs that only listen, and for those whose other
/// connections go through a proxy. Arguments as those of open. Throws: cannot_open; usage.
HEWN_API listener listen(const std::string& url = {}, const options& wanted = {});

#if HEWN_DEFINES_POSTGRES

HEWN_API std::unique_ptr<hewn::detail::notification_source> detail::open_source(
    const connection& native) {
  if (native.shared().pooling()) refuse_listening_by_proxy();
  settings used = named_values(conninfo_ptr(PQconninfo(native.native())).get());
  used.erase("service");  // what it said is among them
  return std::make_unique<listen_source>(std::move(used));
}

HEWN_API listener listen(const std::string& url, const options& wanted) {
  if (wanted.transaction_pooling) detail::refuse_listening_by_proxy();
  return listener(
      std::make_unique<detail::listen_source>(detail::connection_settings(url, wanted)));
}

#endif

}  // namespace hewn::postgres

namespace hewn::detail {

template <>
struct announcements<postgres::driver> {
  static std::unique_ptr<notification_source> open(connection<postgres::driver>& c,
                                                   call_site site) {
    c.check_state(site);
    return postgres::detail::open_source(c.native());
  }

  static void announce_changes(connection<postgres::driver>& c,
                               const std::vector<std::string_view>& tables, call_site site) {
    c.execute(postgres::detail::announce_changes_sql(tables), site);
  }
};

}  // namespace hewn::detail
