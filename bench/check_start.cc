// links: andon_sql andon_io
//
// What `andon check` costs before it reads the first row of a small file: the time until the engine
// opens the file, and the memory it has then; CSV, JSON lines and Parquet. Beside it the least that
// a program on the same engine can do (this one, which opens DuckDB and reads the same file), and
// with PEER="command" whatever that command does with the file's name behind it.
//
//   ANDON=… bench_check_start [RUNS]      default 11; goal: at work within 20 ms and 30 MB
//
// Of the memory the anonymous part is the process's own; the rest are pages of the program and its
// libraries, which all that run it share.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/text.h"
#include "measure.h"
#include "sql/engine.h"

namespace andon {
namespace {

namespace fs = std::filesystem;

constexpr double kGoalMs = 20, kGoalMb = 30;

// How a file is read, as SQL; the columns are found out as `andon check` does it.
std::string ReadSql(const std::string& file) {
  const std::string name = sql::QuoteLiteral(file);
  if (file.ends_with(".csv")) return "SELECT count(*) FROM read_csv(" + name + ")";
  if (file.ends_with(".parquet")) return "SELECT count(*) FROM read_parquet(" + name + ")";
  return "SELECT count(*) FROM read_json(" + name + ")";
}

int Floor(const std::string& file) {
  auto engine = sql::Engine::Open({});
  if (!engine.ok()) Fail(engine.error().message);
  auto connection = engine->Connect();
  if (!connection.ok()) Fail(connection.error().message);
  auto rows = connection->Query(ReadSql(file));
  if (!rows.ok()) Fail(rows.error().message);
  return 0;
}

struct Measured {
  double at_work_ms = 0;
  double at_work_mb = 0;
  double own_mb = 0;  // Of it, what is nobody else's.
  double peak_mb = 0;
};

double Kilobytes(const std::string& text, const std::string& name) {
  size_t at = text.find("\n" + name + ":");
  return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}

// `opened`: at which opening of the file the engine has it; `andon check` looks at the first bytes
// before.
Measured RunOnce(const std::vector<std::string>& argv, const std::string& file, int opened) {
  int watch = inotify_init1(IN_CLOEXEC);
  if (watch < 0 || inotify_add_watch(watch, file.c_str(), IN_OPEN) < 0) Fail("no inotify");
  const auto start = std::chrono::steady_clock::now();
  pid_t child = fork();
  if (child == 0) {
    std::vector<char*> arguments;
    for (const std::string& argument : argv)
      arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  Measured measured;
  alignas(inotify_event) char events[4096];
  for (int seen = 0; seen < opened;) {
    pollfd wait{.fd = watch, .events = POLLIN, .revents = 0};
    if (poll(&wait, 1, 30'000) <= 0) Fail(argv[0] + " does not open " + file);
    ssize_t n = read(watch, events, sizeof events);
    for (ssize_t at = 0; at < n;) {
      auto* event = reinterpret_cast<inotify_event*>(events + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      seen++;
    }
  }
  measured.at_work_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  kill(child, SIGSTOP);
  std::ifstream rollup(fmt::format("/proc/{}/smaps_rollup", child));
  const std::string text{std::istreambuf_iterator<char>(rollup), {}};
  measured.at_work_mb = Kilobytes(text, "Rss") / 1024;
  measured.own_mb = Kilobytes(text, "Anonymous") / 1024;
  kill(child, SIGCONT);
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  close(watch);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) Fail(Join(argv, " ") + " failed");
  measured.peak_mb = double(usage.ru_maxrss) / 1024;
  return measured;
}

double Median(const std::vector<Measured>& all, double Measured::* what) {
  std::vector<double> values;
  for (const Measured& one : all) values.push_back(one.*what);
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void Print(const std::string& says, const std::vector<Measured>& all) {
  fmt::print(
      "{:<24} at work after {:6.1f} ms with {:5.1f} MB, {:4.1f} of them its own; at most {:5.1f} "
      "MB\n",
      says, Median(all, &Measured::at_work_ms), Median(all, &Measured::at_work_mb),
      Median(all, &Measured::own_mb), Median(all, &Measured::peak_mb));
}

void Write(const fs::path& dir) {
  std::ofstream(dir / "payment.csv") << "id,amount\n1,2.5\n2,3\n3,4\n";
  std::ofstream(dir / "payment.jsonl") << R"({"id": 1, "amount": 2.5})" << "\n"
                                       << R"({"id": 2, "amount": 3})" << "\n";
  std::ofstream(dir / "suite.json") << R"({"expectations": [
  {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "id"}},
  {"type": "expect_column_values_to_be_between", "kwargs": {"column": "amount", "min_value": 0}}]})";
  auto engine = sql::Engine::Open({});
  auto connection = engine->Connect();
  auto made =
      connection->Execute(fmt::format("COPY (SELECT 1 AS id, 2.5 AS amount) TO {} (FORMAT parquet)",
                                      sql::QuoteLiteral((dir / "payment.parquet").string())));
  if (!made.ok()) Fail(made.error().message);
}

int Compare(int runs) {
  const char* andon = std::getenv("ANDON");
  if (andon == nullptr) Fail("ANDON must name the binary.");
  const char* peer = std::getenv("PEER");
  const fs::path dir = fs::temp_directory_path() / fmt::format("andon-check-start-{}", getpid());
  fs::create_directories(dir);
  Write(dir);
  bool is_reached = true;
  for (const char* name : {"payment.csv", "payment.jsonl", "payment.parquet"}) {
    const std::string file = (dir / name).string();
    std::vector<Measured> ours, floor, peers;
    for (int run = 0; run < runs; run++) {
      ours.push_back(RunOnce(
          {andon, "check", "-suite", (dir / "suite.json").string(), "-data", file}, file, 2));
      floor.push_back(RunOnce({"/proc/self/exe", "--floor", file}, file, 1));
      if (peer && run < 3)
        peers.push_back(RunOnce({"sh", "-c", std::string(peer) + " \"$0\"", file}, file, 1));
    }
    Print(std::string("andon ") + name, ours);
    Print("  the engine alone", floor);
    if (peer) Print("  peer", peers);
    is_reached = is_reached && Median(ours, &Measured::at_work_ms) <= kGoalMs &&
                 Median(ours, &Measured::at_work_mb) <= kGoalMb;
  }
  fs::remove_all(dir);
  fmt::print("check_start: {} (goal {} ms and {} MB)\n", is_reached ? "reached" : "not reached",
             kGoalMs, kGoalMb);
  return is_reached ? 0 : 1;
}

}  // namespace
}  // namespace andon

int main(int argc, char** argv) {
  if (argc > 2 && std::string(argv[1]) == "--floor") return andon::Floor(argv[2]);
  int runs = argc > 1 ? std::atoi(argv[1]) : 11;
  if (runs <= 0) andon::Fail("usage: check_start [RUNS]");
  return andon::Compare(runs);
}
