// tests/support/temporary_folder.hpp - a folder that is gone when the test ends.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

namespace support {

/// An empty folder in the test's own.
class temporary_folder {
 public:
  explicit temporary_folder(const std::string& name) : path(parent() + "/" + name) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }

  /// The names in it, sorted.
  std::vector<std::string> files() const {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(path))
      out.push_back(entry.path().filename().string());
    std::sort(out.begin(), out.end());
    return out;
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path + "/" + name, std::ios::binary) << text;
  }

  std::string read(const std::string& name) const {
    std::ifstream in(path + "/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  const std::string path;

 private:
  static std::string parent() {
    const char* given = std::getenv("TEST_TMPDIR");
    return given ? given : ".";
  }
};

}  // namespace support
