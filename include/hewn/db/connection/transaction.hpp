// hewn/db/connection/transaction.hpp - one transaction or savepoint from its begin to its end.
// SPDX-License-Identifier: BSL-1.0
//
// Legal order: construct, statements, commit or roll back. The outermost scope is a transaction, a
// scope inside another is a savepoint; a scope that is not committed rolls back when it dies.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/db/connection/commit_in_doubt.hpp>
#include <hewn/db/connection/connection.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace hewn {

/// What a transaction may do and when it takes its lock.
enum class transaction_mode : unsigned char {
  immediate,  ///< takes the write lock at once, so it never fails for want of it half-way
  deferred,   ///< takes locks as statements need them
  exclusive,  ///< SQLite: keeps readers out as well (in WAL mode: as immediate)
  read_only   ///< one snapshot for all reads; writes are refused
};

/// What a transaction sees of others. SQLite knows only `serializable`, whatever is asked for.
enum class isolation : unsigned char {
  standard,         ///< the database's default; PostgreSQL: read committed unless configured
  read_committed,   ///< each statement sees what was committed before it
  repeatable_read,  ///< one snapshot for all statements
  serializable      ///< as if transactions ran one after another; some must be run again
};

/// How a transaction begins.
struct transaction_begin {
  transaction_mode mode = transaction_mode::immediate;
  hewn::isolation isolation = hewn::isolation::standard;
  bool deferrable = false;  ///< PostgreSQL, serializable and read only: waits rather than fails

  transaction_begin() = default;
  transaction_begin(transaction_mode m, hewn::isolation i = hewn::isolation::standard,
                    bool d = false)
      : mode(m), isolation(i), deferrable(d) {}
};

namespace detail {

/// Drivers that count how often tables may have changed.
template <class Driver>
concept counts_definitions = requires(typename Driver::connection& native) {
  native.definitions();
  native.definitions_changed();
};

template <class Driver>
class transaction_scope {
 public:
  /// `session`: where the session of the scope keeps the connection; nullptr: a verb holds it.
  /// `waits`: for the answers to BEGIN and COMMIT, without which only reads do.
  transaction_scope(connection<Driver>& c, const transaction_begin& wanted, call_site site,
                    connection<Driver>** session = nullptr, bool waits = true)
      : holder_{&c, session}, site_(site), level_(c.state().depth()), waits_(waits) {
    c.check_state(site);
    c.state().reserve_scope();
    if constexpr (counts_definitions<Driver>) definitions_ = c.native().definitions();
    const std::string sql = level_ == 0 ? begin_text(c, wanted) : named("SAVEPOINT ");
    const bool was_in_transaction = c.native().in_transaction();
    if (auto failure = c.control(sql, site, waits_)) {
      // An interrupt may come after BEGIN has done its work.
      if (!was_in_transaction && c.native().in_transaction()) {
        c.control("ROLLBACK", site);
        c.close_scope(0);
      }
      if (session != nullptr && failure->code() == errc::read_only)
        throw transaction_state::begun_read_only(*failure);
      throw *failure;
    }
    number_ = c.state().open_scope(wanted.mode == transaction_mode::read_only, session != nullptr,
                                   &holder_);
    c.scope_opened(level_);
  }
  /// `session`: as above, of the session that has it now.
  transaction_scope(transaction_scope&& other, connection<Driver>** session = nullptr) noexcept
      : holder_{other.holder_.held, session, other.holder_.why},
        site_(other.site_),
        level_(other.level_),
        waits_(other.waits_),
        number_(other.number_),
        definitions_(other.definitions_) {
    if (holder_.held != nullptr) holder_.held->state().set_holder(level_, &holder_);
    other.holder_ = {nullptr};
  }
  transaction_scope& operator=(transaction_scope&&) = delete;
  ~transaction_scope() { rollback(); }

  /// Whether it can still be committed or rolled back.
  bool active() const noexcept { return holder_.held != nullptr; }

  /// Whether nobody has ended it through this object, whatever became of it by an outer one.
  bool held() const noexcept { return active() || holder_.why != transaction_state::phase::normal; }

  std::uint64_t number() const noexcept { return number_; }

  /// For the verb that holds it. Throws when it is over, or one inside it is open.
  void check_turn() const {
    if (!active()) transaction_state::refuse_gone(holder_.why, site_);
    const transaction_state& state = holder_.held->state();
    if (!state.is_innermost(level_, number_)) [[unlikely]]
      state.refuse_session(number_, site_);
  }

  /// Makes the changes durable (outermost) or part of the surrounding transaction. Throws: what
  /// the database reports; the transaction is then over and rolled back, except for
  /// errc::commit_in_doubt, where only reading the data can tell.
  void commit() { commit(site_); }
  void commit(call_site site) {
    check_open(site);
    connection<Driver>& c = *holder_.held;
    if (c.state().aborted()) {
      try {
        c.state().refuse_aborted(site);
      } catch (...) {
        rollback();
        throw;
      }
    }
    auto failure = c.control(level_ == 0 ? std::string("COMMIT") : named("RELEASE "), site, waits_);
    if (!failure) return finish();
    if (level_ == 0 && Driver::commit_in_doubt(c.native(), *failure))
      failure.reset(new error(detail::commit_in_doubt(*failure)));
    rollback();
    throw *failure;
  }

  /// Undoes everything since the scope began. Does nothing when the scope has ended, and when the
  /// database has already rolled back.
  void rollback() noexcept {
    if (!active()) {
      holder_.why = transaction_state::phase::normal;  // an outer one has ended
      return;
    }
    connection<Driver>& c = *holder_.held;
    if (c.native().in_transaction()) {
      try {
        if (level_ != 0) undo_savepoint();
        // Twice, because an interrupt meant for a statement of the transaction may hit the first.
        else if (c.control("ROLLBACK", site_))
          c.control("ROLLBACK", site_);
      } catch (...) {
        if (level_ != 0) c.give_up(nullptr, site_);  // out of memory
      }
    }
    finish();
  }

 private:
  static std::string begin_text([[maybe_unused]] connection<Driver>& c,
                                const transaction_begin& wanted) {
    if constexpr (requires { c.native().begin_sql(wanted); })
      return c.native().begin_sql(wanted);
    else if constexpr (requires { Driver::begin_sql(wanted); })
      return Driver::begin_sql(wanted);
    else
      return std::string(Driver::begin_sql(wanted.mode));
  }

  std::string named(const char* verb) const { return verb + ("hewn_" + std::to_string(level_)); }

  void check_open(call_site site) {
    if (!active()) {
      const auto why = std::exchange(holder_.why, transaction_state::phase::normal);
      if (why == transaction_state::phase::closed) transaction_state::refuse_gone(why, site);
      refuse_commit("that is over; begin another", site);
    }
    // Ending an outer scope before an inner one would end both behind the inner one's back.
    if (holder_.held->state().depth() != level_ + 1)
      refuse_commit("while one inside it is open; end the inner first", site);
    holder_.held->check_thread(site);
  }

  [[noreturn]] HEWN_COLD static void refuse_commit(const char* why, call_site site) {
    throw error(error_details{.code = errc::usage,
                              .message = std::string("hewn: commit() of a transaction ") + why,
                              .site = site});
  }

  void undo_savepoint() {
    connection<Driver>& c = *holder_.held;
    auto failure = c.control(named("ROLLBACK TO "), site_);
    if (!failure) c.scope_undone(level_);
    if (!failure) failure = c.control(named("RELEASE "), site_);
    // Without it, RELEASE or the outer COMMIT would keep what was to be undone.
    if (failure) c.give_up(failure.get(), site_);
  }

  void finish() noexcept {
    // What writes found out about their tables in here was undone, or ended like a SET LOCAL.
    if constexpr (counts_definitions<Driver>)
      if (auto& native = holder_.held->native(); native.definitions() != definitions_) [[unlikely]]
        native.definitions_changed();
    holder_.held->close_scope(level_);  // which takes it away
    holder_.why = transaction_state::phase::normal;
  }

  typename connection<Driver>::scope_holder holder_;
  call_site site_;
  int level_;
  bool waits_;
  std::uint64_t number_ = no_scope;
  unsigned definitions_ = 0;  // of the connection when it began
};

}  // namespace detail
}  // namespace hewn
