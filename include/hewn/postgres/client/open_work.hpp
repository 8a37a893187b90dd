// hewn/postgres/client/open_work.hpp - what is under way on a connection.
// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace hewn::postgres::detail {

/// What is under way on a connection and gives way to the next command.
class open_work {
 public:
  /// Takes into memory what the server still owes it, so that another command can be sent.
  virtual void put_aside() noexcept = 0;

 protected:
  open_work() = default;
  ~open_work() = default;
};

}  // namespace hewn::postgres::detail
