// hewn/query/lending.hpp - what is done on connections of a pool that are borrowed for it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/result.hpp>
#include <hewn/db/connection/retry.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/query/database.hpp>

namespace hewn {

template <class Driver>
class pooled;

/// The part of a pool that borrows a connection for an action. `Lender` has acquire() and
/// acquire_reader(). A database that has one writer and many readers (SQLite) gives the writer to
/// transaction() and write(), and a reader to read().
template <class Lender, class Driver>
class lending {
 public:
  /// Runs `action(db)` with a borrowed connection, without a transaction around it.
  template <class Action>
  auto write(Action&& action, call_site site = call_site::current()) const {
    pooled<Driver> db = lender().acquire(site);
    return action(db);
  }

  /// As database::transaction, on a borrowed connection.
  template <class Action>
  auto transaction(Action&& action, call_site site = call_site::current()) const {
    return lender().acquire(site).transaction(action, site);
  }

  template <class Action>
  auto transaction(const transaction_options& options, Action&& action,
                   call_site site = call_site::current()) const {
    if (options.mode == transaction_mode::read_only)
      return lender().acquire_reader(site).transaction(options, action, site);
    return lender().acquire(site).transaction(options, action, site);
  }

  template <class Action>
  auto transaction(const hewn::retry& policy, Action&& action,
                   call_site site = call_site::current()) const {
    return lender().acquire(site).transaction(policy, action, site);
  }

  /// As database::read, on a borrowed connection.
  template <class Action>
  auto read(Action&& action, call_site site = call_site::current()) const {
    return lender().acquire_reader(site).read(action, site);
  }

  template <class Action>
  auto try_transaction(Action&& action, call_site site = call_site::current()) const {
    return as_result([&] { return transaction(action, site); });
  }

  template <class Action>
  auto try_read(Action&& action, call_site site = call_site::current()) const {
    return as_result([&] { return read(action, site); });
  }

 protected:
  lending() = default;
  ~lending() = default;

 private:
  const Lender& lender() const noexcept { return static_cast<const Lender&>(*this); }
};

}  // namespace hewn
