// hewn/db/connection/transaction_state.hpp - which transaction and savepoints are open.
// SPDX-License-Identifier: BSL-1.0
//
// Plain data: it executes nothing. connection.hpp tells it what the database has done, and
// transaction.hpp when scopes begin and end.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/base/list.hpp>
#include <hewn/base/owner.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace hewn::detail {

/// The number of no transaction. A session that has it, such as a database, speaks at any time: in
/// a transaction its statements are part of that.
inline constexpr std::uint64_t no_scope = 0;

/// The speaker where no session speaks, because there is no connection.
inline constexpr std::uint64_t no_speaker = ~no_scope;

class transaction_state {
 public:
  enum class phase : unsigned char {
    normal,
    aborted,  // the database has rolled the transaction back by itself
    failed,   // PostgreSQL: it refuses every statement until the innermost scope is undone
    broken,   // a rollback failed
    // From here on it stands for the connection of a session that has none any more:
    ended,       // a transaction that is over
    closed,      // a transaction whose database was closed
    moved_from,  // a database object that was moved from
    given_back   // a connection that its pool has back
  };

  explicit transaction_state(phase initial = phase::normal) noexcept
      : speaker_(initial < phase::ended ? no_scope : no_speaker), phase_(initial) {
    update_guard();
  }

  int depth() const noexcept { return static_cast<int>(scopes_.size()); }
  bool normal() const noexcept { return phase_ == phase::normal; }
  /// Whether the transaction can only be rolled back.
  bool aborted() const noexcept { return phase_ == phase::aborted || phase_ == phase::failed; }
  bool broken() const noexcept { return phase_ == phase::broken; }
  /// Whether it stands for a connection that a session has no more.
  bool gone() const noexcept { return phase_ >= phase::ended; }
  bool read_only() const noexcept { return read_only_; }
  /// Whether a callback is running whose statements are refused.
  bool paused() const noexcept { return paused_ != 0; }

  /// Refuses every statement until resume() was called as often.
  void pause() noexcept {
    ++paused_;
    update_guard();
  }
  void resume() noexcept {
    --paused_;
    update_guard();
  }

  /// Whether some statement may have to be refused.
  bool guarded() const noexcept { return guarded_; }

  /// Makes room for one more scope, so that opening one never allocates.
  void reserve_scope() { scopes_.reserve(scopes_.size() + 1); }

  /// A transaction or savepoint has begun. Its number tells it from a later one of the same depth,
  /// when the outer one ended and left the object of the inner one behind. `has_session`: a program
  /// has an object for it; otherwise a verb holds it, and the session around it goes on speaking.
  /// `holder`: see connection::scope_holder.
  std::uint64_t open_scope(bool read_only, bool has_session, void* holder = nullptr) noexcept {
    if (read_only && !read_only_) {
      read_only_ = true;
      read_only_level_ = depth();
      update_guard();
    }
    ++last_scope_;
    if (has_session) speaker_ = last_scope_;
    scopes_.push_back({.number = last_scope_, .speaker = speaker_, .holder = holder});
    return last_scope_;
  }

  void* holder(int level) const noexcept { return scopes_[static_cast<std::size_t>(level)].holder; }
  void set_holder(int level, void* holder) noexcept {
    scopes_[static_cast<std::size_t>(level)].holder = holder;
  }

  bool is_open(int level, std::uint64_t number) const noexcept {
    return level < depth() && scopes_[static_cast<std::size_t>(level)].number == number;
  }

  bool is_open(std::uint64_t number) const noexcept {
    for (const scope& s : scopes_)
      if (s.number == number) return true;
    return false;
  }

  bool is_innermost(int level, std::uint64_t number) const noexcept {
    return level + 1 == depth() && is_open(level, number);
  }

  /// The number of the innermost scope that has a session of its own; no_scope: there is none.
  std::uint64_t speaker() const noexcept { return speaker_; }

  /// What a session of a scope is told that is not the speaker's.
  [[noreturn]] HEWN_RARE void refuse_session(std::uint64_t number, call_site site) const;

  /// `why`: one of those that stand for no connection.
  [[noreturn]] HEWN_RARE static void refuse_gone(phase why, call_site site);

  /// The scope of this level has ended, and with it those inside it. `stuck`: the outermost has,
  /// but not for the database. `failed`: the database still refuses every statement.
  void close_scope(int level, bool stuck, bool failed = false) noexcept;

  /// The whole transaction is rolled back, or will be; nothing may run in it.
  void abort() noexcept {
    phase_ = phase::aborted;
    update_guard();
  }

  /// The database refuses every statement until the scope is undone.
  void fail() noexcept {
    phase_ = phase::failed;
    update_guard();
  }

  /// Why: the error to name when statements are refused.
  void remember(const error& cause);

  /// A rollback that had failed has succeeded.
  void mend() noexcept {
    phase_ = phase::normal;
    update_guard();
  }

  /// Throws the reason why no statement may run.
  [[noreturn]] HEWN_RARE void refuse(call_site site) const;

  /// Throws the failure that aborted the transaction, as the cause of refusing to go on.
  [[noreturn]] HEWN_RARE void refuse_aborted(call_site site) const;

  [[noreturn]] HEWN_RARE static void refuse_paused(call_site site);

  [[noreturn]] HEWN_RARE static void refuse_write(std::string_view sql, call_site site);

  /// The error of a transaction that could not take the write lock at its beginning, because the
  /// database is read-only.
  HEWN_RARE static error begun_read_only(const error& failure);

 private:
  void update_guard() noexcept { guarded_ = !normal() || read_only_ || paused(); }

  owner<error> first_failure_;
  struct scope {
    std::uint64_t number = no_scope;
    std::uint64_t speaker = no_scope;  // the session whose turn it is while this is the innermost
    void* holder = nullptr;
  };

  list<scope> scopes_;  // the open transaction and its savepoints
  std::uint64_t last_scope_ = no_scope;
  std::uint64_t speaker_;
  int read_only_level_ = 0;
  int paused_ = 0;
  phase phase_;
  bool read_only_ = false;
  bool guarded_ = false;
};

/// While it lives, the statements of a connection are refused: a callback of the program runs, in
/// the middle of what the library does there.
class pause {
 public:
  explicit pause(transaction_state& state) noexcept : state_(state) { state_.pause(); }
  pause(const pause&) = delete;
  pause& operator=(const pause&) = delete;
  ~pause() { state_.resume(); }

 private:
  transaction_state& state_;
};

/// Calls a callback of the program in the middle of a schema change. Throws: what the callback
/// throws; errc::transaction_aborted when it has ended a transaction around it.
template <class Callback>
void call_paused(transaction_state& state, const Callback& callback) {
  const pause during(state);
  const int depth = state.depth();
  callback();
  if (state.depth() != depth)
    throw error(errc::transaction_aborted,
                "hewn: the transaction of the schema change was ended from within; leave it to the "
                "caller");
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API void transaction_state::refuse_session(std::uint64_t number, call_site site) const {
  if (gone()) refuse_gone(phase_, site);
  if (!is_open(number)) refuse_gone(phase::ended, site);
  error_details details;
  details.code = errc::usage;
  details.message =
      "hewn: a transaction inside this one is open; use the inner one, or end it first";
  details.site = site;
  throw error(std::move(details));
}

HEWN_API void transaction_state::refuse_gone(phase why, call_site site) {
  error_details details;
  details.code = errc::usage;
  switch (why) {
    case phase::closed:
      details.message =
          "hewn: the database of this transaction was closed, which rolled it back; keep the "
          "database object alive until the transaction ends";
      break;
    case phase::moved_from:
      details.message =
          "hewn: the database object was moved from; use the one that it was moved to";
      break;
    case phase::given_back:
      details.message = "hewn: the connection was given back to its pool; acquire another";
      break;
    default:
      details.message =
          "hewn: the transaction is over; use the database, or begin another transaction";
  }
  details.site = site;
  throw error(std::move(details));
}

HEWN_API void transaction_state::close_scope(int level, bool stuck, bool failed) noexcept {
  scopes_.shrink(static_cast<std::size_t>(level));
  speaker_ = scopes_.empty() ? no_scope : scopes_.back().speaker;
  if (level <= read_only_level_) read_only_ = false;
  if (level == 0) {
    first_failure_.reset();
    // A transaction that nobody can end must not take in what comes next.
    phase_ = stuck ? phase::broken : phase::normal;
  } else if (phase_ == phase::failed && !failed) {
    first_failure_.reset();
    phase_ = phase::normal;  // the savepoint was undone, and the failure with it
  }
  update_guard();
}

HEWN_API void transaction_state::remember(const error& cause) {
  first_failure_.reset(new error(cause));
}

HEWN_API void transaction_state::refuse(call_site site) const {
  if (paused()) refuse_paused(site);
  if (aborted()) refuse_aborted(site);
  if (gone()) refuse_gone(phase_, site);
  error_details details;
  details.code = errc::connection_lost;
  details.message =
      "hewn: a rollback failed and the connection is still in its transaction; open the database "
      "again";
  details.site = site;
  throw error(std::move(details));
}

HEWN_API void transaction_state::refuse_aborted(call_site site) const {
  error_details details;
  details.code = errc::transaction_aborted;
  details.message = phase_ == phase::failed
                        ? "hewn: the database refuses to go on with this transaction"
                    : first_failure_ && first_failure_->code() == errc::usage
                        ? "hewn: this transaction was ended from within"  // it may be committed
                        : "hewn: the database has rolled this transaction back";
  if (first_failure_) {
    details.message += " because of an earlier error (";
    details.message += first_failure_->what();
    details.message += ")";
    details.native = first_failure_->native();
    details.retryable = first_failure_->retryable();
  }
  details.message += phase_ == phase::failed
                         ? "; end the transaction or savepoint before the next statement"
                         : "; end the transaction before the next statement";
  details.site = site;
  throw error(std::move(details));
}

HEWN_API void transaction_state::refuse_paused(call_site site) {
  error_details details;
  details.code = errc::usage;
  details.message =
      "hewn: a callback used the connection that called it, in the middle of its work; use "
      "another connection there";
  details.site = site;
  throw error(std::move(details));
}

HEWN_API void transaction_state::refuse_write(std::string_view sql, call_site site) {
  error_details details;
  details.code = errc::read_only;
  details.message =
      "hewn: a write was attempted in a read-only transaction; use transaction() instead of "
      "read()";
  details.sql = sql;
  details.site = site;
  throw error(std::move(details));
}

HEWN_API error transaction_state::begun_read_only(const error& failure) {
  error_details details = failure.details();
  details.message =
      "hewn: the database is read-only, and transaction() and begin() take its write lock at once; "
      "use read() or begin(hewn::transaction_mode::read_only), open it for writing, or take a "
      "writer of a pool by acquire()";
  return error(std::move(details));
}

}  // namespace hewn::detail

#endif
