#include "cli/format_files.h"

#include "config/terraform/files.h"
#include "hcl/format.h"
#include "hcl/parser.h"
#include "io/path.h"

namespace andon::cli {
namespace {

constexpr std::string_view kSuffixes[] = {".andon.hcl", ".andontest.hcl", ".tf",          ".tofu",
                                          ".tfvars",    ".tftest.hcl",    ".tofutest.hcl"};

bool IsConfiguration(std::string_view name) {
  for (std::string_view suffix : kSuffixes) {
    if (name.ends_with(suffix)) return true;
  }
  return false;
}

Result<void> AddFile(const io::FileSystem& files, const std::string& path, Sources* sources,
                     Formatting* out) {
  const std::string text = TRY(files.Read(path));
  FormatText(path, text, sources, out);
  return {};
}

Result<void> AddFolder(const io::FileSystem& files, const std::string& dir, bool is_recursive,
                       Sources* sources, Formatting* out) {
  auto entries = TRY(files.List(dir));
  for (const io::FileInfo& entry : entries) {
    if (config::IsIgnoredFile(entry.name)) continue;
    const std::string path = io::Normalize(io::Join(dir, entry.name));
    if (entry.is_dir) {
      if (is_recursive) TRY(AddFolder(files, path, is_recursive, sources, out));
    } else if (IsConfiguration(entry.name)) {
      TRY(AddFile(files, path, sources, out));
    }
  }
  return {};
}

}  // namespace

void FormatText(const std::string& name, const std::string& text, Sources* sources,
                Formatting* formatting) {
  auto parsed = hcl::ParseFile(name, text);
  if (parsed.diagnostics.has_errors()) {
    sources->Add(name, text);
    formatting->diagnostics.Append(std::move(parsed.diagnostics));
    return;
  }
  formatting->files.push_back({name, text, hcl::Format(text, {.rewrite_legacy = true})});
}

Result<Formatting> FormatFiles(const io::FileSystem& files, const std::vector<std::string>& paths,
                               bool is_recursive, Sources* sources) {
  Formatting out;
  for (const std::string& path : paths) {
    auto info = TRY(files.Stat(path));
    if (info.is_dir) {
      TRY(AddFolder(files, path, is_recursive, sources, &out));
    } else {
      TRY(AddFile(files, path, sources, &out));
    }
  }
  return out;
}

}  // namespace andon::cli
