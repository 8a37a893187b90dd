// bench/temporary_folder.hpp - a folder that is gone when the program ends.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace bench {

class temporary_folder {
 public:
  temporary_folder() {
    const char* permitted = std::getenv("TEST_TMPDIR");
    path_ = permitted != nullptr ? permitted : std::filesystem::temp_directory_path();
    path_ /= "hewn-bench-" + std::to_string(getpid());
    std::filesystem::create_directories(path_);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// The path of a database that does not exist yet.
inline std::string fresh_database(const char* name) {
  static const temporary_folder folder;
  std::string path = folder.file(name);
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix);
  return path;
}

}  // namespace bench
