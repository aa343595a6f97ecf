// links: andon_base andon_io
//
// What a command costs before it does anything: version, a plan without changes on the example,
// validate of 1,000 generated blocks. The peer, where it is installed, is terraform.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "io/process.h"
#include "measure.h"

namespace {

namespace fs = std::filesystem;
using andon::Median;
using Seconds = std::chrono::duration<double>;

double Time(const std::vector<std::string>& argv, const std::string& cwd) {
  auto start = std::chrono::steady_clock::now();
  auto done = andon::io::Run({.argv = argv, .cwd = cwd});
  if (!done.ok() || !done->status.ok()) {
    fmt::print(stderr, "{} failed: {}\n", fmt::join(argv, " "),
               done.ok() ? done->err : done.error().message);
    std::exit(1);
  }
  return Seconds(std::chrono::steady_clock::now() - start).count();
}

double MedianOf(int runs, const std::vector<std::string>& argv, const std::string& cwd) {
  std::vector<double> times;
  for (int i = 0; i < runs; ++i) times.push_back(Time(argv, cwd));
  return Median(times);
}

void WriteBlocks(const fs::path& dir, int blocks) {
  fs::create_directories(dir);
  std::ofstream out(dir / "many.andon.hcl");
  out << "source \"files\" \"in\" {\n  path = \"{table}.csv\"\n}\n";
  for (int i = 1; i < blocks; ++i) {
    out << fmt::format(
        "dataset \"table_{}\" {{\n  from = source.in.table.table_{}\n"
        "  load = {{ mode = \"merge\", key = [\"id\"] }}\n  columns = {{\n"
        "    id     = {{ type = \"long\", required = true, unique = true }}\n"
        "    amount = {{ type = \"decimal(9,2)\" }}\n  }}\n  checks = {{\n"
        "    range = expect_column_values_to_be_between(\"amount\", {{ min_value = 0 }})\n  "
        "}}\n}}\n",
        i, i);
  }
}

void Report(const std::string& what, double seconds, double goal_ms) {
  fmt::print("{:<44} {:8.1f} ms   goal {} ms   ratio {:.2f}\n", what, seconds * 1e3, goal_ms,
             seconds * 1e3 / goal_ms);
}

}  // namespace

int main() {
  const char* andon = std::getenv("ANDON");
  if (andon == nullptr) {
    fmt::print(stderr, "ANDON must name the binary.\n");
    return 1;
  }
  fs::path dir = fs::temp_directory_path() / fmt::format("andon-bench-start-{}", getpid());
  fs::path project = dir / "example";
  fs::create_directories(dir);
  Time({andon, "demo", "-serve=false", "-dir=" + project.string()}, dir.string());
  WriteBlocks(dir / "many", 1000);

  constexpr int kRuns = 11;
  Report("version", MedianOf(kRuns, {andon, "version"}, dir.string()), 15);
  Report("plan without changes, example", MedianOf(kRuns, {andon, "plan"}, project.string()), 100);
  Report("validate, 1,000 blocks", MedianOf(kRuns, {andon, "validate"}, (dir / "many").string()),
         100);
  fs::remove_all(dir);
  return 0;
}
