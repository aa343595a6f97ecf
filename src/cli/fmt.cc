#include <fmt/format.h>

#include <iostream>
#include <iterator>

#include "cli/command.h"
#include "hcl/format.h"
#include "hcl/parser.h"
#include "io/local_file_system.h"
#include "io/path.h"
#include "plan/diff.h"

namespace andon::cli {
namespace {

constexpr std::string_view kSuffixes[] = {".andon.hcl", ".andontest.hcl", ".tf", ".tfvars",
                                          ".tftest.hcl"};
// Terraform's: a file that cannot be parsed.
constexpr ExitCode kSyntax = ExitCode::kChanges;
// Terraform's: -check found something to do.
constexpr ExitCode kDiffers = ExitCode::kChecksFailed;

bool IsConfiguration(std::string_view name) {
  for (std::string_view suffix : kSuffixes) {
    if (name.ends_with(suffix)) return true;
  }
  return false;
}

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
      auto info = files_.Stat(path);
      if (!info.ok()) return context_.Fail(info.error());
      Result<void> done = info->is_dir ? Folder(path) : File(path);
      if (!done.ok()) return context_.Fail(done.error());
    }
    if (has_syntax_errors_) return kSyntax;
    return arguments_.Bool("check") && differs_ ? kDiffers : ExitCode::kDone;
  }

 private:
  Result<void> Folder(const std::string& dir) {
    auto entries = TRY(files_.List(dir));
    for (const io::FileInfo& entry : entries) {
      if (entry.name.starts_with('.')) continue;
      std::string path = io::Normalize(io::Join(dir, entry.name));
      if (entry.is_dir) {
        if (arguments_.Bool("recursive")) TRY(Folder(path));
      } else if (IsConfiguration(entry.name)) {
        TRY(File(path));
      }
    }
    return {};
  }

  // Nothing where the text cannot be parsed: it is reported, and left alone.
  std::optional<std::string> Formatted(const std::string& name, const std::string& text) {
    auto parsed = hcl::ParseFile(name, text);
    if (parsed.diagnostics.has_errors()) {
      context_.sources.Add(name, text);
      context_.Report(parsed.diagnostics);
      has_syntax_errors_ = true;
      return std::nullopt;
    }
    return hcl::Format(text, {.rewrite_legacy = true});
  }

  Result<void> File(const std::string& path) {
    std::string text = TRY(files_.Read(path));
    auto formatted = Formatted(path, text);
    if (!formatted || *formatted == text) return {};
    differs_ = true;
    if (arguments_.Bool("list", true)) context_.Line(path);
    if (arguments_.Bool("diff")) Diff(path, text, *formatted);
    if (writes_) TRY(files_.WriteAtomically(path, *formatted));
    return {};
  }

  void StandardInput() {
    std::string text((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
    auto formatted = Formatted("<stdin>", text);
    if (!formatted) return;
    differs_ |= *formatted != text;
    if (arguments_.Bool("diff")) return Diff("<stdin>", text, *formatted);
    if (!arguments_.Bool("check")) context_.Print(*formatted);
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
        "Rewrites *.tf, *.andon.hcl, *.andontest.hcl, *.tfvars and *.tftest.hcl files as "
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
