// hewn/sqlite/listen.hpp - listening to what the connections of this process commit.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite tells a connection of its own changes only: what other processes and other connections
// write is not announced. Of a pool, everything that its writer commits is.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/listener.hpp>
#include <hewn/sqlite/client/change_feed.hpp>
#include <hewn/sqlite/client/driver.hpp>
#include <hewn/sqlite/pool.hpp>

#include <memory>
#include <string_view>
#include <vector>

namespace hewn::sqlite::detail {

/// `native` is the connection of `c`.
template <class Driver>
HEWN_COLD std::unique_ptr<hewn::detail::notification_source> open_inbox(
    hewn::detail::connection<Driver>& c, connection& native, call_site site) {
  c.check_state(site);
  if (native.in_transaction())
    throw error(errc::usage,
                "hewn: listen() in a transaction would miss what it has changed; call it before");
  if (native.read_only())
    throw error(errc::read_only,
                "hewn: a connection that only reads has nothing to announce; listen to the "
                "database or pool that writes");
  if (native.watch() == nullptr)
    native.set_watch(hewn::detail::owner<hewn::detail::change_watch>(
        new change_feed(std::make_shared<hewn::detail::notification_publisher>())));
  auto& feed = static_cast<change_feed&>(*native.watch());
  auto inbox = feed.publisher().open_inbox();
  if (!feed.attached()) {
    feed.attach(native.native(), native.guard());
    c.start_watching();
  }
  return inbox;
}

}  // namespace hewn::sqlite::detail

namespace hewn::detail {

template <>
struct announcements<sqlite::driver> {
  static std::unique_ptr<notification_source> open(connection<sqlite::driver>& c, call_site site) {
    return sqlite::detail::open_inbox(c, c.native(), site);
  }

  // SQLite tells of all changes to whoever listens.
  static void announce_changes(const connection<sqlite::driver>&,
                               const std::vector<std::string_view>&, call_site) {}
};

}  // namespace hewn::detail
