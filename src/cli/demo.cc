// The example's story, told by this binary to itself: every step is a command
// that a user can type, run as a process of its own.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "ExampleFiles.h"
#include "base/text.h"
#include "cli/command.h"
#include "io/process.h"

namespace andon::cli {
namespace {

namespace fs = std::filesystem;

enum class StepKind { kSay, kCopy, kCommand };

struct Step {
  StepKind kind;
  std::string text;   // What is said; or the command; or the file to copy.
  std::string to;     // kCopy: where to.
  int exit_code = 0;  // kCommand: what a true story ends with.
};

Step Say(std::string text) { return {StepKind::kSay, std::move(text)}; }
Step Copy(std::string from, std::string to) {
  return {StepKind::kCopy, std::move(from), std::move(to)};
}
Step Do(std::string command, int exit_code = 0) {
  return {StepKind::kCommand, std::move(command), "", exit_code};
}

std::vector<Step> Story() {
  return {
      Say("A rental shop's data team declares what it has: sources, datasets, checks, a contract."),
      Do("plan"),
      Do("apply -auto-approve"),
      Do("plan"),
      Say("Load what was delivered (May to July), build the models, test, publish."),
      Do("run"),
      Say("August arrives, and it is not what it should be."),
      Copy("later/payment-2005-08-values.csv", "deliveries/payment-2005-08.csv"),
      Do("run", 3),
      Do("incident show 1"),
      Do("delivery list"),
      Do("data query 'select count(*) as rows, max(payment_date) as newest from payment'"),
      Say("Running again does not try the rejected file again."),
      Do("run", 3),
      Say("The corrected August arrives under the same name."),
      Copy("later/payment-2005-08.csv", "deliveries/payment-2005-08.csv"),
      Do("run"),
      Do("incident show 1"),
      Do("data log payment"),
      Do("data diff payment@1..@2"),
      Say("Now a fault in the code: a join that fans out doubles the revenue of one store."),
      Copy("models/daily_revenue.sql", "later/daily_revenue-before.sql"),
      Copy("later/daily_revenue.sql", "models/daily_revenue.sql"),
      Do("apply -auto-approve"),
      Do("run", 3),
      Do("incident why 2"),
      Do("release rollback 1 -auto-approve"),
      Copy("later/daily_revenue-before.sql", "models/daily_revenue.sql"),
      Do("run"),
      Do("board"),
  };
}

Result<void> WriteExample(const fs::path& dir) {
  std::error_code failed;
  for (const EmbeddedFile& file : ExampleFiles()) {
    fs::path path = dir / file.path;
    fs::create_directories(path.parent_path(), failed);
    if (failed)
      return Error::Io("Cannot make {}: {}", path.parent_path().string(), failed.message());
    std::ofstream out(path, std::ios::binary);
    out.write(file.content.data(), std::streamsize(file.content.size()));
    out.close();
    if (!out) return Error::Io("Cannot write {}: is the disk full?", path.string());
  }
  return {};
}

Result<int> RunStep(const Context& context, const fs::path& dir, const Step& step) {
  // The shell reads the quotes as it will when the reader types the line.
  io::Command command{.argv = {"/bin/sh", "-c", fmt::format("exec \"$ANDON\" {}", step.text)},
                      .cwd = dir.string()};
  command.env["ANDON"] = context.program;
  if (context.color) command.env["CLICOLOR_FORCE"] = "1";
  auto done =
      TRY(io::Run(command, {}, [&](bool, std::string_view bytes) { context.Print(bytes); }));
  return done.status.signal != 0 ? 128 + done.status.signal : done.status.code;
}

Result<ExitCode> Tell(Context& context, const fs::path& dir) {
  for (const Step& step : Story()) {
    switch (step.kind) {
      case StepKind::kSay:
        context.Line(context.Paint("bold", "\n# " + step.text));
        break;
      case StepKind::kCopy: {
        std::error_code failed;
        context.Line(fmt::format("{} cp {} {}", context.Paint("cyan", "$"), step.text, step.to));
        fs::copy_file(dir / step.text, dir / step.to, fs::copy_options::overwrite_existing, failed);
        if (failed) return Error::Io("Cannot copy {}: {}", step.text, failed.message());
        break;
      }
      case StepKind::kCommand: {
        context.Line(fmt::format("{} andon {}", context.Paint("cyan", "$"), step.text));
        int code = TRY(RunStep(context, dir, step));
        if (code != step.exit_code) {
          return Error::Invalid(
              "\"andon {}\" ended with exit code {}, not {}: the story is not true.", step.text,
              code, step.exit_code);
        }
        if (code != 0) context.Line(context.Paint("dim", fmt::format("(exit code {})", code)));
        break;
      }
    }
  }
  return ExitCode::kDone;
}

ExitCode RunDemo(Context& context, const Arguments& arguments) {
  std::error_code failed;
  fs::path dir = arguments.String("dir", "andon-demo");
  if (fs::exists(dir, failed) && !fs::is_empty(dir, failed)) {
    return context.Fail(Error::Invalid(
        "The folder \"{}\" is not empty. Remove it, or name another: andon demo -dir=NAME",
        dir.string()));
  }
  dir = fs::absolute(dir);
  Timestamp started = context.clock->Now();
  auto written = WriteExample(dir);
  if (!written.ok()) return context.Fail(written.error());
  auto told = Tell(context, dir);
  if (!told.ok()) return context.Fail(told.error());
  context.Line(
      fmt::format("\nThe story took {}. It lies in {}; every line above can be typed there.",
                  HumanDuration(context.clock->Now() - started), dir.string()));
  if (!arguments.Bool("serve", true)) return ExitCode::kDone;
  context.Line("The board is served until you press Ctrl-C:");
  std::string listen = "-listen=" + arguments.String("listen", "127.0.0.1:8420");
  execl(context.program.c_str(), "andon", "-C", dir.c_str(), "serve", listen.c_str(), nullptr);
  return context.Fail(Error::Io("Cannot start {}.", context.program));
}

}  // namespace

extern const Command kDemo = {
    .name = "demo",
    .group = Group::kHelp,
    .summary = "See the main job on the example, from this binary alone",
    .description =
        "Writes the DVD rental example into a new folder and tells its story there, each step a "
        "command that you can type yourself: plan, apply, run; a bad delivery that is stopped; its "
        "incident and its cause; the corrected delivery; a fault in the code and its rollback. "
        "Then "
        "serves the board. Exits with 1 where a step does not end as the story says.",
    .flags = {{"dir", FlagKind::kString, "DIR", "The folder to make; default andon-demo."},
              {"listen", FlagKind::kString, "ADDRESS",
               "Where the board is served; default 127.0.0.1:8420."},
              {"serve", FlagKind::kBool, "", "-serve=false: end after the story."}},
    .examples = {{"andon demo", "The story in ./andon-demo, then the board."},
                 {"andon demo -dir=/tmp/first -serve=false", "The story only."}},
    .run = RunDemo,
};

}  // namespace andon::cli
