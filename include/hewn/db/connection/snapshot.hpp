// hewn/db/connection/snapshot.hpp - several statements that read one state of the database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/transaction.hpp>

#include <optional>

namespace hewn::detail {

/// A transaction for reading, for which nobody waits: PostgreSQL gets BEGIN with the first
/// statement, and COMMIT without being asked for the answer. Inside a transaction there is only
/// that one, which on PostgreSQL has one snapshot from repeatable_read on.
template <class Driver>
class snapshot {
 public:
  snapshot(connection<Driver>& c, bool wanted, const call_site& site) {
    if (wanted && c.state().depth() == 0)
      scope_.emplace(c, transaction_mode::read_only, site, nullptr, false);
  }

  void end(const call_site& site) {
    if (scope_) scope_->commit(site);
  }

 private:
  std::optional<transaction_scope<Driver>> scope_;
};

}  // namespace hewn::detail
