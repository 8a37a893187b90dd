// hewn/sqlite/copy/durable_file.hpp - files that are still there after a loss of power.
// SPDX-License-Identifier: BSL-1.0
//
// Never for a file that is open as a database in this process: on POSIX systems closing any
// descriptor of a file gives up all its locks.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>

#include <sqlite3.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#if __has_include(<unistd.h>)
#  include <fcntl.h>
#  include <sys/stat.h>
#  include <unistd.h>
#endif

namespace hewn::sqlite::detail {

[[noreturn]] HEWN_COLD inline void fail_file(const std::string& file, int number) {
  throw error(number == ENOSPC ? errc::full : errc::io,
              "hewn: the file " + file + " cannot be put on the disk (" + std::strerror(number) +
                  "); check the disk");
}

// Not <filesystem>: its header costs every program that includes hewn/sqlite.hpp.

inline bool file_exists(const std::string& file) {
#if __has_include(<unistd.h>)
  struct ::stat found {};
  return ::stat(file.c_str(), &found) == 0;
#else
  std::FILE* const found = std::fopen(file.c_str(), "rb");
  return found != nullptr && std::fclose(found) == 0;
#endif
}

/// The length of the path of the folder that a file is in, with its last slash; 0: none.
inline std::size_t folder_size(std::string_view file) {
#if defined(_WIN32)
  return file.find_last_of("/\\") + 1;
#else
  return file.rfind('/') + 1;
#endif
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
#if defined(_WIN32)
  std::remove(to.c_str());
#endif
  if (std::rename(from.c_str(), to.c_str()) != 0) fail_file(to, errno);
  const std::size_t folder = folder_size(to);
  flush_file(folder == 0 ? "." : to.substr(0, folder));
}

/// A database that is being made. What an earlier attempt has left of it is removed, and so is what
/// there is of it when this dies.
class partial_database {
 public:
  /// It is to be as accessible as the file `like`, or to its owner only when there is none.
  partial_database(const std::string& file, std::string like)
      // The names are put together now, because memory may have run out later.
      : names_{file, file + "-journal", file + "-wal", file + "-shm"}, like_(std::move(like)) {
    remove();
  }
  partial_database(const partial_database&) = delete;
  partial_database& operator=(const partial_database&) = delete;
  ~partial_database() { remove(); }

  /// Makes it, empty, before SQLite opens it: no byte is ever in a file that others may read.
  /// SQLite gives the journal the same mode. Returns SQLite's flags to open it with.
  HEWN_COLD int create() {
#if __has_include(<unistd.h>)
    struct ::stat of {};
    const bool known = !like_.empty() && ::stat(like_.c_str(), &of) == 0;
    const int made =
        ::open(names_[0].c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    // Somebody put one there just now; of anything else SQLite tells.
    if (made < 0 && errno == EEXIST) fail_file(names_[0], EEXIST);
    if (made < 0) return SQLITE_OPEN_READWRITE;
    if (known) give_access(made, of);
    ::close(made);
    return SQLITE_OPEN_READWRITE;
#else
    return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
#endif
  }

  /// Flushes it and gives it its name. It must not be open.
  HEWN_COLD void finish(const std::string& name) {
#if __has_include(<unistd.h>)
    // While it was made, its owner had to write it.
    if ((mode_ & 0600u) != 0600u) ::chmod(names_[0].c_str(), mode_);
#endif
    flush_file(names_[0]);
    rename_file(names_[0], name);
  }

 private:
#if __has_include(<unistd.h>)
  // What cannot be given is left out, never the other way round.
  void give_access(int made, const struct ::stat& of) {
    mode_ = of.st_mode & 0777u;
    struct ::stat now {};
    if (::fstat(made, &now) != 0) return;
    // As SQLite does for journals: root makes them for the owner of the database.
    if (of.st_uid != now.st_uid && ::geteuid() == 0)
      static_cast<void>(!::fchown(made, of.st_uid, static_cast<gid_t>(-1)));
    if (of.st_gid != now.st_gid && ::fchown(made, static_cast<uid_t>(-1), of.st_gid) != 0)
      mode_ &= 0700u;
    ::fchmod(made, mode_ | 0600u);
  }
#endif

  void remove() const noexcept {
    for (const std::string& name : names_) std::remove(name.c_str());
  }

  std::string names_[4];
  std::string like_;
  unsigned mode_ = 0600;
};

}  // namespace hewn::sqlite::detail
