#include <fmt/format.h>

#include <set>

#include "base/text.h"
#include "cli/contract_source.h"
#include "cli/hcl_text.h"
#include "cli/init_from.h"
#include "contract/formats/hcl.h"
#include "hcl/format.h"
#include "io/local_file_system.h"
#include "io/path.h"

namespace andon::cli {
namespace {

bool IsContractFile(std::string_view name) {
  return name.ends_with(".yaml") || name.ends_with(".yml") || name.ends_with(".json");
}

Result<std::vector<std::string>> FilesOf(const std::string& path) {
  io::LocalFileSystem files;
  auto info = TRY(files.Stat(path));
  if (!info.is_dir) return std::vector<std::string>{path};
  std::vector<std::string> names;
  auto entries = TRY(files.List(path));
  for (const io::FileInfo& entry : entries) {
    if (!entry.is_dir && IsContractFile(entry.name)) names.push_back(io::Join(path, entry.name));
  }
  if (names.empty())
    return Error::NotFound("{} holds no contract: files that end with .yaml, .yml or .json.", path);
  return names;
}

}  // namespace

Result<Imported> ImportContracts(Context& context, const Arguments& arguments,
                                 const std::string& format, const std::string& path) {
  Imported out;
  std::set<std::string> taken;
  auto names = TRY(FilesOf(path));
  for (const std::string& name : names) {
    auto source =
        ReadContractSource(context, arguments, name, {.format = format, .reports = false});
    std::string why = source.ok() ? "" : source.error().message;
    if (source.ok() && source->file && source->file->diagnostics.has_errors())
      why = source->file->diagnostics.begin()->detail;
    if (!why.empty()) {
      out.left.push_back(fmt::format("{}: {}", name, why));
      continue;
    }
    std::string base = io::Basename(name);
    std::string file = HclName(base.substr(0, base.find('.')));
    while (!taken.insert(file).second) file += "_2";
    out.files.push_back(
        {file + ".andon.hcl", hcl::Format(contract::WriteHcl(source->document, {}))});
  }
  if (out.files.empty())
    return Error::Invalid("Nothing of {} can be read as a contract: {}", path,
                          Join(out.left, "; "));
  return out;
}

}  // namespace andon::cli
