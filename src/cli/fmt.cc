#include <fmt/format.h>

#include <iostream>
#include <iterator>

#include "cli/command.h"
#include "cli/format_files.h"
#include "io/local_file_system.h"
#include "plan/diff.h"

namespace andon::cli {
namespace {

// Terraform's: a file that cannot be parsed.
constexpr ExitCode kSyntax = ExitCode::kChanges;
// Terraform's: -check found something to do.
constexpr ExitCode kDiffers = ExitCode::kChecksFailed;

class Formatter {
 public:
  Formatter(Context& context, const Arguments& arguments)
      : context_(context), arguments_(arguments) {
    writes_ = arguments.Bool("write", true) && !arguments.Bool("check");
  }

  ExitCode Run() {
    std::vector<std::string> paths = arguments_.positional;
    if (paths.empty()) paths.push_back(".");
    for (const std::string& path : paths) {
      if (path == "-") {
        StandardInput();
        continue;
      }
      auto done = Path(path);
      if (!done.ok()) return context_.Fail(done.error());
    }
    if (has_syntax_errors_) return kSyntax;
    return arguments_.Bool("check") && differs_ ? kDiffers : ExitCode::kDone;
  }

 private:
  Result<void> Path(const std::string& path) {
    Formatting found =
        TRY(FormatFiles(files_, {path}, arguments_.Bool("recursive"), &context_.sources));
    Report(found);
    for (const FormattedFile& file : found.files) {
      if (!file.differs()) continue;
      differs_ = true;
      if (arguments_.Bool("list", true)) context_.Line(file.path);
      if (arguments_.Bool("diff")) Diff(file.path, file.before, file.after);
      if (writes_) TRY(files_.WriteAtomically(file.path, file.after));
    }
    return {};
  }

  // What cannot be parsed is left alone.
  void Report(const Formatting& found) {
    context_.Report(found.diagnostics);
    has_syntax_errors_ |= found.diagnostics.has_errors();
  }

  void StandardInput() {
    const std::string text((std::istreambuf_iterator<char>(std::cin)),
                           std::istreambuf_iterator<char>());
    Formatting found;
    FormatText("<stdin>", text, &context_.sources, &found);
    Report(found);
    for (const FormattedFile& file : found.files) {
      differs_ |= file.differs();
      if (arguments_.Bool("diff")) return Diff("<stdin>", text, file.after);
      if (!arguments_.Bool("check")) context_.Print(file.after);
    }
  }

  void Diff(const std::string& name, const std::string& before, const std::string& after) {
    context_.Line(fmt::format("--- old/{}\n+++ new/{}", name, name));
    int64_t last = -2;
    for (const plan::LineChange& change : plan::DiffLines(before, after, 3)) {
      if (change.sign != '-' && change.line > last + 1)
        context_.Line(context_.Paint("cyan", fmt::format("@@ line {} @@", change.line)));
      if (change.sign != '-') last = change.line;
      std::string_view style = change.sign == '+' ? "green" : change.sign == '-' ? "red" : "";
      context_.Line(context_.Paint(style, fmt::format("{}{}", change.sign, change.text)));
    }
  }

  Context& context_;
  const Arguments& arguments_;
  io::LocalFileSystem files_;
  bool writes_ = true;
  bool differs_ = false;
  bool has_syntax_errors_ = false;
};

ExitCode Run(Context& context, const Arguments& arguments) {
  return Formatter(context, arguments).Run();
}

}  // namespace

extern const Command kFmt = {
    .name = "fmt",
    .group = Group::kWrite,
    .summary = "Bring files into the canonical format",
    .usage = "[FILE|FOLDER|-]...",
    .description =
        "Rewrites *.tf, *.tofu, *.tfvars, *.tftest.hcl, *.andon.hcl and *.andontest.hcl files as "
        "\"terraform fmt\" would, and prints the "
        "names of those that changed. \"-\" reads standard input and writes standard output. Exit "
        "code 3 with -check where a "
        "file is not in the format, 2 where one cannot be parsed.",
    .positional_min = 0,
    .positional_max = -1,
    .flags = {{"check", FlagKind::kBool, "",
               "Writes nothing; exit code 3 where something is to do."},
              {"diff", FlagKind::kBool, "", "Shows the differences."},
              {"recursive", FlagKind::kBool, "", "Folders below as well."},
              {"write", FlagKind::kBool, "", "-write=false: do not change files."},
              {"list", FlagKind::kBool, "", "-list=false: do not print names."}},
    .examples = {{"andon fmt", "Format the files of this folder."},
                 {"andon fmt -check -diff -recursive",
                  "For CI: show what is not in the format, and exit 3."}},
    .run = Run,
};

}  // namespace andon::cli
