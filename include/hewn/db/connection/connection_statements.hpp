// hewn/db/connection/connection_statements.hpp - the prepared statements of a connection.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/base/list.hpp>
#include <hewn/base/owner.hpp>
#include <hewn/db/connection/connection_state.hpp>
#include <hewn/db/connection/missing_columns.hpp>
#include <hewn/db/connection/owner_process.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/db/connection/transaction_state.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/placeholders.hpp>
#include <hewn/schema/table_info.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

/// The part of a connection that prepares statements, keeps those that are idle and knows those
/// that are in use.
template <class Driver>
class connection_statements : public connection_state<Driver> {
  using base = connection_state<Driver>;
  using base::suspect_after;

 protected:
  using base::native_;
  using base::notify;
  using base::observers_;
  using base::report;
  using base::state_;
  using base::tenants_;

 public:
  using entry = prepared<Driver>;
  using native_type = typename Driver::connection;
  using base::inherited;
  using base::watch;
  using base::watched;

  statement_cache<Driver>& cache() noexcept { return cache_; }

  /// Whether statements are in use, that is, whether some loop over rows has not ended.
  bool in_use() const noexcept { return !in_use_.empty(); }

  /// BEGIN, COMMIT, SAVEPOINT and their like: prepared like every statement, but legal in every
  /// state. Returns the failure instead of throwing it, for callers in destructors. `waits`: for
  /// the answer, without which only reads do.
  owner<error> control(std::string_view sql, call_site site, bool waits = true) {
    if (inherited()) [[unlikely]]
      return owner<error>(new error(inherited_connection(site)));
    owner<entry> e(cache_.take(sql, true));
    try {
      if (!e) e.reset(prepare(no_slot, std::string(sql), site));
      e->control = true;
    } catch (const error& failure) {
      return owner<error>(new error(failure));
    }
    e->site = site;
    e->rows = 0;
    if (observers_.any()) e->started = std::chrono::steady_clock::now();
    owner<error> failure;
    if (run_control(e->statement, waits) == step_result::failed) {
      error_details details = describe(*e);
      details.sql = e->sql;
      details.site = site;
      failure.reset(new error(std::move(details)));
      suspect_after(failure->code());
    }
    if (observers_.any()) notify(e->sql, e->started, e->rows, site, failure.get(), true);
    e->statement.reset();
    if (watched()) watch()->statement_ended();
    if (cache_.put(e.get())) e.release();
    return failure;
  }

  /// Asks the driver, where it can tell, to refuse writes that the database would prepare anew
  /// before their table was looked at.
  void guard_writes() {
    if constexpr (requires { native_.guard_writes(&connection_statements::is_unseen, this); })
      native_.guard_writes(&connection_statements::is_unseen, this);
  }

 protected:
  connection_statements(native_type native, std::size_t text_capacity,
                        transaction_state::phase initial)
      : base(std::move(native), initial), cache_(text_capacity) {}
  ~connection_statements() = default;

  static step_result run_control(typename Driver::statement& statement,
                                 [[maybe_unused]] bool waits) {
    if constexpr (requires { statement.post(); })
      if (!waits) return statement.post();
    return statement.step();
  }

  // Of a step that has failed. The driver may find out more while the values are still bound.
  HEWN_COLD error_details describe(const entry& e) const {
    error_details details = native_.describe(e.statement.code(), e.sql);
    if constexpr (requires { native_.find_cause(details, e.statement); })
      native_.find_cause(details, e.statement);
    return details;
  }

  HEWN_COLD entry* prepare(unsigned slot, std::string sql, call_site site,
                           const table_info* table = nullptr) {
    if (state_.gone()) state_.refuse(site);
    if (inherited()) throw inherited_connection(site);
    owner<entry> e(new entry);
    cache_.reserve(slot);
    // Room for every statement there is, so that taking one never allocates.
    in_use_.reserve(in_use_.size() + cache_.size() + 1);
    const auto started = std::chrono::steady_clock::now();
    const int code = native_.prepare(sql, e->statement);
    e->sql = std::move(sql);
    e->site = site;
    if (code != 0) {
      error_details details = native_.describe(code, e->sql);
      if (table != nullptr && details.code == errc::schema_mismatch)
        name_missing_columns(native_, *table, details);
      // A server that knows no names takes the colon for the mistake.
      if (details.code == errc::syntax && details.message.find("\":\"") != std::string::npos &&
          names_parameters(e->sql)) {
        details.code = errc::usage;
        details.message = misplaced_values;
      }
      report(std::move(details), e->sql, started, 0, site);
    }
    e->owner = static_cast<connection<Driver>*>(this);
    e->slot = slot;
    e->read_only = e->statement.read_only();
    e->of_tenants = table != nullptr && table->has_tenant();
    if constexpr (requires { native_.defines(e->sql); })
      if (native_.defines(e->sql)) e->slot = no_slot, e->once = true;
    return e.release();
  }

  void end_use(entry* e) noexcept {
    // Leases nest, so the statement is nearly always the last one.
    for (std::size_t i = in_use_.size(); i-- != 0;) {
      if (in_use_[i] != e) continue;
      in_use_[i] = in_use_.back();
      in_use_.pop_back();
      return;
    }
  }

  statement_cache<Driver> cache_;
  list<entry*> in_use_;
  const entry* seen_ = nullptr;  // whose table has just been looked at again,
  int seen_at_ = 0;              // and how often it had been prepared anew by then

 private:
  // Whether a statement that writes to the table is being prepared anew, and nobody has looked at
  // the table since the schema changed.
  static bool is_unseen(const void* self, std::string_view table) noexcept {
    const auto& c = *static_cast<const connection_statements*>(self);
    if (c.seen_ != nullptr && c.seen_->statement.reprepared() == c.seen_at_) return false;
    for (const entry* e : c.in_use_)
      if (e->look && same_word(table, e->look->table.name)) return true;
    return false;
  }
};

}  // namespace hewn::detail
