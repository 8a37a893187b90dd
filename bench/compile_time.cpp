// bench/compile_time.cpp - what the library costs the compiler, beside the same program by hand.
// SPDX-License-Identifier: BSL-1.0
//
// One translation unit each, written into a temporary folder, compiled by $CXX (else g++) to an
// object. Seconds are medians; memory is the peak of the compiler's largest process; the size is
// that of the object file without its symbols, and how much of it is code and data: the rest is
// tables and the long names of sections, which no linked program keeps. Wall time is what people
// wait for, user time is what a shared machine disturbs least, so the ratio to the program by hand
// is of user time. Each program also has to link and to run once: code that does not work is cheap
// to compile. What is called "compiled" only declares what the units of the library define, as with
// the usual targets of Bazel and CMake; the other programs are headers and nothing else.

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

  static double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }

  temporary_folder folder_;
  std::string include_;
  std::string name_ = "g++";
};

program by_hand(int count, const std::string& optimisation) {
  return {std::to_string(count) + " by hand " + optimisation, c_program(count), optimisation};
}

program including(const std::string& header, includes what, form is, compile_targets wanted = {}) {
  return {.name = "include " + header + (is == form::compiled ? ", compiled" : ""),
          .text = include_program(what),
          .wanted = wanted,
          .is = is,
          .has_code = false,
          .by_hand = "include by hand"};
}

program unit(const std::string& name, const std::string& optimisation) {
  return {.name = "unit " + name + " " + optimisation,
          .text = unit_program(name),
          .optimisation = optimisation,
          .is = form::compiled,
          .has_code = false};
}

program by_hewn(int count, bool synced, form is, const std::string& optimisation,
                compile_targets wanted = {}) {
  const std::string entities = std::to_string(count) + (count == 1 ? " entity" : " entities");
  return {.name = entities + (synced ? ", CRUD and sync " : ", CRUD ") + optimisation +
                  (is == form::compiled ? ", compiled" : ""),
          .text = hewn_program(count, synced ? includes::sqlite : includes::rows, synced),
          .optimisation = optimisation,
          .wanted = wanted,
          .is = is,
          .by_hand = by_hand(count, optimisation).name};
}

std::vector<program> programs() {
  constexpr form headers = form::header_only;
  constexpr form compiled = form::compiled;
  std::vector<program> all{
      {.name = "std headers alone", .text = standard_program(), .has_code = false},
      {.name = "include by hand",
       .text = c_includes() + "int main() {}\n",
       .has_code = false,
       .by_hand = "include by hand"}};
  for (const form is : {headers, compiled}) {
    all.push_back(including("sqlite/open.hpp", includes::rows, is));
    all.push_back(
        including("sqlite.hpp", includes::sqlite, is, {.mebibytes = is == headers ? 230 : none}));
    all.push_back(including("postgres.hpp", includes::postgres, is));
    all.push_back(including("any.hpp", includes::any, is));
  }
  for (const char* const level : {"-O0", "-O2"}) {
    const bool plain = std::string(level) == "-O0";
    all.push_back(by_hand(1, level));
    all.push_back(by_hewn(1, false, headers, level, {.seconds = plain ? 2.0 : 2.5}));
    all.push_back(by_hewn(1, true, headers, level));
    all.push_back(by_hewn(1, false, compiled, level));
    all.push_back(by_hewn(1, true, compiled, level));
  }
  for (const char* const level : {"-O0", "-O2"}) {
    const bool plain = std::string(level) == "-O0";
    const double size = plain ? none : 250;
    all.push_back(by_hand(20, level));
    all.push_back(by_hewn(20, false, headers, level,
                          {.seconds = plain ? 8.0 : 12.0,
                           .mebibytes = 500,
                           .kibibytes = size,
                           .ratio = plain ? 4.5 : 3.5}));
    all.push_back(by_hewn(20, true, headers, level,
                          {.kibibytes = plain ? none : 600, .ratio = plain ? 6.0 : 5.0}));
    all.push_back(
        by_hewn(20, true, compiled, level, {.kibibytes = size, .ratio = plain ? 4.0 : 3.0}));
  }
  for (const char* const name : {"core", "sqlite", "postgres", "migrate"})
    for (const char* const level : {"-O0", "-O2"}) all.push_back(unit(name, level));
  return all;
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
  compiler cxx(given.text("include"));
  const long repetitions = given.number("repetitions", 3);
  const std::string only = given.text("only");
  std::printf("%s, median of %ld; targets in brackets\n", cxx.name().c_str(), repetitions);
  const table t({{"", -42},
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
