#include "backend/record.h"

#include "io/path.h"

namespace andon::backend {
namespace {

constexpr int64_t kVersion = 3;

std::string PathIn(const std::string& dir) {
  return io::Join(dir, ".terraform", "terraform.tfstate");
}

// What is not set, some programs write as null, "" or {}.
bool IsSet(const Json& json) {
  if (json.is_null() || (json.is_string() && json.AsString().empty())) return false;
  return !(json.is_array() || json.is_object()) || json.size() > 0;
}

// The members of a map that are set.
Json WithoutNulls(const Json& json) {
  if (!json.is_object()) return json;
  Json out = Json::Object();
  for (const auto& [name, value] : json.members()) {
    if (!value.is_null()) out.Set(name, value);
  }
  return out;
}

}  // namespace

Result<std::optional<Record>> ReadRecord(const io::FileSystem& files, const std::string& dir) {
  std::string path = PathIn(dir);
  auto text = files.Read(path);
  if (!text.ok() && text.error().kind == ErrorKind::kNotFound) return std::optional<Record>();
  if (!text.ok()) return std::move(text).error();
  auto json = Json::Parse(*text);
  if (!json.ok() || (*json)["version"].AsInteger() != kVersion) {
    return Error::Corrupt(
        "{} is no record of a backend. Remove it and run andon init: no state is in it.", path);
  }
  const Json& backend = (*json)["backend"];
  if (backend["type"].AsString().empty()) return std::optional<Record>();
  Record record;
  record.settings.type = backend["type"].AsString();
  record.hash = static_cast<uint64_t>(backend["hash"].AsInteger());
  for (const auto& [name, value] : backend["config"].members()) {
    Json set = WithoutNulls(value);
    if (IsSet(set)) record.settings.values[name] = std::move(set);
  }
  return std::optional<Record>(std::move(record));
}

Result<void> WriteRecord(io::FileSystem& files, const std::string& dir, const Record& record,
                         std::string_view language_version) {
  Json config = Json::Object();
  for (const auto& [name, value] : record.settings.values) config.Set(name, value);
  Json backend = Json::Object(
      {{"type", record.settings.type}, {"config", std::move(config)}, {"hash", record.hash}});
  Json all = Json::Object({{"version", kVersion},
                           {"terraform_version", language_version},
                           {"backend", std::move(backend)}});
  return files.WriteAtomically(PathIn(dir), all.Dump(2) + "\n");
}

Result<void> RemoveRecord(io::FileSystem& files, const std::string& dir) {
  auto removed = files.Remove(PathIn(dir));
  if (!removed.ok() && removed.error().kind != ErrorKind::kNotFound) return removed;
  return {};
}

bool IsOf(const Record& record, const Settings& block) {
  if (record.settings.type != block.type) return false;
  if (record.hash == HashOf(block)) return true;
  return record.settings.values == block.values;
}

}  // namespace andon::backend
