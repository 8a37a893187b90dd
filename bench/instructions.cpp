// bench/instructions.cpp - the library's one-line calls and the same work by hand, in instructions.
// SPDX-License-Identifier: BSL-1.0
//
// The same comparisons as against_c.cpp, which says what they are. Each side runs alone under
// callgrind, with a tenth of the rows: the proportions are kept, and the ratios hardly move,
// because the trees inside the database are one level lower at most. A count is the same in every
// run, so this is what changes of the library are judged by. It does not see cache misses and the
// kernel, therefore W7 is not here.

#include "bench/comparison.hpp"
#include "bench/options.hpp"
#include "bench/process.hpp"
#include "bench/report.hpp"
#include "bench/temporary_folder.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace bench {
namespace {

class callgrind {
 public:
  callgrind(std::string program, const sizes& s)
      : program_(std::move(program)), rows_(std::to_string(s.rows)) {}

  double instructions(std::string_view work, const char* side) const {
    const std::string counts = folder_.file("counts");
    const std::string output = folder_.file("output");
    const usage used = run_process(
        {"valgrind", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=" + counts,
         program_, "--work=" + std::string(work), std::string("--side=") + side, "--rows=" + rows_},
        output);
    if (used.status == 127) {
      std::fputs(
          "bench: there is no valgrind here; install it (./bazelw does when it is asked to "
          "run //bench:instructions)\n",
          stderr);
      std::exit(1);
    }
    if (used.status != 0) copy_to_stderr(output);
    std::ifstream in(counts);
    for (std::string line; std::getline(in, line);)
      if (line.starts_with("totals: ")) return std::strtod(line.c_str() + 8, nullptr);
    std::fprintf(stderr, "bench: %s on the side of %s could not be counted\n",
                 std::string(work).c_str(), side);
    std::exit(1);
  }

 private:
  temporary_folder folder_;
  std::string program_;
  std::string rows_;
};

int run(const options& given) {
  const sizes s{.rows = given.number("rows", 10'000)};
  const std::string only = given.text("only");
  if (!only.empty() && find_comparison(only) == nullptr) {
    std::fprintf(stderr, "bench: there is no work called %s; see comparison.hpp\n", only.c_str());
    return 2;
  }
  const callgrind tool(given.text("program"), s);
  std::vector<measured> all;
  for (const comparison& c : comparisons) {
    if (c.waits() || (!only.empty() && only != c.name)) continue;
    measured m{.compared = &c};
    const auto items = static_cast<double>((s.*c.items)());
    m.ours = tool.instructions(c.name, "hewn") / items;
    m.theirs = tool.instructions(c.name, "c") / items;
    m.ratio_instructions = m.ours / m.theirs;
    if (c.has_default_mutex())
      m.ratio_instructions_default_mutex =
          m.ours / (tool.instructions(c.name, "c-default-mutex") / items);
    all.push_back(m);
  }
  std::printf("%lld rows; targets in brackets\n", static_cast<long long>(s.rows));
  print_table(all, "instr.");
  return write_json(all, s, given.path("json")) ? 0 : 1;
}

}  // namespace
}  // namespace bench

int main(int count, char** arguments) {
  return bench::run(bench::options(count, arguments, {"program", "json", "rows", "only"}));
}
