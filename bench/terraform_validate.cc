// links: andon_config
//
// Processor time of reading and validating a generated project of 50,000 lines of Terraform's
// language, median of five, and of `terraform validate` on the same files where it is
// installed. The bound: 0.2 s.
#include <fmt/format.h>

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "config/terraform/validate.h"
#include "io/local_file_system.h"
#include "io/process.h"

namespace {

using namespace andon;

std::string Generate(int lines_min) {
  std::string text;
  int lines = 0;
  for (int i = 0; lines < lines_min; ++i) {
    std::string block = fmt::format(R"tf(variable "v{0}" {{
  type        = string
  default     = "x{0}"
  description = "A generated variable"
}}

locals {{
  l{0} = {{
    name = upper(var.v{0})
    tags = [for k in range(3) : format("%s-%d", var.v{0}, k)]
  }}
}}

resource "terraform_data" "r{0}" {{
  input = {{
    name = local.l{0}.name
    tags = local.l{0}.tags
    text = <<-EOT
      hello ${{var.v{0}}}
      world
    EOT
  }}
  lifecycle {{
    ignore_changes = [input]
  }}
}}

)tf",
                                    i);
    lines += static_cast<int>(std::count(block.begin(), block.end(), '\n'));
    text += block;
  }
  return text;
}

double OwnProcessor() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

double OfChildren() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  auto seconds = [](const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) * 1e-6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double Validate(const std::string& dir, size_t* mistakes) {
  static const config::Language kNone{std::vector<const config::BlockSchema*>{}};
  io::LocalFileSystem files;
  double before = OwnProcessor();
  config::ModuleTree tree = config::LoadModuleTree(
      files, std::make_unique<config::Module>(config::Load(files, dir, kNone)));
  *mistakes += tree.diagnostics.size() + config::Validate(tree).size();
  return OwnProcessor() - before;
}

// The reference's processor time; 0 where it is not installed or refuses the project.
double Reference(const std::string& dir) {
  std::ofstream(dir + "/empty.tfrc").close();
  auto run = [&](std::vector<std::string> argv) {
    argv.insert(argv.begin(), "terraform");
    auto done = io::Run(
        {.argv = std::move(argv), .env = {{"TF_CLI_CONFIG_FILE", "empty.tfrc"}}, .cwd = dir});
    return done.ok() && done->status.ok();
  };
  if (!run({"init", "-backend=false"})) return 0;
  double before = OfChildren();
  return run({"validate"}) ? OfChildren() - before : 0;
}

}  // namespace

int main() {
  std::string dir = (std::filesystem::temp_directory_path() / "andon_bench_XXXXXX").string();
  if (mkdtemp(dir.data()) == nullptr) return 1;
  std::string text = Generate(50'000);
  std::ofstream(dir + "/main.tf") << text;
  size_t mistakes = 0;
  std::vector<double> times;
  for (int i = 0; i < 5; ++i) times.push_back(Validate(dir, &mistakes));
  std::sort(times.begin(), times.end());
  fmt::print("{} lines, {:.2f} MB, {} mistakes\n", std::count(text.begin(), text.end(), '\n'),
             static_cast<double>(text.size()) / 1e6, mistakes);
  fmt::print("validate   {:.4f} s processor   bound 0.2 s\n", times[2]);
  double reference = Reference(dir);
  if (reference > 0)
    fmt::print("terraform  {:.4f} s processor   {:.0f} times\n", reference, reference / times[2]);
  else
    fmt::print("terraform  is not installed\n");
  std::filesystem::remove_all(dir);
  return mistakes == 0 && times[2] <= 0.2 ? 0 : 1;
}
