// bench/compile_weight_test.cpp - what compiling a file that uses hewn may cost.
// SPDX-License-Identifier: BSL-1.0
//
// Programs of bench/compile_time.cpp are compiled once, each without optimisation and against
// the units of the library, and compared with bench/compile_weight.txt. What is compared does not
// depend on the machine's speed: how many functions the object defines, which are nearly all
// instantiations, and the peak memory of the compiler. A line of that file is
//   <compiler> <entities> <functions> <MiB>
// and holds for one major version of a compiler; with others there is nothing to compare. Lower a
// figure when hewn has become lighter, so that it stays so.

#include "bench/compile_sources.hpp"
#include "bench/joined_sources.hpp"
#include "bench/process.hpp"
#include "bench/temporary_folder.hpp"

#include <catch2/catch_test_macros.hpp>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace {

#ifdef __clang__
const std::string compiler = "clang-" + std::to_string(__clang_major__);
#else
const std::string compiler = "gcc-" + std::to_string(__GNUC__);
#endif

const char* const record_file = "bench/compile_weight.txt";

struct weight {
  long functions = 0;
  long mebibytes = 0;
};

std::optional<weight> recorded(int entities) {
  std::ifstream in(record_file);
  REQUIRE(in);
  std::string name;
  int count = 0;
  for (weight w; in >> name >> count >> w.functions >> w.mebibytes;)
    if (name == compiler && count == entities) return w;
  return std::nullopt;
}

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  REQUIRE(value != nullptr);
  return value;
}

// The C++ half of the configured C compiler.
std::string cxx() {
  std::string path = environment("CC");
  const std::size_t name = path.rfind('/') + 1;  // also when there is no folder
  if (const std::size_t at = path.find("clang", name); at != path.npos)
    return path.replace(at, 5, "clang++");
  if (const std::size_t at = path.find("gcc", name); at != path.npos)
    return path.replace(at, 3, "g++");
  return path;
}

// Runs it to its end; what it prints is in `output`.
bench::usage demand(const std::vector<std::string>& command, const std::string& output) {
  const bench::usage used = bench::run_process(command, output);
  if (used.status != 0) bench::copy_to_stderr(output);
  INFO(command.front());
  REQUIRE(used.status == 0);
  return used;
}

// nm says T, t, W or w of a function: of this file alone, or one that others may define too.
long functions_in(const std::string& listing) {
  std::ifstream in(listing);
  long count = 0;
  for (std::string address, kind, name; in >> address >> kind && std::getline(in, name);)
    if (kind == "T" || kind == "t" || kind == "W" || kind == "w") ++count;
  return count;
}

weight weigh(const std::string& program) {
  const bench::temporary_folder folder;
  const std::string source = folder.file("program.cpp");
  const std::string object = folder.file("program.o");
  const std::string output = folder.file("output");
  std::ofstream(source) << program;
  const bench::usage used =
      demand({cxx(), "-std=c++20", "-O0", "-isystem", environment("HEWN_TEST_HEADERS") + "/include",
              "-DHEWN_SEPARATE_COMPILATION", "-c", source, "-o", object},
             output);
  demand({"nm", "--defined-only", object}, output);
  return {functions_in(output), std::lround(used.peak_mebibytes)};
}

// A tenth more is what a patch of a compiler or of a library's package may cost.
bool grew(long now, long before) { return now * 10 > before * 11; }

void check_weight(int entities) {
  const std::optional<weight> before = recorded(entities);
  if (!before) SKIP(record_file << " has no line for " << compiler);
  const weight now = weigh(bench::hewn_program(entities, bench::includes::sqlite, true));
  REQUIRE(now.functions > 0);
  const std::string line = compiler + " " + std::to_string(entities) + " " +
                           std::to_string(now.functions) + " " + std::to_string(now.mebibytes);
  if (grew(now.functions, before->functions) || grew(now.mebibytes, before->mebibytes))
    FAIL("hewn: a program of "
         << entities << " synced entities defines " << now.functions
         << " functions (recorded: " << before->functions << ") and its compiler needs "
         << now.mebibytes << " MiB (recorded: " << before->mebibytes
         << "), more than a tenth above the record; make it lighter, or write \"" << line
         << "\" into " << record_file << " in the same commit");
}

}  // namespace

TEST_CASE("one entity with sync compiles to no more than is recorded") { check_weight(1); }

TEST_CASE("twenty entities with sync compile to no more than is recorded") { check_weight(20); }

// By the peak memory, which goes with the time and does not depend on the machine's load.
TEST_CASE("typed queries over several tables take little more of a compiler than raw SQL") {
  const weight typed = weigh(bench::joined_program(bench::query_language::typed));
  const weight raw = weigh(bench::joined_program(bench::query_language::raw));
  CAPTURE(typed.functions, typed.mebibytes, raw.functions, raw.mebibytes);
  REQUIRE(raw.functions > 0);
  CHECK(typed.mebibytes * 100 <= raw.mebibytes * 115);
  CHECK(typed.functions * 100 <= raw.functions * 115);
}
