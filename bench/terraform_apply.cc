// links: andon_base
//
// The commands plan, apply, plan with nothing to do and destroy on many `terraform_data`: wall
// time, processor time and memory of `andon`, at 1,000, 10,000 and 100,000 instances, and at 1,000
// of `terraform` beside it where it is installed. The bounds at 10,000: 1 s and 80 MB each.
// usage: bench_terraform_apply ANDON   (default: build/release/andon)
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "command_cost.h"

namespace andon {
namespace {

const std::vector<std::pair<std::string, std::vector<std::string>>> kSteps = {
    {"plan", {"plan"}},
    {"apply", {"apply", "-auto-approve"}},
    {"nothing to do", {"plan"}},
    {"destroy", {"destroy", "-auto-approve"}}};

std::vector<Cost> RunAll(const std::string& program, const std::string& dir) {
  std::vector<Cost> out;
  for (const auto& [name, words] : kSteps) {
    std::vector<std::string> argv = {program};
    argv.insert(argv.end(), words.begin(), words.end());
    out.push_back(Run(dir, argv));
  }
  return out;
}

void WriteProject(const std::string& dir, int instances) {
  std::ofstream(dir + "/empty.tfrc").close();
  std::ofstream(dir + "/main.tf") << fmt::format(
      "resource \"terraform_data\" \"x\" {{\n  count = {}\n  input = \"v${{count.index}}\"\n}}\n",
      instances);
}

int Compare(const std::string& andon) {
  std::string root = (std::filesystem::temp_directory_path() / "andon_bench_XXXXXX").string();
  if (mkdtemp(root.data()) == nullptr) return 1;
  std::vector<Cost> at_thousand;
  for (int instances : {100, 1'000, 10'000, 100'000}) {
    std::string dir = fmt::format("{}/{}", root, instances);
    std::filesystem::create_directories(dir);
    WriteProject(dir, instances);
    std::vector<Cost> costs = RunAll(andon, dir);
    if (instances == 1'000) at_thousand = costs;
    for (size_t i = 0; i < costs.size(); ++i)
      fmt::print("andon      {:>7}  {:<14} {:8.3f} s {:8.3f} s processor {:7.0f} MB{}\n", instances,
                 kSteps[i].first, costs[i].wall, costs[i].processor, costs[i].megabytes,
                 costs[i].ok ? "" : "  FAILED");
  }
  std::string dir = root + "/terraform";
  std::filesystem::create_directories(dir);
  WriteProject(dir, 1'000);
  if (Run(dir, {"terraform", "init"}).ok) {
    std::vector<Cost> costs = RunAll("terraform", dir);
    for (size_t i = 0; i < costs.size(); ++i)
      fmt::print(
          "terraform  {:>7}  {:<14} {:8.3f} s {:8.3f} s processor {:7.0f} MB  {:.0f} times\n",
          1'000, kSteps[i].first, costs[i].wall, costs[i].processor, costs[i].megabytes,
          costs[i].processor / at_thousand[i].processor);
  } else {
    fmt::print("terraform is not installed\n");
  }
  std::filesystem::remove_all(root);
  return 0;
}

}  // namespace
}  // namespace andon

int main(int argc, char** argv) {
  return andon::Compare(
      std::filesystem::absolute(argc > 1 ? argv[1] : "build/release/andon").string());
}
