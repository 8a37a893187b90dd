// hewn/query/pool.hpp - a pool of connections with the verbs of a database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/owner.hpp>
#include <hewn/base/result.hpp>
#include <hewn/db/connection/tenancy.hpp>
#include <hewn/db/pool/pool.hpp>
#include <hewn/query/database.hpp>
#include <hewn/query/lending.hpp>
#include <hewn/query/tenant_pool.hpp>
#include <hewn/query/verbs/act_for.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace hewn {

/// A connection that was borrowed from a pool, with the verbs of a database. Goes back when it
/// dies; a transaction that it left open is rolled back. One thread at a time. It may outlive the
/// pool object.
template <class Driver>
class pooled : public transactional<Driver> {
 public:
  using driver_type = Driver;

  explicit pooled(detail::pooled_connection<Driver> held) noexcept
      : transactional<Driver>(held.get()), held_(std::move(held)) {}
  /// Works for this tenant until it is given back.
  pooled(detail::pooled_connection<Driver> held, const detail::tenant_value& tenant)
      : pooled(std::move(held)) {
    tenant_.reset(new detail::tenant_frame(held_.get()->tenants(), tenant));
  }
  pooled(pooled&& other) noexcept
      : transactional<Driver>(other),
        held_(std::move(other.held_)),
        tenant_(std::move(other.tenant_)) {
    other.leave(phase::moved_from);
  }
  pooled& operator=(pooled&& other) noexcept {
    if (this == &other) return *this;
    held_.give_back();
    transactional<Driver>::operator=(other);
    held_ = std::move(other.held_);
    tenant_ = std::move(other.tenant_);
    other.leave(phase::moved_from);
    return *this;
  }

  /// Gives the connection back before the object dies. Every verb is refused then.
  void give_back() noexcept {
    if (held_.get() == nullptr) return;
    held_.give_back();
    leave(phase::given_back);
  }

  /// For a connection that another thread goes on with: tells the pool that this thread may wait
  /// for it.
  void hand_over() noexcept { held_.hand_over(); }

  /// As the database's. Not of a temporary, which is given back before the transaction ends.
  [[nodiscard(
      "hewn: a transaction that is not kept ends at once; write auto tx = "
      "db.begin()")]] basic_transaction<Driver>
  begin(transaction_mode mode = transaction_mode::immediate,
        call_site site = call_site::current()) const& {
    return transactional<Driver>::begin(mode, site);
  }
  result<basic_transaction<Driver>> try_begin(transaction_mode mode = transaction_mode::immediate,
                                              call_site site = call_site::current()) const& {
    return transactional<Driver>::try_begin(mode, site);
  }
  template <class... Mode>
  int begin(const Mode&...) const&& {
    return explain_temporary<Mode...>();
  }
  template <class... Mode>
  int try_begin(const Mode&...) const&& {
    return explain_temporary<Mode...>();
  }

 private:
  using phase = detail::transaction_state::phase;

  template <class... Mode>
  static consteval int explain_temporary() {
    static_assert(sizeof...(Mode) == ~0u,
                  "hewn: begin() of a connection that goes back to its pool at once; keep it in a "
                  "variable that outlives the transaction");
    return 0;
  }

  void leave(phase why) noexcept { this->set_connection(&detail::connection<Driver>::gone(why)); }

  detail::pooled_connection<Driver> held_;
  detail::owner<detail::tenant_frame> tenant_;
};

/// A bounded number of connections to one database, for any number of threads. Whoever asks first
/// is served first. It has no thread of its own: limits are applied when it is used.
///
/// A database that has one writer and many readers (SQLite) gives the writer to transaction(),
/// write() and acquire(), and a reader to read() and acquire_reader(); for others they are the
/// same. Lifetime: connections that are out may outlive it. A process forked later is refused and
/// closes nothing.
template <class Driver>
class basic_pool : public lending<basic_pool<Driver>, Driver> {
 public:
  using driver_type = Driver;
  using lease = pooled<Driver>;
  using opener = std::function<database<Driver>()>;

  /// `open` opens one connection; it is called from every thread that finds too few.
  basic_pool(opener open, pool_options options, call_site site = call_site::current())
      : writers_(make(std::move(open), std::move(options), "the pool", site)), readers_(writers_) {}

  /// A writer, and readers of what `options.size` leaves.
  basic_pool(opener open_writer, opener open_reader, pool_options options,
             call_site site = call_site::current()) {
    const detail::call_scope at(detail::outer_call(site));
    if (options.size < 2)
      throw error(errc::usage,
                  "hewn: a pool of fewer than 2 connections has no place for a writer and a "
                  "reader; give it a size from 2");
    pool_options one = options;
    one.size = 1;
    --options.size;
    writers_ = make(std::move(open_writer), std::move(one), "the writer of the pool", site);
    readers_ = make(std::move(open_reader), std::move(options), "the readers of the pool", site);
  }

  basic_pool(basic_pool&&) noexcept = default;
  basic_pool(const basic_pool&) = delete;
  basic_pool& operator=(basic_pool&&) = delete;
  ~basic_pool() {
    if (writers_ != nullptr) close();
  }

  /// Borrows a connection: `auto db = pool.acquire();`. Throws: pool_timeout, usage when this
  /// thread would wait for itself, connection_lost when the pool is closed, and what opening a
  /// database throws.
  lease acquire(call_site site = call_site::current()) const {
    return acquire(of(writers_, site).options().timeout, site);
  }

  /// As above; waits at most `timeout`, of which zero is not at all.
  lease acquire(std::chrono::milliseconds timeout, call_site site = call_site::current()) const {
    of(writers_, site);
    return lease(detail::pooled_connection<Driver>(writers_, timeout, site));
  }

  /// As acquire, a connection for reading.
  lease acquire_reader(call_site site = call_site::current()) const {
    return acquire_reader(of(readers_, site).options().timeout, site);
  }

  lease acquire_reader(std::chrono::milliseconds timeout,
                       call_site site = call_site::current()) const {
    of(readers_, site);
    return lease(detail::pooled_connection<Driver>(readers_, timeout, site));
  }

  result<lease> try_acquire(call_site site = call_site::current()) const {
    return as_result([&] { return acquire(site); });
  }

  result<lease> try_acquire(std::chrono::milliseconds timeout,
                            call_site site = call_site::current()) const {
    return as_result([&] { return acquire(timeout, site); });
  }

  /// This pool for one tenant: `pool.for_tenant(organisation).read(...)`; see hewn::act_for.
  template <class Tenant>
  tenant_pool<basic_pool> for_tenant(const Tenant& tenant,
                                     call_site site = call_site::current()) const {
    static_cast<void>(detail::explain_tenant<Tenant>());
    return tenant_pool<basic_pool>(*this, detail::hold_tenant(tenant, site));
  }

  /// The same for all tenants; see hewn::all_tenants.
  tenant_pool<basic_pool> for_all_tenants() const { return tenant_pool<basic_pool>(*this, {}); }

  /// Refuses everybody from now on, those that wait included, and closes what is idle; what is out
  /// is closed when it comes back. Waits for that at most so long. Returns whether all are closed.
  bool close(std::chrono::milliseconds wait = std::chrono::milliseconds(0),
             call_site site = call_site::current()) {
    if (readers_ == writers_) return of(writers_, site).close(wait);
    // The writer last: the last connection of a file takes its log into it, which a reader cannot.
    const bool read = readers_->close(wait);
    return writers_->close(wait) && read;
  }

  /// Closes what has been idle or open for too long. Coming back does the same for one connection
  /// at a time, so this is for programs that pause.
  void trim(call_site site = call_site::current()) const {
    of(writers_, site).trim();
    if (readers_ != writers_) readers_->trim();
  }

  /// Cost: a lock.
  pool_statistics statistics(call_site site = call_site::current()) const {
    return of(writers_, site).statistics();
  }
  pool_statistics reader_statistics(call_site site = call_site::current()) const {
    return of(readers_, site).statistics();
  }

  // ---------------------------------------------------------------- for the library

  lease acquire_for(const detail::tenant_value& tenant, call_site site) const {
    const auto timeout = of(writers_, site).options().timeout;
    return lease(detail::pooled_connection<Driver>(writers_, timeout, site), tenant);
  }
  lease acquire_reader_for(const detail::tenant_value& tenant, call_site site) const {
    const auto timeout = of(readers_, site).options().timeout;
    return lease(detail::pooled_connection<Driver>(readers_, timeout, site), tenant);
  }

  /// Is told of the statements of every connection that is handed out from now on, as long as
  /// somebody holds it.
  void add_watch(const std::shared_ptr<detail::pool_watch>& w, call_site site) const {
    of(writers_, site).add_watch(w);
    if (readers_ != writers_) readers_->add_watch(w);
  }

 private:
  using core = detail::connection_pool<Driver>;

  static std::shared_ptr<core> make(opener open, pool_options options, std::string subject,
                                    call_site site) {
    const detail::call_scope at(detail::outer_call(site));
    return std::make_shared<core>([open = std::move(open)] { return open().release(); },
                                  std::move(options), std::move(subject));
  }

  static core& of(const std::shared_ptr<core>& c, call_site site) {
    if (c == nullptr)
      detail::fail_pool(errc::usage,
                        "hewn: the pool was moved from; use the one that it was moved to", site);
    return *c;
  }

  std::shared_ptr<core> writers_;
  std::shared_ptr<core> readers_;
};

}  // namespace hewn
