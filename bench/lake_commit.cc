// links: andon_lake andon_iceberg andon_store andon_io andon_sql andon_base
//
// A durable commit of 1,000 rows: Parquet, manifest, manifest list, metadata, all
// fsynced, and the catalog's transaction; on an empty table and after many commits.
//
//   bench_lake_commit [FOLDER] [COMMITS]
//
// Prints the median of the first 50 commits, of the last 50, and their ratio, in time and
// in processor time (which a busy machine disturbs less); and the same for the whole path
// of a run: a load on a branch and its publish.

#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include "base/text.h"
#include "io/local_file_system.h"
#include "lake/load.h"
#include "lake/publish.h"
#include "lake/write.h"
#include "measure.h"

namespace andon::lake {
namespace {

constexpr size_t kWindow = 50;

struct Cost {
  double wall = 0;  // Milliseconds.
  double cpu = 0;
};

class Watch {
 public:
  Cost Elapsed() const {
    auto wall = std::chrono::steady_clock::now() - start_;
    return {std::chrono::duration<double, std::milli>(wall).count(), Cpu() - cpu_};
  }

 private:
  static double Cpu() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_nsec) / 1e6;
  }

  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  double cpu_ = Cpu();
};

std::string Rows(int commit) {
  return fmt::format(
      "SELECT (i + {0} * 1000)::BIGINT AS id, TIMESTAMP '2024-01-01' + INTERVAL (i) SECOND AS ts, "
      "(i % 500)::INTEGER AS customer, (i / 7)::DECIMAL(9,2) AS amount, 'EUR' AS currency, "
      "'ok' AS status, md5(i::VARCHAR) AS ref FROM range(1000) t(i)",
      commit);
}

struct Bench {
  std::filesystem::path dir;
  io::LocalFileSystem files;
  SystemClock clock;
  iceberg::MetadataCache metadata;  // As a run has it.
  std::unique_ptr<store::Database> database;
  Lake lake;
  std::unique_ptr<sql::Connection> connection;
};

// One commit to main, as the least that a writer can do.
Result<Cost> CommitToMain(Bench& bench, int number) {
  Watch watch;
  iceberg::Table table = TRY(OpenTable(*bench.database, bench.lake, "direct"));
  Written written =
      TRY(WriteDataFiles(*bench.connection, bench.lake, table.metadata.location,
                         table.metadata.schema(), table.metadata.spec(), Rows(number)));
  iceberg::CommitOptions options;
  options.now_ms = bench.lake.now_ms();
  iceberg::Change change =
      TRY(iceberg::Append(table.metadata, bench.files, options, written.files));
  TRY(CommitAlone(*bench.database, bench.lake, table, std::move(change)));
  return watch.Elapsed();
}

// A load on a branch, and the publish with its version.
Result<Cost> LoadAndPublish(Bench& bench, int number) {
  Watch watch;
  LoadRequest request;
  request.query = Rows(number);
  request.branch = fmt::format("run-{}", number);
  TRY(Load(*bench.database, *bench.connection, bench.lake, "published", request));
  Publication publication =
      TRY(PreparePublish(*bench.database, bench.lake, {{"published", request.branch}}));
  TRY(bench.database->Write(
      [&](store::Transaction& tx) { return CommitPublish(tx, bench.lake, publication, {}); }));
  FinishPublish(bench.lake, publication);
  return watch.Elapsed();
}

Result<void> Measure(Bench& bench, const char* name, const std::string& table, int commits,
                     Result<Cost> (*commit)(Bench&, int)) {
  TableDefinition definition;
  for (const sql::ResultColumn& column : TRY(bench.connection->Describe(Rows(0)))) {
    iceberg::Field field;
    field.name = column.name;
    field.type = TRY(IcebergType(column.type));
    definition.columns.push_back(std::move(field));
  }
  TRY(OpenOrCreateTable(*bench.database, bench.lake, table, definition));
  std::vector<double> walls, cpus;
  for (int i = 0; i < commits; ++i) {
    Cost cost = TRY(commit(bench, i));
    walls.push_back(cost.wall);
    cpus.push_back(cost.cpu);
  }
  auto print = [&](const char* what, const std::vector<double>& times) {
    size_t window = std::min(kWindow, times.size() / 2);
    double first = Median({times.begin(), times.begin() + static_cast<std::ptrdiff_t>(window)});
    double last = Median({times.end() - static_cast<std::ptrdiff_t>(window), times.end()});
    std::printf("%-16s %-4s first %zu: %.2f ms   after %d commits: %.2f ms   ratio %.2f\n", name,
                what, window, first, commits, last, last / first);
  };
  print("time", walls);
  print("cpu", cpus);
  return {};
}

Result<void> Run(const std::string& folder, int commits) {
  Bench bench;
  bench.dir = std::filesystem::path(folder) / ("andon-bench-" + RandomUuid());
  bench.database = TRY(store::OpenSqlite((bench.dir / "andon.db").string(), {.create = true}));
  bench.lake = {(bench.dir / "lake").string(), "bench", &bench.files, &bench.clock,
                &bench.metadata};
  sql::Engine engine = TRY(sql::Engine::Open({}));
  bench.connection = std::make_unique<sql::Connection>(TRY(engine.Connect()));
  Result<void> done = Measure(bench, "commit to main", "direct", commits, CommitToMain);
  if (done.ok()) done = Measure(bench, "load + publish", "published", commits, LoadAndPublish);
  std::filesystem::remove_all(bench.dir);
  return done;
}

}  // namespace
}  // namespace andon::lake

int main(int argc, char** argv) {
  std::string folder = argc > 1 ? argv[1] : ".";
  int commits = argc > 2 ? std::atoi(argv[2]) : 1000;
  andon::Result<void> done = andon::lake::Run(folder, std::max(commits, 2));
  if (!done.ok()) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done.ok() ? 0 : 1;
}
