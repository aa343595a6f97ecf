#include "infratest/test_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "config/terraform/files.h"
#include "hcl/json_file.h"
#include "infratest/test_decoder.h"
#include "io/path.h"

namespace andon::infratest {
namespace {

struct Suffix {
  std::string_view text;
  std::string_view wins;  // The spelling that is read instead, where both are there.
};
constexpr Suffix kSuffixes[] = {
    {".tftest.hcl", ".tofutest.hcl"},
    {".tftest.json", ".tofutest.json"},
    {".tofutest.hcl", {}},
    {".tofutest.json", {}},
};

const Suffix* SuffixOf(std::string_view name) {
  for (const Suffix& suffix : kSuffixes) {
    if (name.ends_with(suffix.text)) return &suffix;
  }
  return nullptr;
}

}  // namespace

bool IsTestFile(std::string_view name) {
  return SuffixOf(name) != nullptr && !config::IsIgnoredFile(name);
}

TestFile ReadTestFile(std::string name, std::string text) {
  bool is_json = name.ends_with(".json");
  hcl::ParsedFile parsed =
      is_json ? hcl::ParseJsonFile(name, std::move(text)) : hcl::ParseFile(name, std::move(text));
  TestFile file{.name = std::move(name),
                .source = parsed.file,
                .settings = std::make_unique<config::Module>(),
                .diagnostics = std::move(parsed.diagnostics)};
  // What cannot be parsed makes mistakes of what is sound.
  if (!file.diagnostics.has_errors()) TestDecoder(&file).Read();
  return file;
}

std::string InstallationKey(const TestFile& file, const Run& run) {
  std::string name = file.name;
  for (std::string_view suffix :
       {".json", ".tftest.hcl", ".tofutest.hcl", ".tftest", ".tofutest"}) {
    if (name.ends_with(suffix)) name.resize(name.size() - suffix.size());
  }
  for (char& c : name) {
    if (c == '/') c = '.';
  }
  return fmt::format("test.{}.{}", name, run.name);
}

bool IsLocalModule(std::string_view source) {
  return source.starts_with("./") || source.starts_with("../");
}

std::vector<std::string> FindTestFiles(const io::FileSystem& files, const std::string& dir,
                                       const std::string& test_folder) {
  std::vector<std::string> out;
  std::set<std::string> folders = {".", io::Normalize(test_folder)};
  for (const std::string& folder : folders) {
    auto entries = files.List(io::Join(dir, folder));
    if (!entries.ok()) continue;  // There need not be one.
    std::set<std::string, std::less<>> names;
    for (const io::FileInfo& entry : *entries) {
      if (!entry.is_dir && IsTestFile(entry.name)) names.insert(entry.name);
    }
    for (const std::string& name : names) {
      const Suffix& suffix = *SuffixOf(name);
      std::string stem = name.substr(0, name.size() - suffix.text.size());
      if (!suffix.wins.empty() && names.contains(stem + std::string(suffix.wins))) continue;
      out.push_back(folder == "." ? name : io::Join(folder, name));
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace andon::infratest
