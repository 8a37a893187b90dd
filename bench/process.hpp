// bench/process.hpp - a program that is run to its end, and what that took.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

namespace bench {

struct usage {
  int status = -1;  // of the exit; -1: it did not get that far
  double wall_seconds = 0;
  double user_seconds = 0;
  double peak_mebibytes = 0;  // of the largest process among it and its children
};

/// Runs `command` (looked up in PATH); its output goes to the file `output`.
inline usage run_process(const std::vector<std::string>& command, const std::string& output) {
  std::vector<char*> arguments;
  for (const std::string& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
  arguments.push_back(nullptr);
  std::fflush(nullptr);
  const auto start = std::chrono::steady_clock::now();
  const pid_t child = fork();
  if (child == 0) {
    const int to = open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(to, STDOUT_FILENO);
    dup2(to, STDERR_FILENO);
    execvp(arguments[0], arguments.data());
    _exit(127);  // as a shell says that there is no such program
  }
  int status = 0;
  rusage used{};
  usage all;
  if (child < 0 || wait4(child, &status, 0, &used) != child) return all;
  all.wall_seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  all.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  all.user_seconds =
      static_cast<double>(used.ru_utime.tv_sec) + static_cast<double>(used.ru_utime.tv_usec) / 1e6;
  all.peak_mebibytes = static_cast<double>(used.ru_maxrss) / 1024;
  return all;
}

inline void copy_to_stderr(const std::string& file) {
  std::FILE* in = std::fopen(file.c_str(), "r");
  if (in == nullptr) return;
  char buffer[4096];
  for (std::size_t n = 0; (n = std::fread(buffer, 1, sizeof buffer, in)) != 0;)
    std::fwrite(buffer, 1, n, stderr);
  std::fclose(in);
}

}  // namespace bench
