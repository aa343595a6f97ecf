#include <cstdio>
#include <mutex>
#include <string>

#include "cli/command.h"
#include "line/work.h"

namespace andon::cli {
namespace {

ExitCode RunWorker(Context&, const Arguments&) {
  std::string input;
  char buffer[1 << 16];
  for (size_t n; (n = std::fread(buffer, 1, sizeof buffer, stdin)) > 0;) input.append(buffer, n);
  std::mutex mutex;  // Progress comes from another thread than the answer.
  return static_cast<ExitCode>(line::WorkerMain(input, [&](const Json& json) {
    std::string text = json.Dump() + "\n";
    std::lock_guard lock(mutex);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }));
}

}  // namespace

extern const Command kWorker = {
    .name = "worker",
    .group = Group::kHidden,
    .summary = "Do one task that is given on standard input",
    .description =
        "Started by \"andon run\": reads a task as JSON, writes data files, and prints the "
        "answer. It never opens the control database.",
    .run = RunWorker,
};

}  // namespace andon::cli
