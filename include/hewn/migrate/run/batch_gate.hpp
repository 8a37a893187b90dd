// hewn/migrate/run/batch_gate.hpp - what keeps the next batch of a migration waiting.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/base/pause.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/trial/migration_options.hpp>
#include <hewn/migrate/trial/run_body.hpp>
#include <hewn/query/database.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace hewn::detail {

struct no_replicas {
  static std::string behind() { return {}; }
};

/// The replicas of the database, as far as the driver knows of such.
template <class Executor>
auto watch_replicas(const Executor& executor, std::chrono::milliseconds limit) {
  if constexpr (requires { executor.watch_replicas(limit); })
    return executor.watch_replicas(limit);
  else
    return no_replicas{};
}

/// Lets a batch begin when nothing speaks against it.
template <class Driver>
class batch_gate {
 public:
  using executor = typename Driver::migration_executor;

  batch_gate(const transactional<Driver>& db, const executor& real, const migration_info& m,
             const batched<Driver>& b)
      : db_(&db), m_(&m), batches_(&b), replicas_(watch_replicas(real, b.max_replica_lag)) {}

  /// `done`: rows. Throws: busy when the patience is used up.
  void wait(const notifier& tell, std::int64_t done) {
    const auto deadline = std::chrono::steady_clock::now() + batches_->patience;
    std::chrono::milliseconds step{20};
    for (std::string why = reason(); !why.empty(); why = reason()) {
      const auto now = std::chrono::steady_clock::now();
      if (now >= deadline) give_up(why);
      tell.tell(migration_progress::waiting, {.done = done, .reason = why});
      pause_for(std::min<std::chrono::steady_clock::duration>(step, deadline - now));
      step = std::min(2 * step, std::chrono::milliseconds(1'000));
    }
  }

 private:
  std::string reason() {
    if (batches_->pause_while) {
      const pause during(db_->connection().state());
      if (batches_->pause_while()) return "pause_while asks for it";
    }
    return batches_->max_replica_lag.count() > 0 ? replicas_.behind() : std::string();
  }

  [[noreturn]] void give_up(const std::string& why) const {
    throw error(error_details{
        .code = errc::busy,
        .message = "hewn: the next batch of migration " + label_of(*m_) +
                   " has waited for more than " + std::to_string(batches_->patience.count()) +
                   " ms, because " + why +
                   ", and what came before it stays done; run again later, or raise patience",
        .retryable = true});
  }

  const transactional<Driver>* db_;
  const migration_info* m_;
  const batched<Driver>* batches_;
  decltype(watch_replicas(std::declval<const executor&>(), {})) replicas_;
};

}  // namespace hewn::detail
