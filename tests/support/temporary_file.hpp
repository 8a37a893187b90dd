// tests/support/temporary_file.hpp - a file that is gone when the test ends.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

namespace support {

/// A path in the test's own folder. Neither the file nor what SQLite puts beside it exists at the
/// start, nor afterwards.
class temporary_file {
 public:
  explicit temporary_file(const std::string& name) : path(folder() + "/" + name) { remove(); }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() { remove(); }

  std::string bytes() const {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  const std::string path;

 private:
  static std::string folder() {
    const char* given = std::getenv("TEST_TMPDIR");
    return given ? given : ".";
  }

  void remove() const {
    for (const char* suffix : {"", "-wal", "-shm", "-journal"})
      std::remove((path + suffix).c_str());
  }
};

}  // namespace support
