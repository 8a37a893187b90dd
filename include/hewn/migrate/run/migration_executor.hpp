// hewn/migrate/run/migration_executor.hpp - what a database must be able to do to be migrated.
// SPDX-License-Identifier: BSL-1.0
//
// A driver names its executor `migration_executor`. These members may be missing, and what needs
// them is then not there or not counted:
//   copy()        a connection to a private copy of what is committed: dry_run(), counted losses
//   empty()       a connection to a private database with nothing in it: baseline(), squashing
//   seal(real)    a sealed_copy of such a connection: counted losses
//   lost_since(sealed_copy, everywhere)  likewise of the database itself, when all is done
//   is_private()  whether copy() is possible only before a transaction begins
//   beyond_copies()  what a copy lacks, because of which a migration may fail on it
//   unknown_names(real)  the names in SQL that the program has given to `real` and not to a copy
//   program_calls(more)  what statements can call of the program's own code, which may write
//   keep_settings()  what the connection keeps until it is closed, which it puts back
//   computed_columns()  those of which a new one may make its table unreadable
//   broken_objects()  the views and triggers that do not compile, in words
//   temporary_triggers()  those that a copy does not have
//   recording_trigger()  one that fires when hewn records something, and writes
//   watch()       a loss_watch, where transactions are their own trials; nullptr: copies are made
//   reach_beyond(text)  what of a statement no rollback undoes, in words
//   watch_replicas(limit)  whose behind() says in words which replica has not replayed what was
//                 written so long ago, and is empty when none is behind
//   check_lock()  throws when the lock is not held any more
//   check_deferred()  throws what a commit would find now, and leaves it for the commit to find
//   enter_empty_schema()  makes the rest of a transaction, which is rolled back, see nothing else;
//                 there for_trial(text) stands for a statement, empty: nothing does
//   refuses_transaction(error)  whether a statement failed only because of the transaction. Then:
//     skipped_in_transaction(text)  whether a dry run may leave it out
//     check_statement(text)  throws for one that could not be found again after a crash
//     before_again(text)  clears away what an interrupted attempt has left; false: it ended well
//     check_apart(text)  throws where it has ended and is of no use
//     exists_already(error)  whether it failed because somebody else has made what it makes
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

/// What the runner needs of a connection. `begin_excludes_others`: beginning a transaction waits
/// for every other runner's, so that the lock is needed only for migrations that run in steps.
/// `try_lock` must not wait, and its lock must end with the process. `can_roll_back` tells whether
/// a statement can be undone with a transaction around it.
template <class T>
concept migration_executor = requires(T& executor, std::string_view text, bool on) {
  { executor.begin_excludes_others() } -> std::same_as<bool>;
  { executor.can_roll_back(text) } -> std::same_as<bool>;
  { executor.has_table(text) } -> std::same_as<bool>;
  { executor.foreign_keys() } -> std::same_as<bool>;
  executor.set_foreign_keys(on);
  { executor.foreign_key_violations() } -> std::same_as<std::vector<std::string>>;
  { executor.try_lock() } -> std::same_as<bool>;
  executor.unlock();
};

}  // namespace hewn
