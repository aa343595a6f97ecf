// links: andon_lake andon_iceberg andon_store andon_io andon_sql andon_base
//
// A CSV into an Iceberg table against DuckDB's own COPY of the same CSV to Parquet
// (zstd). Both read with the same declared columns, alternated; the median ratio of
// wall times is printed. Ours is the whole load: branch, statistics, fsync, publish.
//
//   bench_ingest_csv [FOLDER] [ROWS] [ROUNDS]

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
#include "measure.h"

namespace andon::lake {
namespace {

double SecondsSince(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::string ReadCsv(const std::string& path) {
  return fmt::format(
      "SELECT * FROM read_csv({}, header = true, auto_detect = false, delim = ',', quote = '\"', "
      "columns = {{'id': 'BIGINT', 'ts': 'TIMESTAMP', 'customer': 'INTEGER', 'amount': "
      "'DECIMAL(9,2)', 'currency': 'VARCHAR', 'status': 'VARCHAR', 'ref': 'VARCHAR', 'merchant': "
      "'VARCHAR'}})",
      sql::QuoteLiteral(path));
}

Result<void> MakeCsv(sql::Connection& connection, const std::string& path, int64_t rows) {
  return connection.Execute(fmt::format(
      "COPY (SELECT i AS id, TIMESTAMP '2024-01-01' + INTERVAL (i) SECOND AS ts, i % 50000 AS "
      "customer, ((i * 7919) % 100000 / 100)::DECIMAL(9,2) AS amount, 'EUR' AS currency, CASE WHEN "
      "i % 3 = 0 THEN 'ok' ELSE 'pending' END AS status, md5(i::VARCHAR) AS ref, 'm' || (i % 1000) "
      "AS merchant FROM range({}) t(i)) TO {} (FORMAT csv, HEADER)",
      rows, sql::QuoteLiteral(path)));
}

Result<double> Ours(sql::Connection& connection, store::Database& database, const Lake& lake,
                    const std::string& query, int round) {
  std::string table = fmt::format("ingest_{}", round);
  TableDefinition definition;
  for (const sql::ResultColumn& column : TRY(connection.Describe(query))) {
    iceberg::Field field;
    field.name = column.name;
    field.type = TRY(IcebergType(column.type));
    definition.columns.push_back(std::move(field));
  }
  auto start = std::chrono::steady_clock::now();
  TRY(OpenOrCreateTable(database, lake, table, definition));
  LoadRequest request;
  request.query = query;
  request.branch = "run-1";
  TRY(Load(database, connection, lake, table, request));
  Publication publication = TRY(PreparePublish(database, lake, {{table, "run-1"}}));
  TRY(database.Write(
      [&](store::Transaction& tx) { return CommitPublish(tx, lake, publication, {}); }));
  double seconds = SecondsSince(start);
  TRY(lake.files->RemoveAll(lake.TableLocation(table)));
  return seconds;
}

Result<double> Theirs(sql::Connection& connection, const std::string& query,
                      const std::string& target) {
  auto start = std::chrono::steady_clock::now();
  TRY(connection.Execute(fmt::format("COPY ({}) TO {} (FORMAT parquet, COMPRESSION zstd)", query,
                                     sql::QuoteLiteral(target))));
  double seconds = SecondsSince(start);
  std::filesystem::remove(target);
  return seconds;
}

Result<void> Run(const std::string& folder, int64_t rows, int rounds) {
  std::filesystem::path dir = std::filesystem::path(folder) / ("andon-bench-" + RandomUuid());
  io::LocalFileSystem files;
  SystemClock clock;
  auto database = TRY(store::OpenSqlite((dir / "andon.db").string(), {.create = true}));
  Lake lake{(dir / "lake").string(), "bench", &files, &clock};
  sql::EngineOptions options;
  options.temp_directory = (dir / "tmp").string();
  sql::Engine engine = TRY(sql::Engine::Open(options));
  sql::Connection connection = TRY(engine.Connect());
  std::string csv = (dir / "input.csv").string();
  TRY(MakeCsv(connection, csv, rows));
  std::string query = ReadCsv(csv);
  std::vector<double> ours;
  std::vector<double> theirs;
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    double their = TRY(Theirs(connection, query, (dir / "plain.parquet").string()));
    double our = TRY(Ours(connection, *database, lake, query, round));
    theirs.push_back(their);
    ours.push_back(our);
    ratios.push_back(our / their);
    std::printf("round %d: duckdb copy %.2f s, andon ingest %.2f s, ratio %.2f\n", round + 1, their,
                our, our / their);
  }
  std::printf("median of %d, %lld rows: duckdb copy %.2f s, andon ingest %.2f s, ratio %.2f\n",
              rounds, static_cast<long long>(rows), Median(theirs), Median(ours), Median(ratios));
  std::filesystem::remove_all(dir);
  return {};
}

}  // namespace
}  // namespace andon::lake

int main(int argc, char** argv) {
  std::string folder = argc > 1 ? argv[1] : ".";
  int64_t rows = argc > 2 ? std::atoll(argv[2]) : 10'000'000;
  int rounds = argc > 3 ? std::atoi(argv[3]) : 5;
  andon::Result<void> done = andon::lake::Run(folder, rows, std::max(rounds, 1));
  if (!done.ok()) std::fprintf(stderr, "%s\n", done.error().message.c_str());
  return done.ok() ? 0 : 1;
}
