// hewn/repository/session_source.hpp - where a repository gets the session for a call from.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/database.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// A database, a transaction or a pool. Of a database or transaction it has a copy of the handle:
/// one that is moved stays in use, and in a transaction that is over every verb throws usage.
template <class Driver>
class session_source {
 public:
  using session = transactional<Driver>;

  explicit session_source(const session& held) noexcept : session_(held) {}

  // A pool is known by what it does, so that a repository costs no header of pools, and a source
  // file that has none of them agrees with one that has.
  template <class Pool>
  explicit session_source(const Pool* pool) noexcept : pool_(pool), lend_(&lend<Pool>) {}

  /// Calls `action(session)`; of a pool, with a connection that goes back when it returns.
  template <class Action>
  auto run(bool writes, const call_site& site, Action&& action) const {
    using result = decltype(action(std::declval<const session&>()));
    if (lend_ == nullptr) return action(*session_);
    if constexpr (std::is_void_v<result>) {
      lend_with(writes, site, action);
    } else {
      std::optional<result> kept;
      lend_with(writes, site, [&](const session& db) { kept.emplace(action(db)); });
      return result(std::move(*kept));
    }
  }

 private:
  using use = void (*)(void* what, const session& db);
  using lender = void (*)(const void* pool, bool writes, const call_site& site, use with,
                          void* what);

  template <class Pool>
  static void lend(const void* pool, bool writes, const call_site& site, use with, void* what) {
    const Pool& from = *static_cast<const Pool*>(pool);
    const auto db = writes ? from.acquire(site) : from.acquire_reader(site);
    with(what, db);
  }

  template <class Action>
  void lend_with(bool writes, const call_site& site, Action&& action) const {
    using kept_action = std::remove_reference_t<Action>;
    lend_(
        pool_, writes, site,
        [](void* what, const session& db) { (*static_cast<kept_action*>(what))(db); }, &action);
  }

  std::optional<session> session_;
  const void* pool_ = nullptr;
  lender lend_ = nullptr;
};

}  // namespace hewn::detail
