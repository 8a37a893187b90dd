// hewn/postgres/migrate/replica_watch.hpp - whether the replicas of a server keep up.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/migrate/replica_lag.hpp>

#include <chrono>
#include <string>

namespace hewn::postgres::detail {

/// Of those that are connected to this server; theirs and those that are cut off are not seen.
class replica_watch {
 public:
  replica_watch(connection& c, std::chrono::milliseconds limit)
      : connection_(&c), limit_(limit), lag_(limit) {}

  /// Which one has not replayed what was written longer than the limit ago, in words; empty: none.
  /// Throws: cannot_open when the role may not see that; what the server reports.
  HEWN_COLD std::string behind() {
    // A base backup is in the view, too, and replays nothing.
    catalog_query q(*connection_,
                    "SELECT coalesce(nullif(application_name, ''), client_addr::text, 'of process "
                    "' || pid), state IS NULL, coalesce(pg_catalog.pg_wal_lsn_diff(replay_lsn, "
                    "'0/0'), 0)::bigint, coalesce(extract(epoch FROM replay_lag) * 1000, "
                    "0)::bigint, pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), "
                    "'0/0')::bigint FROM pg_catalog.pg_stat_replication WHERE state IS NULL OR "
                    "state IN ('streaming', 'catchup') ORDER BY replay_lsn NULLS FIRST");
    const auto now = replica_lag::clock::now();
    while (q.next()) {
      if (q.flag(1))
        throw error(errc::cannot_open,
                    "hewn: this role may not see how far the replicas of the server are, as "
                    "max_replica_lag asks for; grant it pg_monitor, or give pause_while instead");
      lag_.wrote(std::stoll(q.text(4)), now);
      const auto lag =
          lag_.of(std::stoll(q.text(2)), std::chrono::milliseconds(std::stoll(q.text(3))), now);
      if (lag > limit_)
        return "the replica " + q.text(0) + " is more than " + std::to_string(limit_.count()) +
               " ms behind";
    }
    return {};
  }

 private:
  connection* connection_;
  std::chrono::milliseconds limit_;
  replica_lag lag_;
};

}  // namespace hewn::postgres::detail
