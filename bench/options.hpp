// bench/options.hpp - what is said on the command line.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>

namespace bench {

/// `--name=value` arguments; those that are not `known` end the program.
class options {
 public:
  options(int count, char** arguments, std::initializer_list<std::string_view> known)
      : count_(count), arguments_(arguments) {
    for (int i = 1; i < count; ++i) {
      const std::string_view given = arguments[i];
      bool found = false;
      for (const std::string_view name : known)
        found = found || (given.starts_with("--" + std::string(name) + "="));
      if (found) continue;
      std::fprintf(stderr, "bench: %s is not known; there are", arguments[i]);
      for (const std::string_view name : known)
        std::fprintf(stderr, " --%.*s=", static_cast<int>(name.size()), name.data());
      std::fputc('\n', stderr);
      std::exit(2);
    }
  }

  /// The value of `--name=`, the last one when there are several.
  std::string text(std::string_view name, std::string otherwise = "") const {
    const std::string start = "--" + std::string(name) + "=";
    for (int i = count_; --i > 0;) {
      const std::string_view given = arguments_[i];
      if (given.starts_with(start)) return std::string(given.substr(start.size()));
    }
    return otherwise;
  }

  long number(std::string_view name, long otherwise) const {
    const std::string given = text(name);
    if (given.empty()) return otherwise;
    char* end = nullptr;
    const long value = std::strtol(given.c_str(), &end, 10);
    if (*end == '\0' && value > 0) return value;
    std::fprintf(stderr, "bench: --%s=%s is not a positive number\n", std::string(name).c_str(),
                 given.c_str());
    std::exit(2);
  }

  /// A path, where `bazel run` was called and not where it runs the program.
  std::string path(std::string_view name) const {
    const std::string given = text(name);
    const char* caller = std::getenv("BUILD_WORKING_DIRECTORY");
    if (given.empty() || caller == nullptr) return given;
    return (std::filesystem::path(caller) / given).string();
  }

 private:
  int count_;
  char** arguments_;
};

}  // namespace bench
