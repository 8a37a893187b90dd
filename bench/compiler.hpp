// bench/compiler.hpp - the compiler that is measured, and what a program costs it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "bench/comparison.hpp"
#include "bench/compile_sources.hpp"
#include "bench/process.hpp"
#include "bench/temporary_folder.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace bench {

struct compile_targets {
  double seconds = none;
  double mebibytes = none;
  double kibibytes = none;
  double ratio = none;  // to the same program by hand
};

enum class form { header_only, compiled };

struct program {
  std::string name;
  std::string text;
  std::string optimisation = "-O0";
  compile_targets wanted = {};
  form is = form::header_only;
  bool has_code = true;      // worth running, and its size worth knowing
  std::string by_hand = "";  // the program that the ratio is of
};

struct cost {
  double wall_seconds = none;
  double user_seconds = none;
  double mebibytes = none;
  double kibibytes = none;
  double code_kibibytes = none;  // sections that are loaded
  double ratio = none;
};

/// Takes the least of what runs cost, which a shared machine disturbs least.
struct least_cost {
  double user_seconds = none;
  double mebibytes = none;

  void add(const usage& used) {
    user_seconds = std::fmin(user_seconds, used.user_seconds);
    mebibytes = std::fmin(mebibytes, used.peak_mebibytes);
  }
};

/// What is known of an object beside its cost.
struct object_facts {
  double kibibytes = none;  // without its symbols
  double longest_symbol = none;
};

class compiler {
 public:
  explicit compiler(std::string include_folder) : include_(std::move(include_folder)) {
    if (const char* named = std::getenv("CXX"); named != nullptr && *named != '\0') name_ = named;
  }

  const std::string& name() const { return name_; }

  cost compile(const program& p, long repetitions) {
    const std::string object = folder_.file("program.o");
    std::vector<double> wall, user, memory;
    for (long i = 0; i != repetitions; ++i) {
      const usage used = demand(command(p, object), p);
      wall.push_back(used.wall_seconds);
      user.push_back(used.user_seconds);
      memory.push_back(used.peak_mebibytes);
    }
    cost c{.wall_seconds = median(wall), .user_seconds = median(user), .mebibytes = median(memory)};
    if (p.has_code) {
      run(p, object);
      demand({"strip", object}, p);
      c.kibibytes = static_cast<double>(std::filesystem::file_size(object)) / 1024;
      demand({"size", object}, p);
      c.code_kibibytes = loaded_bytes(folder_.file("output")) / 1024;
    }
    return c;
  }

  usage compile_once(const program& p) { return demand(command(p, folder_.file("program.o")), p); }

  /// Of the object that was compiled last, which has to run.
  object_facts facts(const program& p) {
    const std::string object = folder_.file("program.o");
    run(p, object);
    demand({"nm", object}, p);
    object_facts found{.longest_symbol = longest_name(folder_.file("output"))};
    demand({"strip", object}, p);
    found.kibibytes = static_cast<double>(std::filesystem::file_size(object)) / 1024;
    return found;
  }

 private:
  std::vector<std::string> command(const program& p, const std::string& object) const {
    const std::string source = folder_.file("program.cpp");
    std::ofstream(source) << p.text;
    std::vector<std::string> out{name_, "-std=c++20", p.optimisation, "-isystem", include_};
    if (p.optimisation != "-O0") out.push_back("-DNDEBUG");
    if (p.is == form::compiled) out.push_back("-DHEWN_SEPARATE_COMPILATION");
    out.insert(out.end(), {"-c", source, "-o", object});
    return out;
  }

  void run(const program& p, const std::string& object) {
    std::vector<std::string> link{name_, object};
    if (p.is == form::compiled)
      for (const char* const name : {"sqlite", "core"}) {
        // Its speed is nobody's concern here, and it is linked with every program.
        const std::string unit = folder_.file(std::string(name) + ".o");
        if (!std::filesystem::exists(unit))
          demand(command({.name = name, .text = unit_program(name), .is = form::compiled}, unit),
                 p);
        link.push_back(unit);
      }
    link.insert(link.end(), {"-lsqlite3", "-o", folder_.file("program")});
    demand(link, p);
    demand({folder_.file("program")}, p);
  }

  usage demand(const std::vector<std::string>& command, const program& p) const {
    const std::string output = folder_.file("output");
    const usage used = run_process(command, output);
    if (used.status == 0) return used;
    copy_to_stderr(output);
    std::fprintf(stderr, "bench: %s: %s failed\n", p.name.c_str(), command.front().c_str());
    std::exit(1);
  }

  // The second line of what `size` says begins with text, data, bss.
  static double loaded_bytes(const std::string& output) {
    std::ifstream in(output);
    std::string heading;
    std::getline(in, heading);
    double text = none, data = none, bss = none;
    in >> text >> data >> bss;
    return text + data + bss;
  }

  // A name is the last word of a line of what `nm` says.
  static double longest_name(const std::string& output) {
    std::ifstream in(output);
    std::size_t longest = 0;
    for (std::string line; std::getline(in, line);)
      longest = std::max(longest, line.size() - line.rfind(' ') - 1);
    return static_cast<double>(longest);
  }

  static double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }

  temporary_folder folder_;
  std::string include_;
  std::string name_ = "g++";
};

}  // namespace bench
