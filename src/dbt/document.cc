#include "dbt/document.h"

#include <fmt/format.h>

#include <charconv>

#include "dbt/manifest.h"

namespace andon::dbt {
namespace {

std::string_view KindOf(const Json& json) {
  if (json.is_null()) return "null";
  if (json.is_object()) return "an object";
  if (json.is_array()) return "a list";
  if (json.is_string()) return "a text";
  return json.is_bool() ? "true or false" : "a number";
}

}  // namespace

Part Part::Member(std::string_view name) const {
  return {(*json_)[name], path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name)};
}

Part Part::Entry(std::string_view key) const {
  return {(*json_)[key], fmt::format("{}[\"{}\"]", path_, key)};
}

Part Part::Item(size_t index) const {
  return {json_->items()[index], fmt::format("{}[{}]", path_, index)};
}

Error Part::Wrong(std::string_view what) const {
  return Error::Invalid("{} must be {}, but it is {}.", path_, what, KindOf(*json_));
}

Result<const Json::Members*> Part::Object() const {
  if (!json_->is_null() && !json_->is_object()) return Wrong("an object");
  return &json_->members();
}

Result<const Json::Array*> Part::List() const {
  if (!json_->is_null() && !json_->is_array()) return Wrong("a list");
  return &json_->items();
}

Result<std::string> Part::Text() const {
  if (json_->is_null()) return std::string();
  if (!json_->is_string()) return Wrong("a text");
  return json_->AsString();
}

Result<std::string> Part::NeededText() const {
  auto text = TRY(Text());
  if (text.empty()) return Error::Invalid("{} is missing.", path_);
  return text;
}

Result<std::vector<std::string>> Part::Texts() const {
  if (json_->is_string()) return std::vector<std::string>{json_->AsString()};
  std::vector<std::string> texts;
  const Json::Array* items = TRY(List());
  for (size_t i = 0; i < items->size(); ++i) {
    auto text = TRY(Item(i).Text());
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<Json> ReadDocument(std::string_view text, std::string_view kind, int oldest, int newest,
                          int* version) {
  if (text.size() > kManifestBytesMax) {
    return Error::Invalid("it is longer than {} MB, which no {} of dbt is.",
                          kManifestBytesMax >> 20, kind);
  }
  auto json = Json::Parse(text);
  if (!json.ok()) return std::move(json).error().In("it is no JSON");
  if (!json->is_object()) return Error::Invalid("it is {}, not an object.", KindOf(*json));
  const std::string& schema = (*json)["metadata"]["dbt_schema_version"].AsString();
  std::string begin = fmt::format("https://schemas.getdbt.com/dbt/{}/v", kind);
  *version = 0;
  if (schema.starts_with(begin)) {
    std::string_view number = std::string_view(schema).substr(begin.size());
    std::from_chars(number.data(), number.data() + number.size(), *version);
  }
  if (*version == 0) {
    return Error::Invalid("metadata.dbt_schema_version is {}, so it is no {} of dbt.",
                          schema.empty() ? "missing" : "\"" + schema + "\"", kind);
  }
  if (*version < oldest || *version > newest) {
    return Error::Invalid(
        "metadata.dbt_schema_version is v{}, and this version of Andon reads v{} to v{}. Build it "
        "again with another version of dbt.",
        *version, oldest, newest);
  }
  return std::move(*json);
}

}  // namespace andon::dbt
