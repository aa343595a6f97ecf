#include "builtin/dbt_project.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "dbt/profile.h"
#include "hcl/parser.h"
#include "io/path.h"

namespace andon::builtin {
namespace {

// A name as it can stand in an address.
std::string Identifier(const std::string& text) {
  std::string name;
  for (char c : text) {
    bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += is_plain ? c : '_';
  }
  return hcl::IsIdentifier(name) ? name : "x" + name;
}

void NameNodes(const std::string& prefix, DbtProject* project) {
  std::map<std::string, int> wanted;
  auto plain = [](const dbt::Node& node) {
    return Identifier(node.source.empty() ? node.name : node.source + "_" + node.name);
  };
  for (const dbt::Node& node : project->manifest.nodes) {
    if (!node.is_ephemeral()) ++wanted[AsciiLower(plain(node))];
  }
  for (const dbt::Node& node : project->manifest.nodes) {
    if (node.is_ephemeral()) continue;
    std::string name = prefix + plain(node);
    if (wanted[AsciiLower(plain(node))] > 1)
      name = prefix + Identifier(node.package + "_" + plain(node));
    // Two that are one all the same, as two sources of one package cannot be: the first stays.
    if (project->id_of.try_emplace(name, node.unique_id).second)
      project->name_of[node.unique_id] = name;
  }
}

}  // namespace

Result<DbtProject> ReadDbtProject(const io::FileSystem& files, const std::string& dir,
                                  const std::string& path, const std::string& prefix) {
  DbtProject project{.dir = io::Normalize(path)};
  std::string folder = io::IsAbsolute(path) ? path : io::Join(dir, path);
  std::string settings = io::Join(folder, "dbt_project.yml");
  if (!files.Exists(settings)) {
    return Error::NotFound("{} has no dbt_project.yml, so it is no dbt project.", path);
  }
  std::string text = TRY(files.Read(settings));
  dbt::ProjectFile file = TRY(dbt::ReadProjectFile(text));
  auto artifact = [&](std::string_view name) {
    return io::Join(io::Join(folder, file.target_path), name);
  };
  std::string manifest = artifact("manifest.json");
  if (!files.Exists(manifest)) {
    return Error::NotFound(
        "{} has no {}/manifest.json, which says what its models are. Run \"dbt parse\" (or \"dbt "
        "compile\") there.",
        path, file.target_path);
  }
  text = TRY(files.Read(manifest));
  auto read = dbt::ReadManifest(text);
  std::string shown = io::Join(io::Join(project.dir, file.target_path), "manifest.json");
  if (!read.ok()) return std::move(read).error().In(shown);
  project.manifest = std::move(*read);
  std::string catalog = artifact("catalog.json");
  if (files.Exists(catalog)) {
    text = TRY(files.Read(catalog));
    auto ids = dbt::AddCatalog(text, &project.manifest);
    if (!ids.ok()) {
      return std::move(ids).error().In(
          io::Join(io::Join(project.dir, file.target_path), "catalog.json"));
    }
    project.with_catalog.insert(ids->begin(), ids->end());
  }
  NameNodes(prefix, &project);
  return project;
}

}  // namespace andon::builtin
