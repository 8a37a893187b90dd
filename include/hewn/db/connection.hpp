// hewn/db/connection.hpp - one connection: its statements, its transaction, its observer.
// SPDX-License-Identifier: BSL-1.0
//
// Legal order: acquire a statement, bind, step, give it back; begin, then commit or roll back.
// One thread at a time. The state of the transaction is asked of the database after every failure,
// because databases roll back by themselves, and the next statement would then commit alone.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/outcome.hpp>
#include <hewn/db/statement_cache.hpp>
#include <hewn/db/trace.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

// The address of a thread-local is a thread id without <thread>.
inline const void* this_thread() noexcept {
  static thread_local char id = 0;
  return &id;
}

template <class Driver>
class connection {
 public:
  using entry = prepared<Driver>;
  using native_type = typename Driver::connection;

  connection(native_type native, std::size_t text_capacity)
      : native_(std::move(native)), cache_(text_capacity) {}
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // Statements in use are finalised, so that the database closes whatever the order of
  // destruction; their leases find no owner and only free memory.
  ~connection() {
    for (entry* e : in_use_) {
      e->statement = {};
      e->owner = nullptr;
    }
    cache_.clear();
  }

  native_type& native() noexcept { return native_; }
  statement_cache<Driver>& cache() noexcept { return cache_; }

  /// The statement of a shape, ready to bind. `render(context)` is called when it must be prepared.
  entry* acquire(unsigned slot, std::string (*render)(const void*), const void* context,
                 call_site site) {
    entry* e = cache_.take(slot);
    if (e == nullptr) [[unlikely]] e = prepare(slot, render(context), site);
    return begin_use(e, site);
  }

  /// The statement with this text, ready to bind.
  entry* acquire(std::string_view sql, call_site site) {
    entry* e = cache_.take(sql);
    if (e == nullptr) e = prepare(no_slot, std::string(sql), site);
    return begin_use(e, site);
  }

  /// Called by the lease.
  void give_back(entry* e) noexcept {
    if (observer_ && !e->reported) [[unlikely]] notify(*e, nullptr);
    end_use(e);
    e->statement.reset();
    if (!cache_.put(e)) [[unlikely]] delete e;
  }

  /// Reports the failure of the last step.
  [[noreturn]] HEWN_COLD static void fail(entry& e) {
    if (e.owner == nullptr)
      throw error(errc::connection_lost,
                  "hewn: the connection was closed while rows were being read; keep the database "
                  "object alive until the loop ends");
    e.owner->fail_with(e.owner->native_.describe(e.statement.code()), e);
  }

  /// Reports `details` as the failure of the statement, and what became of the transaction.
  [[noreturn]] HEWN_COLD void fail_with(error_details details, entry& e) {
    details.sql = e.sql;
    details.site = e.site;
    e.statement.reset();  // before asking: an unfinished statement may hold the rollback back
    const error failure = note_failure(std::move(details));
    if (observer_) notify(e, &failure);
    e.reported = true;
    throw failure;
  }

  /// Runs a script of any number of statements without parameters.
  void execute(std::string_view script, call_site site) {
    check_usable(false, script, site);
    const int code = native_.execute(script);
    if (code == 0) {
      notice_rollback();
      return;
    }
    error_details details = native_.describe(code);
    details.sql = script;
    details.site = site;
    throw note_failure(std::move(details));
  }

  // ---- transaction state; who begins and ends one is db/transaction.hpp

  int depth() const noexcept { return depth_; }
  void set_depth(int depth) noexcept { depth_ = depth; }
  bool aborted() const noexcept { return state_ == state::aborted; }
  bool is_read_only() const noexcept { return read_only_; }
  void set_read_only(bool read_only) noexcept { read_only_ = read_only, update_guard(); }

  /// The end of a transaction, however it ended.
  void forget_transaction() noexcept {
    depth_ = 0;
    state_ = state::normal;
    first_failure_.reset();
    read_only_ = false;
    update_guard();
  }

  /// BEGIN, COMMIT, SAVEPOINT and their like: prepared like every statement, but legal in every
  /// state. Returns the failure instead of throwing it, for callers in destructors.
  std::unique_ptr<error> control(std::string_view sql, call_site site) {
    entry* e = nullptr;
    try {
      e = cache_.take(sql);
      if (e == nullptr) e = prepare(no_slot, std::string(sql), site);
    } catch (const error& failure) {
      return std::make_unique<error>(failure);
    }
    e->site = site;
    e->rows = 0;
    if (observer_) e->started = std::chrono::steady_clock::now();
    std::unique_ptr<error> failure;
    if (e->statement.step() == step_result::failed) {
      error_details details = native_.describe(e->statement.code());
      details.sql = e->sql;
      details.site = site;
      failure = std::make_unique<error>(std::move(details));
    }
    if (observer_) notify(*e, failure.get());
    e->statement.reset();
    if (!cache_.put(e)) delete e;
    return failure;
  }

  /// Throws the failure that aborted the transaction, as the cause of refusing to go on.
  [[noreturn]] HEWN_COLD void refuse_aborted(call_site site) const {
    error_details details;
    details.code = errc::transaction_aborted;
    details.message = "hewn: the database has rolled this transaction back";
    if (first_failure_) {
      details.message += " because of an earlier error (";
      details.message += first_failure_->what();
      details.message += ")";
      details.native = first_failure_->native();
      details.retryable = first_failure_->retryable();
    }
    details.message += "; end the transaction before the next statement";
    details.site = site;
    throw error(std::move(details));
  }

  void observe(std::unique_ptr<observer> o) noexcept { observer_ = std::move(o); }

  /// Whether statements are in use, that is, whether some loop over rows has not ended.
  bool in_use() const noexcept { return !in_use_.empty(); }

 private:
  enum class state : unsigned char { normal, aborted };

  entry* prepare(unsigned slot, std::string sql, call_site site) {
    auto e = std::make_unique<entry>();
    cache_.reserve(slot);
    // Room for every statement there is, so that taking one never allocates.
    in_use_.reserve(in_use_.size() + cache_.size() + 1);
    const int code = native_.prepare(sql, e->statement);
    e->sql = std::move(sql);
    e->site = site;
    if (code != 0) {
      error_details details = native_.describe(code);
      details.sql = e->sql;
      details.site = site;
      throw note_failure(std::move(details));
    }
    e->owner = this;
    e->slot = slot;
    e->read_only = e->statement.read_only();
    return e.release();
  }

  entry* begin_use(entry* e, call_site site) {
    if (guarded_) [[unlikely]] {
      try {
        check_usable(e->read_only, e->sql, site);
      } catch (...) {
        if (!cache_.put(e)) delete e;
        throw;
      }
    }
    e->site = site;
    e->rows = 0;
    e->reported = false;
    if (observer_) [[unlikely]] e->started = std::chrono::steady_clock::now();
#ifndef NDEBUG
    check_thread(e);
#endif
    in_use_.push_back(e);
    return e;
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

  HEWN_COLD void check_usable(bool read_only_statement, std::string_view sql, call_site site) {
    if (state_ == state::aborted) refuse_aborted(site);
    if (read_only_ && !read_only_statement) {
      error_details details;
      details.code = errc::read_only;
      details.message =
          "hewn: a write was attempted in a read-only transaction; use transaction() instead of "
          "read()";
      details.sql = sql;
      details.site = site;
      throw error(std::move(details));
    }
  }

#ifndef NDEBUG
  HEWN_COLD void check_thread(entry* e) {
    if (in_use_.empty()) thread_ = this_thread();
    if (thread_ == this_thread()) return;
    if (!cache_.put(e)) delete e;
    throw error(errc::usage,
                "hewn: two threads use one connection at the same time; give each its own");
  }
#endif

  // Remembers the first failure of a transaction that the database has rolled back by itself.
  error note_failure(error_details details) {
    const bool rolled_back = depth_ > 0 && state_ == state::normal && !native_.in_transaction();
    error failure(std::move(details));
    if (rolled_back) {
      first_failure_ = std::make_unique<error>(failure);
      state_ = state::aborted;
      update_guard();
    }
    return failure;
  }

  // A script may end the transaction that the library began.
  void notice_rollback() {
    if (depth_ == 0 || state_ != state::normal || native_.in_transaction()) return;
    state_ = state::aborted;
    update_guard();
  }

  void update_guard() noexcept { guarded_ = state_ != state::normal || read_only_; }

  HEWN_COLD void notify(entry& e, const error* failure) noexcept {
    const statement_event event{.sql = e.sql,
                                .duration = std::chrono::steady_clock::now() - e.started,
                                .rows = e.rows,
                                .site = e.site,
                                .failure = failure};
    try {
      observer_->on_statement(event);
    } catch (...) {
      // An observer must not change what the statement did.
    }
  }

  native_type native_;
  statement_cache<Driver> cache_;
  std::vector<entry*> in_use_;
  std::unique_ptr<observer> observer_;
  std::unique_ptr<error> first_failure_;
  int depth_ = 0;
  state state_ = state::normal;
  bool read_only_ = false;
  bool guarded_ = false;
#ifndef NDEBUG
  const void* thread_ = nullptr;
#endif
};

}  // namespace hewn::detail
