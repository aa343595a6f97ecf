// links: andon_base
//
// plan, apply, plan with nothing to do and destroy of many objects of a real provider (random, in
// build/deps/providers): the processor time of the command itself, without that of the provider,
// beside `terraform` where it is installed. The goal: a tenth of it.
//
// The provider that both start is this program under another name: it starts the real one, passes
// on what it is given, and notes what that cost. So the share is measured and not guessed.
// At 10,000 terraform needs most of an hour, so only Andon runs there unless that is asked for.
// usage: bench_terraform_provider ANDON [INSTANCES...]   (default: build/release/andon 1000)
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "command_cost.h"
#include "measure.h"

namespace andon {
namespace {

namespace fs = std::filesystem;

constexpr char kProgram[] = "terraform-provider-random";
constexpr char kRealProvider[] = "BENCH_PROVIDER";
constexpr char kNote[] = "BENCH_PROVIDER_COST";

// Runs the real provider in this one's place.
int ActAsProvider() {
  const char* real = std::getenv(kRealProvider);
  const char* note = std::getenv(kNote);
  if (real == nullptr || note == nullptr) return 1;
  pid_t child = fork();
  if (child == 0) {
    execl(real, real, nullptr);
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || wait4(child, &status, 0, &usage) != child) return 1;
  std::ofstream(note, std::ios::app) << Seconds(usage.ru_utime) + Seconds(usage.ru_stime) << "\n";
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

double NotedSeconds(const std::string& note) {
  double all = 0;
  std::ifstream in(note);
  for (double one = 0; in >> one;) all += one;
  fs::remove(note);
  return all;
}

void WriteProject(const fs::path& dir, const fs::path& mirror, int instances) {
  fs::create_directories(dir);
  std::ofstream(dir / "empty.tfrc")
      << "provider_installation {\n  filesystem_mirror {\n    path = \"" << mirror.string()
      << "\"\n  }\n}\n";
  std::ofstream(dir / "main.tf") << fmt::format(
      "terraform {{\n  required_providers {{\n    random = {{ source = \"hashicorp/random\" }}\n"
      "  }}\n}}\nresource \"random_id\" \"x\" {{\n  count = {}\n  byte_length = 8\n}}\n",
      instances);
}

const std::vector<std::pair<std::string, std::vector<std::string>>> kSteps = {
    {"plan", {"plan"}},
    {"apply", {"apply", "-auto-approve"}},
    {"nothing to do", {"plan"}},
    {"destroy", {"destroy", "-auto-approve"}}};

// The command's own processor time for each step; empty where it cannot be initialised.
std::vector<double> RunAll(const std::string& program, const std::string& dir,
                           const std::string& note) {
  std::vector<double> own;
  if (!Run(dir, {program, "init"}).ok) return own;
  for (const auto& [name, words] : kSteps) {
    std::vector<std::string> argv = {program};
    argv.insert(argv.end(), words.begin(), words.end());
    fs::remove(note);
    Cost cost = Run(dir, argv);
    double provider = NotedSeconds(note);
    if (!cost.ok) Fail(program + " " + name + " failed");
    if (provider == 0) Fail("the provider was not measured: " + program + " did not end it well");
    own.push_back(cost.processor - provider);
    fmt::print("{:<10} {:<14} {:8.3f} s wall {:8.3f} s processor, {:8.3f} s of it its own\n",
               fs::path(program).filename().string(), name, cost.wall, cost.processor, own.back());
  }
  return own;
}

int Compare(const std::string& andon, const std::vector<int>& sizes,
            const std::vector<int>& alone) {
  const fs::path real = fs::path(ANDON_SOURCE_DIR) / "build/deps/providers" / kProgram;
  if (!fs::exists(real)) {
    fmt::print("no {} is there\n", real.string());
    return 0;
  }
  std::string root = (fs::temp_directory_path() / "andon_bench_XXXXXX").string();
  if (mkdtemp(root.data()) == nullptr) Fail("no temporary folder");
  const std::string note = root + "/cost";
  setenv(kRealProvider, real.c_str(), 1);
  setenv(kNote, note.c_str(), 1);
  const fs::path mirror = fs::path(root) / "mirror";
  for (const char* host : {"registry.opentofu.org", "registry.terraform.io"}) {
    const fs::path folder = mirror / host / "hashicorp/random/1.0.0/linux_amd64";
    fs::create_directories(folder);
    fs::copy_file("/proc/self/exe", folder / fmt::format("{}_v1.0.0", kProgram));
  }
  for (int instances : sizes) {
    fmt::print("{} instances\n", instances);
    WriteProject(fmt::format("{}/andon_{}", root, instances), mirror, instances);
    WriteProject(fmt::format("{}/terraform_{}", root, instances), mirror, instances);
    const std::vector<double> ours =
        RunAll(andon, fmt::format("{}/andon_{}", root, instances), note);
    if (ours.empty()) Fail("andon init failed");
    const std::vector<double> theirs =
        RunAll("terraform", fmt::format("{}/terraform_{}", root, instances), note);
    if (theirs.empty()) fmt::print("terraform is not installed\n");
    for (size_t i = 0; i < theirs.size(); ++i)
      fmt::print("{:<14} {:.3f} of terraform's (goal 0.1)\n", kSteps[i].first, ours[i] / theirs[i]);
  }
  for (int instances : alone) {
    fmt::print("{} instances\n", instances);
    WriteProject(fmt::format("{}/andon_{}", root, instances), mirror, instances);
    if (RunAll(andon, fmt::format("{}/andon_{}", root, instances), note).empty())
      Fail("andon init failed");
  }
  fs::remove_all(root);
  return 0;
}

}  // namespace
}  // namespace andon

int main(int argc, char** argv) {
  if (std::filesystem::path(argv[0]).filename().string().starts_with(andon::kProgram))
    return andon::ActAsProvider();
  std::vector<int> sizes;
  for (int i = 2; i < argc; ++i) sizes.push_back(std::atoi(argv[i]));
  const bool is_default = sizes.empty();
  if (is_default) sizes = {1'000};
  return andon::Compare(
      std::filesystem::absolute(argc > 1 ? argv[1] : "build/release/andon").string(), sizes,
      is_default ? std::vector<int>{10'000} : std::vector<int>{});
}
