#include "cli/gx_project.h"

#include <fmt/format.h>

#include "io/path.h"
#include "yaml/json.h"

namespace andon::cli {
namespace {

constexpr std::string_view kSettings = "great_expectations.yml";
// Folders below folders hold suites of dotted names; a link to itself must not be followed for
// ever.
constexpr int kDepthMax = 16;

class Reader {
 public:
  Reader(const io::FileSystem& files, std::string folder) : files_(files) {
    project_.folder = std::move(folder);
  }

  Result<GxProject> Read() {
    std::string path = io::Join(project_.folder, kSettings);
    std::string text = TRY(files_.Read(path));
    auto settings = yaml::ParseJson(text);
    if (!settings.ok()) return std::move(settings).error().In(path);
    if (!settings->is_object()) return Error::Invalid("{} is no mapping.", path);
    const Json& sources = (*settings)["fluent_datasources"];
    for (const auto& [name, source] : sources.members()) ReadSource(name, source);
    if ((*settings).Has("datasources") && (*settings)["datasources"].size() > 0) {
      project_.unread.push_back(fmt::format(
          "{}: its datasources are of a version before 1.0; only fluent_datasources are read",
          path));
    }
    ReadFolder("expectations", "", 0,
               [this](const std::string& file, const std::string& name, const Json& json) {
                 std::string own = json["name"].AsString();
                 if (own.empty()) own = json["expectation_suite_name"].AsString();
                 project_.suites[own.empty() ? name : own] = file;
               });
    ReadFolder("validation_definitions", "", 0,
               [this](const std::string&, const std::string& name, const Json& json) {
                 const Json& data = json["data"];
                 project_.validations.push_back(
                     {json["name"].AsString(name), data["datasource"]["name"].AsString(),
                      data["asset"]["name"].AsString(), data["batch_definition"]["name"].AsString(),
                      json["suite"]["name"].AsString()});
               });
    ReadFolder("checkpoints", "", 0,
               [this](const std::string&, const std::string& name, const Json& json) {
                 GxCheckpoint checkpoint{.name = json["name"].AsString(name)};
                 for (const Json& validation : json["validation_definitions"].items())
                   checkpoint.validations.push_back(validation["name"].AsString());
                 for (const Json& action : json["actions"].items())
                   checkpoint.actions.push_back(action["type"].AsString());
                 project_.checkpoints.push_back(std::move(checkpoint));
               });
    return std::move(project_);
  }

 private:
  void ReadSource(const std::string& name, const Json& json) {
    GxSource source{.name = name,
                    .type = json["type"].AsString(),
                    .base_directory = json["base_directory"].AsString()};
    const Json& connection = json["connection_string"];
    source.connection = connection.AsString();
    for (const auto& [asset_name, asset] : json["assets"].members()) {
      GxAsset read{.name = asset_name,
                   .type = asset["type"].AsString(),
                   .table = asset["table_name"].AsString(),
                   .schema = asset["schema_name"].AsString()};
      for (const auto& [batch, definition] : asset["batch_definitions"].members()) {
        const Json& partitioner = definition["partitioner"];
        std::string file = partitioner["regex"].AsString();
        if (file.empty()) file = partitioner["path"].AsString();
        if (file.empty()) file = partitioner["param_names"].AsString();
        read.batch_files[batch] = file;
      }
      source.assets.push_back(std::move(read));
    }
    project_.sources.push_back(std::move(source));
  }

  template <typename Add>
  void ReadFolder(const std::string& folder, const std::string& prefix, int depth, Add add) {
    std::string path = io::Join(project_.folder, folder);
    auto entries = files_.List(path);
    if (!entries.ok() || depth > kDepthMax) return;
    for (const io::FileInfo& entry : *entries) {
      if (entry.name.starts_with('.')) continue;
      if (entry.is_dir) {
        ReadFolder(io::Join(folder, entry.name), prefix + entry.name + ".", depth + 1, add);
        continue;
      }
      if (!entry.name.ends_with(".json")) continue;
      std::string file = io::Join(path, entry.name);
      auto text = files_.Read(file);
      auto json = text.ok() ? Json::Parse(*text) : Result<Json>(text.error());
      if (!json.ok() || !json->is_object()) {
        project_.unread.push_back(
            fmt::format("{}: {}", file, json.ok() ? "it is no object" : json.error().message));
        continue;
      }
      add(file, prefix + entry.name.substr(0, entry.name.size() - 5), *json);
    }
  }

  const io::FileSystem& files_;
  GxProject project_;
};

}  // namespace

bool GxSource::is_files() const {
  return type == "pandas_filesystem" || type == "spark_filesystem";
}

const GxSource* GxProject::FindSource(std::string_view name) const {
  for (const GxSource& source : sources) {
    if (source.name == name) return &source;
  }
  return nullptr;
}

Result<GxProject> ReadGxProject(const io::FileSystem& files, const std::string& folder) {
  for (const char* inner : {"", "gx", "great_expectations"}) {
    std::string candidate = *inner == '\0' ? io::Normalize(folder) : io::Join(folder, inner);
    if (files.Exists(io::Join(candidate, kSettings))) return Reader(files, candidate).Read();
  }
  return Error::NotFound("{} has no {}, nor has {}/gx: it is no project of Great Expectations.",
                         folder, kSettings, folder);
}

}  // namespace andon::cli
