// hewn/query/tenant_pool.hpp - a pool whose connections work for one tenant.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/db/connection/tenancy.hpp>
#include <hewn/query/lending.hpp>

#include <utility>

namespace hewn {

/// A pool for one tenant: the connections that it lends work for that one. A value, for the time of
/// a request; Lifetime: of the pool.
template <class Pool>
class tenant_pool : public lending<tenant_pool<Pool>, typename Pool::driver_type> {
 public:
  using driver_type = typename Pool::driver_type;
  using lease = typename Pool::lease;

  tenant_pool(const Pool& pool, detail::tenant_value tenant)
      : pool_(&pool), tenant_(std::move(tenant)) {}

  /// As the pool's.
  lease acquire(call_site site = call_site::current()) const {
    return pool_->acquire_for(tenant_, site);
  }
  lease acquire_reader(call_site site = call_site::current()) const {
    return pool_->acquire_reader_for(tenant_, site);
  }

 private:
  const Pool* pool_;
  detail::tenant_value tenant_;
};

}  // namespace hewn
