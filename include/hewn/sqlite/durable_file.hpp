// hewn/sqlite/durable_file.hpp - files that are still there after a loss of power.
// SPDX-License-Identifier: BSL-1.0
//
// Never for a file that is open as a database in this process: on POSIX systems closing any
// descriptor of a file gives up all its locks.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>

#if __has_include(<unistd.h>)
#  include <fcntl.h>
#  include <unistd.h>
#endif

namespace hewn::sqlite::detail {

[[noreturn]] HEWN_COLD inline void fail_file(const std::string& file, int number) {
  throw error(number == ENOSPC ? errc::full : errc::io,
              "hewn: the file " + file + " cannot be put on the disk (" + std::strerror(number) +
                  "); check the disk");
}

/// Waits until the file, or the folder's list of files, is on the disk.
inline void flush_file(const std::string& file) {
#if __has_include(<unistd.h>)
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) fail_file(file, errno);
  const int result = ::fsync(descriptor);
  const int number = errno;
  ::close(descriptor);
  // Not every file system can flush a folder.
  if (result != 0 && number != EINVAL) fail_file(file, number);
#else
  static_cast<void>(file);
#endif
}

/// Gives a file another name, which takes the place of a file that has it, and flushes the folder.
inline void rename_file(const std::string& from, const std::string& to) {
  std::error_code failure;
  std::filesystem::rename(from, to, failure);
  if (failure) fail_file(to, failure.value());
  const std::string folder = std::filesystem::path(to).parent_path().string();
  flush_file(folder.empty() ? "." : folder);
}

/// A database that is being made. What an earlier attempt has left of it is removed, and so is what
/// there is of it when this dies.
class partial_database {
 public:
  /// The names are put together now, because memory may have run out later.
  explicit partial_database(const std::string& file)
      : names_{file, file + "-journal", file + "-wal", file + "-shm"} {
    remove();
  }
  partial_database(const partial_database&) = delete;
  partial_database& operator=(const partial_database&) = delete;
  ~partial_database() { remove(); }

 private:
  void remove() const noexcept {
    std::error_code ignored;
    for (const std::filesystem::path& name : names_) std::filesystem::remove(name, ignored);
  }

  std::array<std::filesystem::path, 4> names_;
};

}  // namespace hewn::sqlite::detail
