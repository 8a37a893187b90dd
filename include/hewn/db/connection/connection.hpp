// hewn/db/connection/connection.hpp - one connection: lending its statements, and whose turn it is.
// SPDX-License-Identifier: BSL-1.0
//
// Legal order: acquire a statement, bind, step, give it back; begin, then commit or roll back.
// One thread at a time. In a process that was forked later nothing touches the handle: statements
// are refused, and what is given back or closed there is left as it is.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/change_watch.hpp>
#include <hewn/db/connection/owner_process.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/db/connection/tenant_statements.hpp>
#include <hewn/db/connection/trace.hpp>
#include <hewn/db/connection/transaction_state.hpp>
#include <hewn/db/values/driver_answers.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/schema/table_info.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
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
class connection : public tenant_statements<Driver> {
  using base = tenant_statements<Driver>;
  using base::acquire_marked;
  using base::bind_tenant;
  using base::cache_;
  using base::describe;
  using base::doubt;
  using base::end_use;
  using base::for_tenant;
  using base::in_use_;
  using base::native_;
  using base::note_failure;
  using base::notify;
  using base::observers_;
  using base::prepare;
  using base::prepare_rendered;
  using base::prepare_user;
  using base::report;
  using base::seen_;
  using base::seen_at_;
  using base::state_;

 public:
  using entry = prepared<Driver>;
  using native_type = typename Driver::connection;
  using base::control;
  using base::inherited;
  using base::spoken;
  using base::watch;
  using base::watched;

  connection(native_type native, std::size_t text_capacity)
      : base(std::move(native), text_capacity, transaction_state::phase::normal) {}
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  // Statements in use are finalised, so that the database closes whatever the order of
  // destruction; their leases find no owner and only free memory.
  ~connection() {
    let_go(0, transaction_state::phase::closed);
    for (entry* e : in_use_) {
      e->statement = {};
      e->owner = nullptr;
    }
    cache_.clear();
  }

  /// The statement of a slot, ready to bind. `render(context, dialect)` is called when it must be
  /// prepared. `table` is what the statement is about, for messages; nullptr: raw SQL.
  entry* acquire(unsigned slot, std::string (*render)(const void*, dialect), const void* context,
                 call_site site, const table_info* table = nullptr) {
    entry* e = cache_.take(slot);
    if (e == nullptr) [[unlikely]]
      e = prepare_rendered(slot, render(context, spoken()), site, table);
    if (e->of_tenants) [[unlikely]]
      e = for_tenant(e, render, context, site, table);
    return begin_use(e, site);
  }

  /// The statement with this text, ready to bind.
  entry* acquire(std::string_view sql, call_site site, const table_info* table = nullptr) {
    if (has_tenant_mark(sql, spoken())) [[unlikely]]
      return begin_use(acquire_marked(sql, site, table), site);
    entry* e = cache_.take(sql);
    if (e == nullptr) e = prepare_user(no_slot, std::string(sql), site, table);
    // Another struct may have the same table without tenant<>.
    if (table != nullptr && table->has_tenant()) [[unlikely]]
      bind_tenant(e, site, table);
    return begin_use(e, site);
  }

  /// Called by the lease.
  void give_back(entry* e) noexcept {
    if (inherited()) [[unlikely]]
      return;
    if (observers_.any() && !e->reported) [[unlikely]]
      notify(e->sql, e->started, e->rows, e->site, nullptr);
    end_use(e);
    e->statement.reset();
    if (watched()) [[unlikely]]
      watch()->statement_ended();
    if (!cache_.put(e)) [[unlikely]]
      delete e;
  }

  /// After a step that has failed: looks at the table and steps again where that is what it was
  /// refused for. Throws: the failure.
  HEWN_COLD static bool step_again(entry& e) {
    if constexpr (requires { native_type(nullptr).take_refusal(); }) {
      while (e.owner != nullptr && e.look && e.owner->native_.take_refusal()) {
        e.statement.rewind();
        e.look->again(e);
        e.owner->seen_ = &e;
        e.owner->seen_at_ = e.statement.reprepared();
        const step_result stepped = e.statement.step();
        e.owner->seen_ = nullptr;
        if (stepped == step_result::failed) continue;
        e.rows += stepped == step_result::row;
        return stepped == step_result::row;
      }
    }
    fail(e);
  }

  /// Reports the failure of the last step.
  [[noreturn]] HEWN_COLD static void fail(entry& e) {
    if (e.owner == nullptr)
      throw error(error_details{
          .code = errc::connection_lost,
          .message =
              "hewn: the connection was closed while rows were being read; keep the database "
              "object alive until the loop ends",
          .site = e.site});
    e.owner->fail_with(e.owner->describe(e), e);
  }

  /// Reports `details` as the failure of the statement, and what became of the transaction.
  [[noreturn]] HEWN_COLD void fail_with(error_details details, entry& e) {
    if (!e.read_only) doubt(details);
    e.statement.reset();  // before asking: an unfinished statement may hold the rollback back
    if (watched()) watch()->statement_failed();
    e.reported = true;
    report(std::move(details), e.sql, e.started, e.rows, e.site);
  }

  /// As give_back, for a statement that was given back before it was answered: the observer is
  /// told.
  void answered(std::string_view sql, std::chrono::steady_clock::time_point started,
                std::int64_t rows, call_site site) noexcept {
    if (observers_.any()) [[unlikely]]
      notify(sql, started, rows, site, nullptr);
  }

  /// As fail_with, for such a statement.
  [[noreturn]] HEWN_COLD void fail_answered(error_details details, std::string_view sql,
                                            std::chrono::steady_clock::time_point started,
                                            call_site site) {
    report(std::move(details), sql, started, 0, site);
  }

  /// Runs a script of any number of statements without parameters. In a transaction it must not
  /// begin or end any, also no savepoint: scopes would not know.
  HEWN_COLD void execute(std::string_view script, call_site site) {
    check_usable(false, script, site);
    const bool was_in_transaction = native_.in_transaction();
    const auto started = std::chrono::steady_clock::now();
    error_details details;
    bool failed = true;
    if (const int code = native_.execute(script, was_in_transaction); code != 0) {
      details = native_.describe(code, script);
      doubt(details);
    } else if (was_in_transaction == native_.in_transaction()) {
      failed = false;
    } else {
      details.code = errc::usage;
      details.message =
          was_in_transaction
              ? "hewn: the script ended the transaction that it ran in; remove its COMMIT or "
                "ROLLBACK"
              : "hewn: the script left its transaction open, so it was rolled back; end the script "
                "with COMMIT";
    }
    if (!failed) {
      if (observers_.any()) notify(script, started, 0, site, nullptr);
      return;
    }
    details.sql = script;
    details.site = site;
    const error failure = note_failure(std::move(details));
    // What the script began, nobody would end.
    if (!was_in_transaction && native_.in_transaction()) control("ROLLBACK", site);
    if (observers_.any()) notify(script, started, 0, site, &failure);
    throw failure;
  }

  // ---- transaction state; who begins and ends one is transaction.hpp

  /// Rolls the whole transaction back, because a part of it cannot be.
  void give_up(const error* cause, call_site site) noexcept {
    state_.abort();
    try {
      if (cause != nullptr) state_.remember(*cause);
      control("ROLLBACK", site);
    } catch (...) {
      // Out of memory; the end of the outermost scope tries again.
    }
  }

  /// What stands for the connection of a session that has none any more, and says why: every verb
  /// of the session is refused.
  static connection& gone(transaction_state::phase why) {
    using phase = transaction_state::phase;
    static connection stand_ins[] = {{native_type(nullptr), 0, phase::ended},
                                     {native_type(nullptr), 0, phase::closed},
                                     {native_type(nullptr), 0, phase::moved_from},
                                     {native_type(nullptr), 0, phase::given_back}};
    return stand_ins[static_cast<int>(why) - static_cast<int>(phase::ended)];
  }

  /// Where a scope and its session keep the connection. Both let go of it when the scope ends,
  /// whoever ends it, so that neither outlives it.
  struct scope_holder {
    connection* held;
    connection** session = nullptr;  // nullptr: a verb holds the scope
    /// Why it let go: gone() of the same; normal: it has not.
    transaction_state::phase why = transaction_state::phase::normal;
  };

  /// Throws when no statement may run: the transaction was rolled back, or is over.
  void check_state(call_site site) {
    if (inherited()) [[unlikely]] {
      if (state_.gone()) state_.refuse(site);
      throw inherited_connection(site);
    }
    if (state_.broken()) [[unlikely]]
      mend(site);
    if (state_.paused() || !state_.normal()) [[unlikely]]
      state_.refuse(site);
    check_thread(site);
  }

  /// In debug builds, throws when a loop over rows of another thread has not ended. Between loops a
  /// connection may go to another thread, with its open transaction.
  void check_thread([[maybe_unused]] call_site site) {
#ifndef NDEBUG
    if (in_use_.empty()) return;
    const void* const user = in_use_.back()->thread;
    if (user != nullptr && user != this_thread())
      throw error(error_details{
          .code = errc::usage,
          .message = "hewn: two threads use one connection at the same time; give each its own",
          .site = site});
#endif
  }

  // ---- changes; who is told of them is change_watch.hpp

  /// Announces the payload when the transaction is committed; outside one, at once.
  void announce(std::string_view channel, std::string_view payload, call_site site) {
    check_usable(false, {}, site);
    if (!watched()) return;  // nobody listens
    watch()->announce(channel, payload);
    watch()->statement_ended();
  }

  // ---- whose turn it is

  /// Called by a verb of a session that is not the speaker's. Throws unless it may go on.
  HEWN_COLD void check_turn(std::uint64_t scope, call_site site) {
    if (state_.gone()) state_.refuse(site);
    if (scope == no_scope) return;
    if (inherited()) throw inherited_connection(site);
    state_.refuse_session(scope, site);
  }

  /// The statement, which is about to run, was acquired by a session of this scope, and it may be
  /// long ago.
  void use_again(entry& e, std::uint64_t scope) {
    e.scope = scope;
    if (scope != state_.speaker()) [[unlikely]]
      check_turn(scope, e.site);
    if (!state_.guarded()) [[likely]]
      return;
    check_state(e.site);
    if (state_.read_only() && !e.read_only) transaction_state::refuse_write(e.sql, e.site);
  }

  /// See connection_state. Loops over rows of what has ended find their statements marked.
  void close_scope(int level) noexcept {
    let_go(level, transaction_state::phase::ended);
    base::close_scope(level);
    for (entry* e : in_use_)
      if (e->scope != no_scope && !state_.is_open(e->scope)) e->over = true;
  }

 private:
  connection(native_type native, std::size_t text_capacity, transaction_state::phase initial)
      : base(std::move(native), text_capacity, initial) {}

  // Takes the connection away from the scopes of this level and those inside it.
  void let_go(int level, transaction_state::phase why) noexcept {
    for (; level < state_.depth(); ++level) {
      auto* const holder = static_cast<scope_holder*>(state_.holder(level));
      if (holder == nullptr) continue;
      holder->held = nullptr;
      holder->why = why;
      if (holder->session != nullptr) *holder->session = &gone(why);
    }
  }

  // A rollback that was interrupted may succeed now.
  HEWN_COLD void mend(call_site site) {
    control("ROLLBACK", site);
    if (!native_.in_transaction()) state_.mend();
  }

  entry* begin_use(entry* e, call_site site) {
#ifdef NDEBUG
    const bool checked = state_.guarded() || watched() || inherited();
#else
    const bool checked = true;
#endif
    if (checked) [[unlikely]] {
      try {
        check_usable(e->read_only, e->sql, site);
      } catch (...) {
        if (!cache_.put(e) && !inherited()) delete e;
        throw;
      }
    }
#ifdef NDEBUG
    e->thread = nullptr;
#else
    e->thread = this_thread();
#endif
    e->site = site;
    e->rows = 0;
    e->reported = false;
    e->over = false;
    e->scope = no_scope;
    if (observers_.any()) [[unlikely]]
      e->started = std::chrono::steady_clock::now();
    in_use_.push_back(e);
    return e;
  }

  HEWN_COLD void check_usable(bool read_only_statement, std::string_view sql, call_site site) {
    check_state(site);
    if (state_.read_only() && !read_only_statement) transaction_state::refuse_write(sql, site);
    if (watched()) watch()->statement_begins();
  }
};

/// Closes a connection, unless it is another process's. There it stays as it is until the process
/// ends.
struct connection_closer {
  template <class Driver>
  void operator()(connection<Driver>* c) const noexcept {
    if (!c->inherited()) delete c;
  }
};

template <class Driver>
using connection_owner = std::unique_ptr<connection<Driver>, connection_closer>;

}  // namespace hewn::detail
