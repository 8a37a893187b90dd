// bench/compile_time.cpp - what the library costs the compiler, beside the same program by hand.
// SPDX-License-Identifier: BSL-1.0
//
// One translation unit each, written into a temporary folder, compiled by $CXX (else g++) to an
// object. Seconds are medians; memory is the peak of the compiler's largest process; the size is
// that of the object file without its symbols, and how much of it is code and data: the rest is
// tables and the long names of sections, which no linked program keeps. Wall time is what people
// wait for, user time is what a shared machine disturbs least, so the ratio to the program by hand
// is of user time. Each program also has to link and to run once: code that does not work is cheap
// to compile.

#include "bench/comparison.hpp"
#include "bench/compile_sources.hpp"
#include "bench/options.hpp"
#include "bench/process.hpp"
#include "bench/table.hpp"
#include "bench/temporary_folder.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace bench {
namespace {

struct compile_targets {
  double seconds = none;
  double mebibytes = none;
  double kibibytes = none;
  double ratio = none;  // to the same program by hand
};

struct program {
  std::string name;
  std::string text;
  std::string optimisation;
  compile_targets wanted;
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

class compiler {
 public:
  explicit compiler(std::string include_folder) : include_(std::move(include_folder)) {
    if (const char* named = std::getenv("CXX"); named != nullptr && *named != '\0') name_ = named;
  }

  const std::string& name() const { return name_; }

  cost compile(const program& p, long repetitions) const {
    const std::string source = folder_.file("program.cpp");
    const std::string object = folder_.file("program.o");
    std::ofstream(source) << p.text;
    std::vector<std::string> command{name_, "-std=c++20", p.optimisation, "-isystem", include_};
    if (p.optimisation != "-O0") command.push_back("-DNDEBUG");
    command.insert(command.end(), {"-c", source, "-o", object});
    std::vector<double> wall, user, memory;
    for (long i = 0; i != repetitions; ++i) {
      const usage used = demand(command, p);
      wall.push_back(used.wall_seconds);
      user.push_back(used.user_seconds);
      memory.push_back(used.peak_mebibytes);
    }
    cost c{.wall_seconds = median(wall), .user_seconds = median(user), .mebibytes = median(memory)};
    if (p.has_code) {
      demand({name_, object, "-lsqlite3", "-o", folder_.file("program")}, p);
      demand({folder_.file("program")}, p);
      demand({"strip", object}, p);
      c.kibibytes = static_cast<double>(std::filesystem::file_size(object)) / 1024;
      demand({"size", object}, p);
      c.code_kibibytes = loaded_bytes(folder_.file("output")) / 1024;
    }
    return c;
  }

 private:
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

  static double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }

  temporary_folder folder_;
  std::string include_;
  std::string name_ = "g++";
};

program by_hand(int count, const std::string& optimisation) {
  return {std::to_string(count) + " by hand " + optimisation, c_program(count), optimisation, {}};
}

program by_hewn(int count, includes what, const std::string& optimisation,
                compile_targets wanted = {}) {
  const std::string entities = std::to_string(count) + (count == 1 ? " entity" : " entities");
  const char* const verbs = what == includes::all ? ", CRUD and sync " : ", CRUD ";
  return {.name = entities + verbs + optimisation,
          .text = hewn_program(count, what),
          .optimisation = optimisation,
          .wanted = wanted,
          .by_hand = by_hand(count, optimisation).name};
}

std::vector<program> programs() {
  constexpr includes rows = includes::rows;
  constexpr includes all = includes::all;
  return {
      {"std headers alone", standard_program(), "-O0", {}, false},
      {"include sqlite/open.hpp", include_program(rows), "-O0", {}, false},
      {"include sqlite.hpp",
       include_program(all),
       "-O0",
       {.seconds = 1.3, .mebibytes = 150},
       false},
      by_hewn(1, rows, "-O0", {.seconds = 2.0}),
      by_hewn(1, rows, "-O2", {.seconds = 2.5}),
      by_hewn(1, all, "-O0"),
      by_hewn(1, all, "-O2"),
      by_hand(20, "-O0"),
      by_hand(20, "-O2"),
      by_hewn(20, rows, "-O0", {.seconds = 8, .mebibytes = 500, .ratio = 4.5}),
      by_hewn(20, rows, "-O2", {.seconds = 12, .mebibytes = 500, .kibibytes = 250, .ratio = 3.5}),
      by_hewn(20, all, "-O0"),
      by_hewn(20, all, "-O2"),
  };
}

void print_row(const table& t, const program& p, const cost& c) {
  t.row({p.name, with_target(c.wall_seconds, p.wanted.seconds, "%.2f"),
         formatted(c.user_seconds, "%.2f"), with_target(c.mebibytes, p.wanted.mebibytes, "%.0f"),
         with_target(c.kibibytes, p.wanted.kibibytes, "%.0f"), formatted(c.code_kibibytes, "%.0f"),
         with_target(c.ratio, p.wanted.ratio, "%.2f")});
}

void add_row(json_list& out, const program& p, const cost& c) {
  out.object("compile " + p.name);
  out.number("seconds_wall", c.wall_seconds);
  out.number("seconds_user", c.user_seconds);
  out.number("mebibytes", c.mebibytes);
  out.number("kibibytes", c.kibibytes);
  out.number("code_kibibytes", c.code_kibibytes);
  out.number("ratio", c.ratio);
  out.number("target_seconds", p.wanted.seconds);
  out.number("target_mebibytes", p.wanted.mebibytes);
  out.number("target_kibibytes", p.wanted.kibibytes);
  out.number("target_ratio", p.wanted.ratio);
}

int run(const options& given) {
  const compiler cxx(given.text("include"));
  const long repetitions = given.number("repetitions", 3);
  const std::string only = given.text("only");
  std::printf("%s, median of %ld; targets in brackets\n", cxx.name().c_str(), repetitions);
  const table t({{"", -30},
                 {"wall s", -18},
                 {"user s", 8},
                 {"peak MiB", -20},
                 {"object KiB", -20},
                 {"of it code", 10},
                 {"ratio to by hand", 0}});
  std::vector<std::pair<std::string, double>> seconds;
  json_list json;
  for (const program& p : programs()) {
    if (!only.empty() && p.name.find(only) == p.name.npos) continue;
    cost c = cxx.compile(p, repetitions);
    for (const auto& [name, by_hand] : seconds)
      if (name == p.by_hand) c.ratio = c.user_seconds / by_hand;
    seconds.emplace_back(p.name, c.user_seconds);
    print_row(t, p, c);
    add_row(json, p, c);
  }
  return json.write(given.path("json")) ? 0 : 1;
}

}  // namespace
}  // namespace bench

int main(int count, char** arguments) {
  return bench::run(bench::options(count, arguments, {"include", "json", "repetitions", "only"}));
}
