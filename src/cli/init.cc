#include <fmt/format.h>

#include "base/text.h"
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

ExitCode Run(Context& context, const Arguments&) {
  io::LocalFileSystem files;
  std::vector<std::string> done;
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
  if (context.json) {
    Json created = Json::List();
    for (const std::string& name : done) created.Push(name);
    context.Event(Json::Object({{"type", "init"}, {"created", std::move(created)}}));
    return ExitCode::kDone;
  }
  if (done.empty()) {
    context.Line("The project is set up already. Nothing was changed.");
  } else {
    context.Line(fmt::format("{} Wrote {}.", context.Paint("green", "The project is set up."),
                             Join(done, ", ")));
  }
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
    .usage = "",
    .description =
        "Writes project.andon.hcl with the project's settings, keeps .andon/ and lake/ out of git, "
        "and creates the control "
        "database. What exists stays as it is, so it can be run again at any time.",
    .examples = {{"andon init", "Set up this folder."},
                 {"andon -C shop init", "Set up another one."}},
    .run = Run,
};

}  // namespace andon::cli
