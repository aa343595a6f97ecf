#include "cli/infrastructure_tests.h"

#include <fmt/format.h>

#include "builtin/language.h"
#include "cli/infrastructure.h"
#include "cli/planning.h"
#include "cli/stop_on_signal.h"
#include "config/codes.h"
#include "functions/registry.h"
#include "infratext/events_json.h"
#include "infratext/plan_json.h"
#include "infratext/render.h"
#include "infratext/state_json.h"
#include "infratext/state_text.h"
#include "io/path.h"
#include "state/file.h"

namespace andon::cli {
namespace {

using infratest::Event;
using infratest::Status;

constexpr char kErroredState[] = "errored_test.tfstate";

// A run either passes or not: what is wrong is told below it.
std::string_view WordOf(Status status) {
  return status == Status::kError ? "fail" : infratest::ToString(status);
}

std::string Painted(const Context& context, Status status) {
  std::string_view style = status == Status::kPass   ? "green"
                           : status >= Status::kFail ? "red"
                                                     : "dim";
  return context.Paint(style, WordOf(status));
}

std::vector<std::string> LeftIn(const state::State& state) {
  std::vector<std::string> out;
  for (const auto& [address, resource] : state.resources) {
    if (address.is_data) continue;
    for (const auto& [key, instance] : resource.instances) {
      std::string at = ToString(address.WithKey(key));
      if (instance.current != nullptr) out.push_back(at);
      for (const auto& [deposed, object] : instance.deposed)
        out.push_back(fmt::format("{} ({})", at, deposed));
    }
  }
  return out;
}

// What happens, as lines.
class Lines {
 public:
  Lines(Context& context, const Arguments& arguments)
      : context_(context), arguments_(arguments), is_verbose_(arguments.Bool("verbose")) {}

  void Tell(const Event& event) {
    const std::string& name = event.file.name;
    switch (event.kind) {
      case Event::Kind::kFileBegins:
        context_.Line(name + "... in progress");
        break;
      case Event::Kind::kRunBegins:
        break;
      case Event::Kind::kRunEnds:
        context_.Line(
            fmt::format("  run \"{}\"... {}", event.run->name, Painted(context_, event.status)));
        if (is_verbose_) Show(event);
        break;
      case Event::Kind::kTearsDown:
        context_.Line(name + "... tearing down");
        break;
      case Event::Kind::kRunTearsDown:
        TellLeft(event);
        return;
      case Event::Kind::kFileEnds:
        context_.Line(fmt::format("{}... {}", name, Painted(context_, event.status)));
        break;
    }
    if (event.diagnostics != nullptr) context_.Report(*event.diagnostics);
  }

 private:
  void Show(const Event& event) {
    infratext::RenderOptions options = TextOptionsOf(context_, arguments_);
    if (event.plan != nullptr) context_.Print(infratext::RenderPlan(*event.plan, options) + "\n");
    if (event.state != nullptr)
      context_.Print(infratext::RenderState(*event.state, SchemasOf(*event.pool), options) + "\n");
  }

  void TellLeft(const Event& event) {
    std::string at = fmt::format("{}/{}", event.file.name, event.run->name);
    if (event.diagnostics->has_errors())
      context_.Note(fmt::format(
          "Andon encountered an error destroying resources created while executing {}.\n", at));
    context_.Report(*event.diagnostics);
    std::vector<std::string> left = LeftIn(*event.state);
    if (left.empty()) return;
    std::string text = fmt::format(
        "\nAndon left the following resources in state after executing {}, and they need to be "
        "cleaned up manually; the state that names them is written to {}:",
        at, kErroredState);
    for (const std::string& one : left) text += "\n  - " + one;
    context_.Note(text);
  }

  Context& context_;
  const Arguments& arguments_;
  const bool is_verbose_;
};

// The same as events: Terraform's, with its names.
class Events {
 public:
  Events(Context& context, const Arguments& arguments)
      : context_(context), is_verbose_(arguments.Bool("verbose")) {}

  void Tell(const Event& event) {
    switch (event.kind) {
      case Event::Kind::kFileBegins:
        TellFile(event, "in progress", "starting");
        break;
      case Event::Kind::kRunBegins:
        TellRun(event, "in progress", "starting");
        break;
      case Event::Kind::kRunEnds:
        TellRun(event, WordOf(event.status), "complete");
        if (is_verbose_) Show(event);
        break;
      case Event::Kind::kTearsDown:
        TellFile(event, "tearing down", "teardown");
        break;
      case Event::Kind::kRunTearsDown:
        TellRun(event, "tearing down", "teardown");
        TellLeft(event);
        break;
      case Event::Kind::kFileEnds:
        TellFile(event, WordOf(event.status), "complete");
        break;
    }
    if (event.diagnostics == nullptr) return;
    for (const Diagnostic& d : *event.diagnostics)
      Print(infratext::DiagnosticEvent(kSpeaker, context_.clock->Now(), d, context_.sources),
            event);
  }

 private:
  static inline const infratext::Speaker kSpeaker{.version = ANDON_VERSION};

  void Print(Json json, const Event& event) {
    json.Set("@testfile", event.file.name);
    if (event.run != nullptr) json.Set("@testrun", event.run->name);
    context_.Event(json);
  }

  void PrintNew(std::string message, std::string_view type, Json content, const Event& event,
                std::string_view level = "info") {
    Print(Json::Object({{"@level", level},
                        {"@message", std::move(message)},
                        {"@module", kSpeaker.module},
                        {"type", type},
                        {std::string(type), std::move(content)}}),
          event);
  }

  void TellFile(const Event& event, std::string_view says, std::string_view progress) {
    Json file = Json::Object({{"path", event.file.name}, {"progress", progress}});
    if (progress == "complete") file.Set("status", infratest::ToString(event.status));
    PrintNew(fmt::format("{}... {}", event.file.name, says), "test_file", std::move(file), event);
  }

  void TellRun(const Event& event, std::string_view says, std::string_view progress) {
    Json run =
        Json::Object({{"path", event.file.name}, {"run", event.run->name}, {"progress", progress}});
    if (progress == "complete") run.Set("status", infratest::ToString(event.status));
    PrintNew(fmt::format("  \"{}\"... {}", event.run->name, says), "test_run", std::move(run),
             event);
  }

  void Show(const Event& event) {
    if (event.plan != nullptr) {
      auto plan =
          Json::Parse(infratext::PlanJson(*event.plan, kLanguageVersion, SchemasOf(*event.pool)));
      if (plan.ok())
        PrintNew("-verbose flag enabled, printing plan", "test_plan", std::move(*plan), event);
    }
    if (event.state != nullptr) {
      auto state = Json::Parse(infratext::StateJson(*event.state, SchemasOf(*event.pool)));
      if (state.ok())
        PrintNew("-verbose flag enabled, printing state", "test_state", std::move(*state), event);
    }
  }

  void TellLeft(const Event& event) {
    std::vector<std::string> left = LeftIn(*event.state);
    if (left.empty()) return;
    Json failed = Json::List();
    for (const std::string& one : left) {
      size_t deposed = one.find(" (");
      Json resource = Json::Object({{"instance", one.substr(0, deposed)}});
      if (deposed != std::string::npos)
        resource.Set("deposed_key", one.substr(deposed + 2, one.size() - deposed - 3));
      failed.Push(std::move(resource));
    }
    PrintNew(fmt::format("Andon left some resources in state after executing {}/{}; the state "
                         "that names them is written to {}, and they need to be cleaned up "
                         "manually:",
                         event.file.name, event.run->name, kErroredState),
             "test_cleanup", Json::Object({{"failed_resources", std::move(failed)}}), event,
             "error");
  }

  Context& context_;
  const bool is_verbose_;
};

// The files of values that every module under test may be given: the folder's own, then those of
// the folder of tests.
std::vector<std::string> ValueFiles(const io::FileSystem& files, const std::string& folder) {
  std::vector<std::string> out;
  for (const std::string& dir : {std::string("."), io::Normalize(folder)}) {
    auto entries = files.List(dir);
    if (!entries.ok() || (dir == "." && !out.empty())) continue;
    for (const char* name : {"terraform.tfvars", "terraform.tfvars.json"}) {
      if (files.Exists(io::Join(dir, name))) out.push_back(io::Normalize(io::Join(dir, name)));
    }
    for (const io::FileInfo& entry : *entries) {
      bool is_auto =
          entry.name.ends_with(".auto.tfvars") || entry.name.ends_with(".auto.tfvars.json");
      if (is_auto && !entry.is_dir) out.push_back(io::Normalize(io::Join(dir, entry.name)));
    }
  }
  return out;
}

}  // namespace

std::vector<infratest::TestFile> FindInfrastructureTests(const Arguments& arguments) {
  io::LocalFileSystem files;
  std::vector<infratest::TestFile> out;
  std::string folder = arguments.String("test-directory", config::kTestFolder);
  for (std::string& name : infratest::FindTestFiles(files, ".", folder)) {
    auto text = files.Read(name);
    if (text.ok()) {
      out.push_back(infratest::ReadTestFile(std::move(name), std::move(*text)));
      continue;
    }
    infratest::TestFile unreadable = infratest::ReadTestFile(std::move(name), "");
    config::Report(&unreadable.diagnostics, config::kUnreadableFile, text.error().message, {});
    out.push_back(std::move(unreadable));
  }
  return out;
}

bool IsFileMeant(const infratest::TestFile& file, const std::string& word) {
  return file.name == io::Normalize(word) || io::Basename(file.name) == word;
}

Result<infratest::Totals> RunInfrastructureTests(Context& context, const Arguments& arguments,
                                                 const std::vector<infratest::TestFile>& tests) {
  io::LocalFileSystem files;
  std::string workspace = SelectedWorkspace();
  auto root = std::make_unique<config::Module>(config::Load(files, ".", builtin::DataLanguage()));
  config::VariableInput input = VariablesOf(arguments);
  auto values = config::ReadVariables(files, *root, input).values;
  config::ModuleTree tree = config::LoadModuleTree(
      files, std::move(root), {.variables = std::move(values), .workspace = workspace});
  context.sources = tree.root->module->sources;
  Diagnostics found = std::move(tree.diagnostics);
  for (const infratest::TestFile& test : tests) {
    context.sources.Add(test.name, test.source->text());
    found.Append(test.diagnostics);
  }
  context.Report(found);
  if (found.has_errors())
    return Error::Invalid("Nothing was tested: the files have mistakes, which are told above.");
  auto functions =
      functions::MakeTable({.base_dir = ".", .clock = context.clock, .only_repeatable = true});
  std::vector<std::pair<std::string, std::string>> flags;
  std::string folder = arguments.String("test-directory", config::kTestFolder);
  for (std::string& name : ValueFiles(files, folder)) flags.emplace_back("var-file", name);
  input.flags.insert(input.flags.begin(), flags.begin(), flags.end());
  StopOnSignal stop;
  Executor executor(
      static_cast<int>(std::clamp<int64_t>(arguments.Integer("parallelism", 10), 1, 256)));
  auto source = InstalledProviders(context);
  Lines lines(context, arguments);
  Events events(context, arguments);
  infratest::Suite suite{.tree = &tree,
                         .language = &builtin::DataLanguage(),
                         .providers = source.get(),
                         .executor = &executor,
                         .parallel = executor.threads(),
                         .variables = {&files, &functions, std::move(input)},
                         .workspace = workspace,
                         .cwd = context.project_dir,
                         .language_version = kLanguageVersion,
                         .stop = stop.token()};
  Result<void> kept;
  suite.listener = [&](const Event& event) {
    if (event.kind == Event::Kind::kRunTearsDown && !LeftIn(*event.state).empty()) {
      auto text = state::WriteState(*event.state);
      kept = text.ok() ? files.WriteAtomically(kErroredState, *text)
                       : Result<void>(std::move(text).error());
    }
    if (context.json) return events.Tell(event);
    if (!context.quiet) lines.Tell(event);
  };
  infratest::Totals totals = infratest::RunTests(suite, tests);
  if (!kept.ok())
    context.Report([&] {
      Diagnostics d;
      config::Report(&d, config::kUnreadableFile, kept.error().message, {});
      return d;
    }());
  return totals;
}

}  // namespace andon::cli
