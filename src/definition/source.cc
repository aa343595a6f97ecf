#include "definition/source.h"

namespace andon::definition {

const Source* FindSourceNamed(const Project& project, std::string_view name) {
  for (const Source& source : project.sources) {
    if (source.name == name) return &source;
  }
  return nullptr;
}

Json ToJson(const Source& source) {
  return Json::Object({{"address", source.address},
                       {"name", source.name},
                       {"type", source.type},
                       {"path", source.path},
                       {"options", source.options}});
}

Source SourceFromJson(const Json& json) {
  return {.address = json["address"].AsString(),
          .name = json["name"].AsString(),
          .type = json["type"].AsString(),
          .path = json["path"].AsString(),
          .options = json["options"]};
}

}  // namespace andon::definition
