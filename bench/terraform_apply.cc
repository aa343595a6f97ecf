// links: andon_base
//
// The commands plan, apply, plan with nothing to do and destroy on many `terraform_data`: wall
// time, processor time and memory of `andon`, at 1,000, 10,000 and 100,000 instances, and at 1,000
// of `terraform` beside it where it is installed. The bounds at 10,000: 1 s and 80 MB each.
// usage: bench_terraform_apply ANDON   (default: build/release/andon)
#include <fmt/format.h>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace {

struct Cost {
  bool ok = false;
  double wall = 0;
  double processor = 0;
  double megabytes = 0;
};

Cost Run(const std::string& dir, const std::vector<std::string>& argv) {
  std::fflush(stdout);  // Else the child prints what is waiting there once more.
  auto began = std::chrono::steady_clock::now();
  pid_t child = fork();
  if (child == 0) {
    std::vector<char*> words;
    for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    setenv("TF_CLI_CONFIG_FILE", "empty.tfrc", 1);
    bool ok = chdir(dir.c_str()) == 0 && freopen("/dev/null", "w", stdout) != nullptr;
    if (ok) execvp(words[0], words.data());
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || wait4(child, &status, 0, &usage) != child) return {};
  auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) * 1e-6; };
  return {WIFEXITED(status) && WEXITSTATUS(status) == 0,
          std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(),
          seconds(usage.ru_utime) + seconds(usage.ru_stime),
          static_cast<double>(usage.ru_maxrss) / 1024};
}

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

}  // namespace

int main(int argc, char** argv) {
  std::string andon = std::filesystem::absolute(argc > 1 ? argv[1] : "build/release/andon");
  std::string root = (std::filesystem::temp_directory_path() / "andon_bench_XXXXXX").string();
  if (mkdtemp(root.data()) == nullptr) return 1;
  std::vector<Cost> at_thousand;
  for (int instances : {1'000, 10'000, 100'000}) {
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
