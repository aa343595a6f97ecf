// links: andon_base andon_io andon_store andon_definition andon_lineage andon_validation andon_docs
//
// What Data Docs cost: a store with many validations, the first build of the site, a build after
// one more validation, a build with nothing new; and how large the pages are.
//
//   bench_docs_build [VALIDATIONS [DATASETS [CHECKS]]]
#include <fmt/format.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "docs/site.h"
#include "io/local_file_system.h"
#include "measure.h"
#include "validation/record.h"

namespace {

namespace fs = std::filesystem;
using namespace andon;

[[noreturn]] void Die(const std::string& what) {
  fmt::print(stderr, "{}\n", what);
  std::exit(1);
}

double Seconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

validation::Validation Made(const definition::Project& project, int number, int checks) {
  const auto& dataset = project.datasets[static_cast<size_t>(number) % project.datasets.size()];
  validation::Validation v{.name = dataset.name,
                           .dataset = dataset.address,
                           .batch = fmt::format("part-{}", number),
                           .branch = "main",
                           .version = number + 1,
                           .run_id = fmt::format("{:08x}", number),
                           .trigger = "run",
                           .rows = 1000 + number,
                           .started = FromMillis(1'767'225'600'000 + int64_t{number} * 600'000),
                           .duration = std::chrono::milliseconds(120)};
  for (int i = 0; i < checks; ++i) {
    validation::CheckedCheck c;
    c.check = {.name = fmt::format("column_{}_in_range", i),
               .type = "expect_column_values_to_be_between",
               .kwargs = Json::Object(
                   {{"column", fmt::format("column_{}", i)}, {"min_value", 0}, {"max_value", 12}})};
    c.result.name = c.check.name;
    c.result.type = c.check.type;
    c.result.element_count = v.rows;
    c.result.missing_count = 0;
    const bool fails = (number * 31 + i * 17) % 97 == 0;
    c.result.unexpected_count = fails ? 5 : 0;
    c.result.unexpected_percent = fails ? 100.0 * 5 / static_cast<double>(v.rows) : 0.0;
    c.result.observed_value = *c.result.unexpected_count;
    if (fails) {
      c.result.state = quality::CheckState::kFailed;
      c.result.message = "5 of 1,000 values are unexpected: -4.99, -2.99";
      c.result.sample.columns = {{"payment_id", "long"}, {"amount", "decimal(5,2)"}};
      for (int row = 0; row < 20; ++row) c.result.sample.rows.push_back({row, "-4.99"});
    }
    v.results.push_back(std::move(c));
  }
  return v;
}

void Record(store::Database& db, const definition::Project& project, int from, int to, int checks) {
  constexpr int kStep = 200;
  for (int first = from; first < to; first += kStep) {
    auto done = db.Write([&](store::Transaction& tx) -> Result<void> {
      for (int i = first; i < std::min(to, first + kStep); ++i)
        TRY(validation::Record(tx, Made(project, i, checks)));
      return {};
    });
    if (!done.ok()) Die(done.error().message);
  }
}

void Build(store::Database& db, const definition::Project& project, const std::string& dir,
           const char* what) {
  io::LocalFileSystem files;
  const auto graph = lineage::Graph::Build(project);
  const auto start = std::chrono::steady_clock::now();
  const double cpu = CpuSeconds();
  auto report = docs::BuildSite(db, project, graph, files,
                                {.dir = dir, .andon_version = "bench", .now = FromMillis(0)});
  if (!report.ok()) Die(report.error().message);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  fmt::print(
      "{:<20} {:7.2f} s  {:6.2f} CPU s  {:>6} files  {:>8.1f} MB written  {:>4} MB resident at "
      "most\n",
      what, Seconds(start), CpuSeconds() - cpu, report->pages_written,
      static_cast<double>(report->bytes_written) / 1e6, used.ru_maxrss / 1024);
}

void Sizes(const std::string& dir) {
  struct Sum {
    int64_t files = 0, bytes = 0, most = 0;
  };
  std::map<std::string, Sum> sums;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    if (!entry.is_regular_file()) continue;
    const std::string parent = fs::relative(entry.path().parent_path(), dir).string();
    Sum& sum = sums[parent == "." ? entry.path().filename().string() : parent + "/"];
    const auto size = static_cast<int64_t>(entry.file_size());
    ++sum.files;
    sum.bytes += size;
    sum.most = std::max(sum.most, size);
  }
  for (const auto& [name, sum] : sums) {
    fmt::print("  {:<18} {:>6} files  {:>8.1f} kB each  {:>8.1f} kB at most\n", name, sum.files,
               static_cast<double>(sum.bytes) / 1e3 / static_cast<double>(sum.files),
               static_cast<double>(sum.most) / 1e3);
  }
}

int Number(int argc, char** argv, int at, int otherwise) {
  return argc > at ? std::max(1, std::atoi(argv[at])) : otherwise;
}

}  // namespace

int main(int argc, char** argv) {
  const int validations = Number(argc, argv, 1, 10'000), datasets = Number(argc, argv, 2, 20),
            checks = Number(argc, argv, 3, 20);
  const fs::path dir = fs::temp_directory_path() / fmt::format("andon-bench-docs-{}", getpid());
  fs::create_directories(dir);
  definition::Project project{.name = "bench"};
  for (int i = 0; i < datasets; ++i) {
    definition::Dataset d{.address = fmt::format("dataset.table_{}", i),
                          .name = fmt::format("table_{}", i)};
    project.datasets.push_back(std::move(d));
  }
  auto db = store::OpenSqlite((dir / "andon.db").string(), {.create = true});
  if (!db.ok()) Die(db.error().message);
  const auto start = std::chrono::steady_clock::now();
  Record(**db, project, 0, validations, checks);
  fmt::print("{} validations of {} checks over {} datasets: recorded in {:.2f} s, {:.1f} MB\n",
             validations, checks, datasets, Seconds(start),
             static_cast<double>(fs::file_size(dir / "andon.db")) / 1e6);
  const std::string site = (dir / "site").string();
  Build(**db, project, site, "first build");
  Build(**db, project, site, "nothing new");
  Record(**db, project, validations, validations + 1, checks);
  Build(**db, project, site, "one validation more");
  Sizes(site);
  fs::remove_all(dir);
  return 0;
}
