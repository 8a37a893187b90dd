// hewn/sqlite/seal/sealed_copy.hpp - a copy of a SQLite database that nothing gets out of.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sqlite/client/named_functions.hpp>
#include <hewn/sqlite/comparison/copy_comparison.hpp>
#include <hewn/sqlite/copy/private_copy.hpp>
#include <hewn/sqlite/seal/lent_functions.hpp>
#include <hewn/sqlite/seal/seal.hpp>
#include <hewn/sync/model/loss.hpp>
#include <hewn/sync/model/sealed_copy.hpp>

#include <sqlite3.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hewn::sqlite {

/// As hewn::sealed_copy, of a connection to a private database that was copied from `real`.
class sealed_copy final : public hewn::sealed_copy {
 public:
  sealed_copy(sqlite3* real, sqlite3* db) : db_(db), seal_(db), lent_(real, db, seal_) {}

  void mark() override {
    last_.reset();
    auto now = std::make_shared<detail::raw_handle>(detail::raw_handle::nameless());
    detail::fill(*now, db_);
    detail::take_settings(*now, db_);
    detail::lend_names(db_, now->get());
    if (first_ == nullptr) first_ = now;
    last_ = std::move(now);
    seal_.forget();
  }

  std::vector<loss> losses(bool everywhere) override {
    return compared(*last_, db_, seal_.since_forgotten(), everywhere);
  }

  std::vector<loss> all_losses(bool everywhere) override {
    return compared(*first_, db_, seal_.ever(), everywhere);
  }

  /// What `real`, a connection to the database that was copied, has no more of what the copy had at
  /// the first mark(), after the same has been done to it. Nothing is written there. Tables that
  /// could not be compared on the copy are unknown here, too. Order: also in a transaction of
  /// `real`; after losses() or all_losses().
  std::vector<loss> losses_of(sqlite3* real, bool everywhere) {
    return detail::copy_comparison(first_->get(), real, given_up_).losses(seal_.ever(), everywhere);
  }

  std::string refusal() const override { return seal_.refusal(); }

 private:
  std::vector<loss> compared(const detail::raw_handle& was, sqlite3* is,
                             const detail::written_tables& writes, bool everywhere) {
    // What was tried may have left it on.
    sqlite3_exec(db_, "PRAGMA query_only = 0", nullptr, nullptr, nullptr);
    given_up_.clear();
    // To compare computed columns may call functions that nobody else has called.
    const char* const refused = seal_.refusal();
    std::vector<loss> out =
        detail::copy_comparison(was.get(), is, given_up_).losses(writes, everywhere);
    seal_.forgive(refused);
    return out;
  }

  sqlite3* db_;
  seal seal_;
  detail::lent_functions lent_;
  std::shared_ptr<detail::raw_handle> first_;  // one and the same as long as there is one mark
  std::shared_ptr<detail::raw_handle> last_;
  detail::given_up_tables given_up_;
};

}  // namespace hewn::sqlite
