// tests/docs/schema_diff_program.hpp - examples/schema_diff as a person calls it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "regions.hpp"

#include <support/temporary_folder.hpp>

#include <cstdlib>
#include <filesystem>
#include <string>

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

namespace docs {

struct outcome {
  int code = -1;
  std::string out;
  std::string error;
};

/// A folder, and the program in it.
class schema_diff_program {
 public:
  explicit schema_diff_program(const std::string& name) : folder_(name) {}

  std::string path(const std::string& file) const { return folder_.path + "/" + file; }

  void write(const std::string& file, const std::string& text) const { folder_.write(file, text); }

  outcome run(const std::string& arguments) const {
    const int status = std::system(command(arguments, "out.txt").c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read_file(path("out.txt")),
            read_file(path("error.txt"))};
  }

  /// Starts it in a process of its own, which a signal ends.
  pid_t begin(const std::string& arguments) const {
    const pid_t child = fork();
    if (child == 0) {
      const std::string line =
          "cd '" + folder_.path + "' && exec " + program() + arguments + " > out.txt 2> error.txt";
      execl("/bin/sh", "sh", "-c", line.c_str(), nullptr);
      _exit(127);
    }
    return child;
  }

  /// For a shell, with what the program has to say besides its output in error.txt.
  std::string command(const std::string& arguments, const std::string& output) const {
    return "cd '" + folder_.path + "' && USER= " + program() + arguments + " > " + output +
           " 2> error.txt";
  }

 private:
  static std::string program() {
    const char* given = std::getenv("SCHEMA_DIFF");
    return "'" + std::filesystem::absolute(given ? given : "examples/schema_diff").string() + "' ";
  }

  support::temporary_folder folder_;
};

}  // namespace docs
