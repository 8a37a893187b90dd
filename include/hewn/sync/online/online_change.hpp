// hewn/sync/online/online_change.hpp - changing tables of PostgreSQL while others use them.
// SPDX-License-Identifier: BSL-1.0
//
// Declarations. The definitions are in online_calls.hpp; with HEWN_SEPARATE_COMPILATION they are
// compiled in one unit of the program.
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/sync/approval/approval.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/online/online_phase.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace hewn {

/// A phase and how far it has come.
struct online_progress {
  online_phase phase = {};
  /// waiting, running or done; leaving: abandon_online() takes it back, and has to go on
  std::string state = "waiting";
  std::size_t number = 0;  ///< 1, 2, 3, ...
  std::size_t total = 0;   ///< how many phases there are
  std::int64_t rows = 0;   ///< batches: how many have got a value
  double share = 0;        ///< of its work that is done, from 0 to 1; see online_status()
  /// What the server says that it is doing for the index of a running phase, as online_status()
  /// reads it; else empty.
  std::string doing = {};
};

/// How an online change goes about it, and who wants to know of it.
struct online_options {
  sync_policy policy = policy::standard();  ///< which changes need a person
  std::vector<approval> approvals = {};     ///< all must hold; each is used up
  std::string actor = {};                   ///< who does it, for the audit; may be empty
  std::vector<intent> intents = {};         ///< as sync_options::intents
  /// Stops before the first phase that is breaking, while the previous release of the program
  /// still runs. continue_online() without it does the rest.
  bool until_breaking = false;
  std::chrono::milliseconds batch{20};  ///< how long a batch of rows is to take, about
  std::chrono::milliseconds pause{0};   ///< between two batches
  /// How long a statement waits for a lock before it steps back for a moment, so that nobody has to
  /// wait long behind it. From a millisecond to a day. Every third time it waits for the
  /// deadlock_timeout of the server, whose own vacuum gives way only then.
  std::chrono::milliseconds lock_wait{1000};
  std::chrono::seconds patience{600};  ///< how long it is tried again, then busy is thrown
  /// Called at the begin and end of a phase and after each batch, in no transaction. What it throws
  /// ends the call; the change stays as it is and can be continued.
  std::function<void(const online_progress&)> progress = {};
};

/// What has become of an online change.
struct online_result {
  bool finished = true;  ///< false: it has stopped before a breaking phase
  std::vector<online_progress> phases = {};
  std::vector<change> left = {};  ///< to sync: what goes, gets another name, or a type as well
};

/// Carries a plan out in phases, each of which keeps others from writing for a moment at most. What
/// is done stays done when the program ends in between; calling it again with the same wish, or
/// continue_online(), goes on. Meanwhile sync leaves the tables alone. At the end the schema must
/// be the one that the plan promised. `whole`: of which `p` is what belongs_online.
/// Throws: usage on SQLite, in a transaction, and where a table would be locked all the same;
/// approval_required, schema_mismatch as apply; busy when somebody else does it, or locks could not
/// be had; and what a phase ends in.
HEWN_API online_result change_online(schema_executor& executor, const plan& p, const plan& whole,
                                     const online_options& options,
                                     call_site site = call_site::current());

/// Goes on with the change that is not finished. Throws: usage when there is none; as above.
HEWN_API online_result continue_online(schema_executor& executor,
                                       const online_options& options = {},
                                       call_site site = call_site::current());

/// Takes back what the change that is not finished has done: constraints, indexes, triggers and
/// columns that it has made, columns with values among what is kept of dropped ones. Values that
/// are NULL no more stay, and so do values of enumerations. Throws: usage when there is none; busy.
HEWN_API void abandon_online(schema_executor& executor, const online_options& options = {},
                             call_site site = call_site::current());

/// The phases of the change that is not finished; empty: there is none. Reads only, and from any
/// connection. The share of a phase of batches grows with them. That of an index is the share of
/// what `doing` says, which begins several times (pg_stat_progress_create_index).
HEWN_API std::vector<online_progress> online_status(schema_executor& executor,
                                                    call_site site = call_site::current());

/// The phases in lines, with a mark where the previous release of the program may fail.
HEWN_API std::string report(const online_phases& phases);

}  // namespace hewn
