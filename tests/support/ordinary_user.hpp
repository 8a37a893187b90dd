// tests/support/ordinary_user.hpp - a process for which the modes of files hold.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>

#include <support/failure.hpp>

#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>

namespace support {

/// Root reads and writes whatever the modes say, and CI runs as root. Without its capabilities it
/// is an ordinary owner of its files. Another user would not do: a folder of the test's own may be
/// out of its reach, and a sandbox may have no second user.
inline bool drop_capabilities() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3]{};
  return ::syscall(SYS_capset, &header, none) == 0;
}

/// The failure of an action that an ordinary user runs in a process of its own; nothing when it
/// succeeds. Anything but a hewn::error fails the test. What the parent has open must not be used.
template <class Action>
std::optional<hewn::error> failure_as_ordinary_user(Action&& action) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    std::string report = "succeeded";
    try {
      if (drop_capabilities())
        std::forward<Action>(action)();
      else
        report = "the capabilities cannot be dropped";
    } catch (const hewn::error& failure) {
      report = std::string("!") + static_cast<char>(failure.code()) + failure.what();
    } catch (const std::exception& other) {
      report = other.what();
    }
    const auto written = ::write(ends[1], report.data(), report.size());
    ::_exit(written == static_cast<ssize_t>(report.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string report;
  char part[512];
  for (ssize_t n = 0; (n = ::read(ends[0], part, sizeof part)) > 0;)
    report.append(part, static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  if (report == "succeeded") return {};
  CAPTURE(report);
  REQUIRE(report.starts_with('!'));
  hewn::error failure(static_cast<hewn::errc>(report[1]), report.substr(2));
  check_grammar(failure);
  return failure;
}

}  // namespace support
