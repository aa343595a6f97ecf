#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/json_strings.h"
#include "base/text.h"
#include "cli/infrastructure.h"
#include "cli/init_from.h"
#include "cli/init_infrastructure.h"
#include "cli/open_project.h"
#include "cli/planning.h"
#include "hcl/parser.h"
#include "io/local_file_system.h"
#include "io/path.h"

namespace andon::cli {
namespace {

constexpr const char* kSettingsFile = "project.andon.hcl";
constexpr const char* kIgnoreFile = ".gitignore";

// A project's name becomes a namespace of the catalog: letters, digits, - and _.
std::string ProjectName(const std::string& dir) {
  std::string name;
  for (char c : AsciiLower(io::Basename(dir))) {
    bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    name += is_plain ? c : '-';
  }
  bool is_name = !name.empty() && name.find_first_not_of('-') != std::string::npos;
  return is_name ? name : "project";
}

bool DeclaresSettings(const io::FileSystem& files) {
  auto entries = files.List(".");
  if (!entries.ok()) return false;
  for (const io::FileInfo& entry : *entries) {
    if (entry.is_dir || !entry.name.ends_with(".andon.hcl")) continue;
    auto text = files.Read(entry.name);
    if (!text.ok()) continue;
    auto parsed = hcl::ParseFile(entry.name, std::move(*text));
    for (const hcl::Block& block : parsed.file->body().blocks) {
      if (block.type == "andon") return true;
    }
  }
  return false;
}

// Adds the lines that are missing; true where something changed.
Result<bool> KeepOutOfGit(io::FileSystem& files) {
  std::string text = files.Read(kIgnoreFile).value_or("");
  std::vector<std::string> lines = Split(text, '\n');
  std::string added;
  for (const char* line : {".andon/", "lake/"}) {
    if (std::find(lines.begin(), lines.end(), line) == lines.end())
      added += std::string(line) + "\n";
  }
  if (added.empty()) return false;
  if (!text.empty() && !text.ends_with('\n')) text += '\n';
  TRY(files.WriteAtomically(kIgnoreFile, text + added));
  return true;
}

const std::vector<std::string> kTools = {"gx", "dbt", "odcs", "datacontract"};

Result<Imported> Import(Context& context, const Arguments& arguments, const std::string& tool) {
  std::string path = arguments.positional.empty() ? "." : arguments.positional[0];
  if (tool == "gx") return ImportGx(context, path);
  if (tool == "dbt") return ImportDbt(context, path);
  return ImportContracts(context, arguments, tool, path);
}

// Writes what is not there yet; names of files go to `done`.
Result<void> WriteImported(io::FileSystem& files, Imported& imported,
                           std::vector<std::string>* done) {
  for (const Imported::File& file : imported.files) {
    if (files.Exists(file.name)) {
      imported.left.push_back(file.name + ": it exists already, and stays as it is");
      continue;
    }
    TRY(files.Write(file.name, file.text));
    done->push_back(file.name);
  }
  return {};
}

// What was written must be a sound project, together with what stood there.
ExitCode Validate(Context& context, const Arguments& arguments) {
  builtin::ProjectFiles project = LoadProjectFiles(context, arguments, nullptr);
  context.Report(project.diagnostics);
  return project.diagnostics.has_errors() ? ExitCode::kError : ExitCode::kDone;
}

ExitCode Run(Context& context, const Arguments& arguments) {
  io::LocalFileSystem files;
  if (!arguments.Has("from") && !DeclaresSettings(files) && HasInfrastructure(context))
    return InitInfrastructure(context, arguments);
  std::vector<std::string> done;
  std::string tool = arguments.String("from");
  std::optional<Imported> imported;
  if (arguments.Has("from")) {
    if (std::find(kTools.begin(), kTools.end(), tool) == kTools.end()) {
      std::string meant = DidYouMean(tool, kTools);
      return context.Fail(
          Error::Invalid("-from takes {}, not \"{}\"{}", Join(kTools, ", "), tool,
                         meant.empty() ? "." : ": did you mean \"" + meant + "\"?"));
    }
    auto read = Import(context, arguments, tool);
    if (!read.ok()) return context.Fail(read.error());
    imported = std::move(*read);
  } else if (!arguments.positional.empty()) {
    return context.Fail(
        Error::Invalid("A folder is only named with -from; -C DIR sets up another "
                       "one."));
  }
  if (!DeclaresSettings(files)) {
    std::string text = fmt::format(
        "# Settings of the project. \"andon explain andon\" says what else there is.\n"
        "andon {{\n  project = \"{}\"\n  lake    = \"./lake\"\n}}\n",
        ProjectName(context.project_dir));
    auto written = files.Write(kSettingsFile, text);
    if (!written.ok()) return context.Fail(written.error());
    done.push_back(kSettingsFile);
  }
  auto ignored = KeepOutOfGit(files);
  if (!ignored.ok()) return context.Fail(ignored.error());
  if (*ignored) done.push_back(kIgnoreFile);
  bool is_new = !files.Exists(DatabasePath(context));
  auto db = OpenDatabase(context, true);
  if (!db.ok()) return context.Fail(db.error());
  if (is_new) done.push_back(".andon/");
  if (imported) {
    auto written = WriteImported(files, *imported, &done);
    if (!written.ok()) return context.Fail(written.error());
  }
  if (context.json) {
    Json event = Json::Object({{"type", "init"}, {"created", Strings(done)}});
    if (imported) event.Set("left", Strings(imported->left));
    context.Event(event);
    if (imported) return Validate(context, arguments);
    return HasInfrastructure(context) ? InitInfrastructure(context, arguments) : ExitCode::kDone;
  }
  if (done.empty()) {
    context.Line("The project is set up already. Nothing was changed.");
  } else {
    context.Line(fmt::format("{} Wrote {}.", context.Paint("green", "The project is set up."),
                             Join(done, ", ")));
  }
  if (imported) {
    for (const std::string& left : imported->left)
      context.Line(fmt::format("{} {}", context.Paint("yellow", "not carried over:"), left));
    ExitCode code = Validate(context, arguments);
    if (code == ExitCode::kDone && !context.quiet)
      context.Line("The project is valid. Next: andon plan.");
    return code;
  }
  // Beside data blocks: what the infrastructure needs as well.
  if (HasInfrastructure(context)) return InitInfrastructure(context, arguments);
  if (!context.quiet)
    context.Line(
        "Next: andon new dataset NAME -from FILE.csv, or write a *.andon.hcl file; then andon "
        "apply.");
  return ExitCode::kDone;
}

}  // namespace

extern const Command kInit = {
    .name = "init",
    .group = Group::kStart,
    .summary = "Set up a project in this folder",
    .usage = "[-from=TOOL [FOLDER]]",
    .description =
        "Writes project.andon.hcl with the project's settings, keeps .andon/ and lake/ out of git, "
        "and creates the control "
        "database. What exists stays as it is, so it can be run again at any time. With -from what "
        "another tool "
        "has is brought along: gx (a project of Great Expectations: sources, suites, checkpoints), "
        "dbt (a dbt project and its owners), odcs or datacontract (contracts, a file or a folder). "
        "No file is written over; what cannot be carried over is told, with the reason. In a "
        "folder "
        "of infrastructure it brings modules below .terraform/modules and "
        "providers below .terraform/providers, from registries or as the CLI configuration says, "
        "writes .terraform.lock.hcl, and sees to the backend that keeps the state.",
    .positional_max = 1,
    .flags = WithVariableFlags(WithBackendFlags(
        WithInitFlags({{"from", FlagKind::kString, "TOOL", "gx, dbt, odcs or datacontract."}}))),
    .examples = {{"andon init", "Set up this folder."},
                 {"andon -C shop init", "Set up another one."},
                 {"andon init -from=gx ../quality",
                  "Bring along a project of Great Expectations."}},
    .run = Run,
};

}  // namespace andon::cli
