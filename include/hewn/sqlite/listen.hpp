// hewn/sqlite/listen.hpp - listening to what the connections of this process commit.
// SPDX-License-Identifier: BSL-1.0
//
// SQLite tells a connection of its own changes only: what other processes and other connections
// write is not announced. Of a pool, everything that its writer commits is.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/listener.hpp>
#include <hewn/sqlite/change_feed.hpp>
#include <hewn/sqlite/driver.hpp>
#include <hewn/sqlite/pool.hpp>

#include <memory>
#include <utility>

namespace hewn::sqlite {
namespace detail {

HEWN_COLD inline std::unique_ptr<hewn::detail::notification_source> open_inbox(
    hewn::detail::connection<driver>& c, call_site site) {
  c.check_state(site);
  connection& native = c.native();
  if (native.in_transaction())
    throw error(errc::usage,
                "hewn: listen() in a transaction would miss what it has changed; call it before");
  if (native.read_only())
    throw error(errc::read_only,
                "hewn: a connection that only reads has nothing to announce; listen to the "
                "database or pool that writes");
  if (native.watch() == nullptr)
    native.set_watch(
        std::make_unique<change_feed>(std::make_shared<hewn::detail::notification_publisher>()));
  auto& feed = static_cast<change_feed&>(*native.watch());
  auto inbox = feed.publisher().open_inbox();
  if (!feed.attached()) {
    feed.attach(native.native());
    c.start_watching();
  }
  return inbox;
}

}  // namespace detail

/// A listener for what this database commits from now on. Throws: usage inside a transaction.
/// Order: on the thread that uses the database; the listener may then be used by another.
template <class Database>
requires requires(const Database& db) { db.connection(); }
listener listen(const Database& db, call_site site = call_site::current()) {
  return listener(detail::open_inbox(db.connection(), site));
}

/// A listener for what the pool commits from now on. Borrows the writer for a moment.
inline listener listen(const pool& p, call_site site = call_site::current()) {
  const pooled writer = p.acquire(site);
  return listen(writer, site);
}

}  // namespace hewn::sqlite
