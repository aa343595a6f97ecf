#include <pthread.h>
#include <csignal>
#include <cstdio>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/incident_text.h"
#include "cli/open_project.h"
#include "cli/planning.h"
#include "io/local_file_system.h"
#include "server/service.h"

namespace andon::cli {
namespace {

constexpr size_t kTokenMin = 16;  // Shorter ones can be guessed.

Result<std::string> ReadToken(const std::string& path) {
  if (path.empty()) return std::string();
  std::string text = TRY(io::LocalFileSystem().Read(path));
  std::string token(Trim(text));
  if (token.size() < kTokenMin)
    return Error::Invalid("The token in {} is shorter than {} characters", path, kTokenMin);
  return token;
}

ExitCode RunServe(Context& context, const Arguments& arguments) {
  // Before any thread starts, so that all of them leave the signals to the wait below.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  auto db = OpenDatabase(context, false);
  if (!db.ok()) return context.Fail(db.error());
  // Its schedules count from now on; later ones are finished by the run that they start.
  if (auto done = ReconcileRelease(context, **db); !done.ok()) return context.Fail(done.error());
  auto listen = server::ParseListen(arguments.String("listen", "127.0.0.1:8420"));
  if (!listen.ok()) return context.Fail(listen.error());
  auto token = ReadToken(arguments.String("token-file"));
  if (!token.ok()) return context.Fail(token.error());
  server::ServiceOptions options{.address = listen->first,
                                 .port = listen->second,
                                 .certificate_file = arguments.String("tls-cert"),
                                 .key_file = arguments.String("tls-key"),
                                 .token = *token,
                                 .project_dir = context.project_dir,
                                 .database_file = DatabasePath(context),
                                 .program = context.program,
                                 .runs_schedules = arguments.Bool("schedules", true)};
  options.on_run = [&](const server::ScheduledRun& run) {
    context.Event(Json::Object({{"type", "scheduled_run"},
                                {"address", run.address},
                                {"exit_code", run.exit_code},
                                {"message", run.message}}));
    if (context.json) return;
    context.Note(fmt::format("{}  {}: run ended with exit code {}{}",
                             ShortTime(context.clock->Now()), run.address, run.exit_code,
                             run.message.empty() ? "" : ": " + run.message));
  };
  options.on_problem = [&](const std::string& problem) { context.Note("warning: " + problem); };
  auto service = server::Service::Start(**db, *context.clock, options);
  if (!service.ok()) return context.Fail(service.error());
  context.Event(Json::Object({{"type", "serving"}, {"url", (*service)->url()}}));
  if (!context.json)
    context.Line(fmt::format("The board is at {}  (Ctrl-C ends it)", (*service)->url()));
  std::fflush(stdout);

  int signal = 0;
  sigwait(&signals, &signal);
  service->reset();
  if (!context.json && !context.quiet) context.Line("Stopped.");
  return ExitCode::kDone;
}

}  // namespace

extern const Command kServe = {
    .name = "serve",
    .group = Group::kServe,
    .summary = "Serve the board, run what is due, send notifications",
    .usage = "",
    .description =
        "Pages, a JSON interface (/api/v1/board, …), events, Prometheus metrics (/metrics). While "
        "it serves, it runs what "
        "pipelines and datasets have schedules for, and each dataset to which another tool wrote, "
        "watches freshness, and sends what waits in the "
        "outbox. Without it "
        "nothing is lost: \"andon run\" does the same when it is called.\n\n"
        "It listens on this machine only, unless it has TLS and a token. Reading needs no token "
        "here; changes always do "
        "(Authorization: Bearer TOKEN).",
    .flags = {{"listen", FlagKind::kString, "ADDRESS",
               "Default 127.0.0.1:8420; port 0: any free one."},
              {"tls-cert", FlagKind::kString, "FILE", "Certificate with its chain, PEM."},
              {"tls-key", FlagKind::kString, "FILE", "Its private key, PEM."},
              {"token-file", FlagKind::kString, "FILE",
               "Holds the token that changes, and readers elsewhere, must show."},
              {"schedules", FlagKind::kBool, "", "-schedules=false: serve pages only."}},
    .examples = {{"andon serve", "On http://127.0.0.1:8420/."},
                 {"andon serve -listen=127.0.0.1:0", "On a free port, which is printed."},
                 {"andon serve -listen=0.0.0.0:8443 -tls-cert=server.pem -tls-key=server.key "
                  "-token-file=token",
                  "For others."}},
    .run = RunServe,
};

}  // namespace andon::cli
