// hewn/db/values/kept_problem.hpp - what a statement remembers of values that do not fit.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/values/driver_answers.hpp>

namespace hewn::detail {

/// Problems are recorded and asked for, because the caller knows the names of the columns and the
/// statement does not.
class kept_problem {
 public:
  /// Records that parameter `i` cannot be bound; the first problem is kept.
  void refuse(int i, value_problem problem) noexcept {
    if (problem_ != value_problem::none) return;
    problem_ = problem;
    problem_index_ = i;
  }

  /// Records that the value of a column cannot be read.
  bool fail(value_problem problem) noexcept {
    problem_ = problem;
    return false;
  }

  /// What the binds since the last reset, or the last read, reported.
  value_problem problem() const noexcept { return problem_; }
  /// The parameter that problem() is about.
  int problem_index() const noexcept { return problem_index_; }
  void clear_problem() noexcept { problem_ = value_problem::none; }

 private:
  int problem_index_ = 0;
  value_problem problem_ = value_problem::none;
};

}  // namespace hewn::detail
