#include "state/file_object.h"

#include <fmt/format.h>

#include <utility>

#include "base/text.h"
#include "value/json.h"

namespace andon::state {
namespace {

bool ReadStep(JsonReader& in, value::Path& path, std::string& why) {
  std::string key, type, raw;
  for (bool more = in.EnterObject(); more && in.NextMember(key);) {
    if (key == "type") {
      in.Read(type, key);
    } else if (key == "value") {
      in.ReadRaw(raw);
    } else {
      in.Skip();
    }
  }
  if (in.failed()) return false;
  bool is_attribute = type == "get_attr";
  if (!is_attribute && type != "index") {
    why = fmt::format("Unsupported path step type \"{}\".", type);
    return false;
  }
  auto wanted = is_attribute ? value::Type::String() : value::Type::Dynamic();
  auto step = value::FromJsonText(raw, wanted);
  if (!step.ok()) {
    why = fmt::format("The step of a path cannot be read: {}.", step.error().message);
    return false;
  }
  if (!is_attribute) {
    path = path.Index(*std::move(step));
  } else if (step->is_known_not_null()) {
    path = path.Attribute(step->string());
  }
  return true;
}

}  // namespace

bool PathsFromText(std::string_view text, std::vector<value::Path>& paths, std::string& why) {
  JsonReader in(text);
  for (bool more = in.EnterArray(); more && in.NextItem();) {
    value::Path path;
    for (bool steps = in.EnterArray(); steps && in.NextItem();) {
      if (!ReadStep(in, path, why) && !in.failed()) return false;
    }
    paths.push_back(std::move(path));
  }
  if (in.failed()) why = fmt::format("A path cannot be read: {}.", in.message());
  return why.empty();
}

std::string PathsText(const std::vector<value::Path>& paths) {
  std::string out = "[";
  for (const value::Path& path : paths) {
    if (out.size() > 1) out += ',';
    out += '[';
    bool first = true;
    for (const value::Step& step : path.steps()) {
      if (!std::exchange(first, false)) out += ',';
      if (const auto* attribute = std::get_if<value::AttributeStep>(&step)) {
        out += R"({"type":"get_attr","value":)";
        AppendJsonString(attribute->name, out);
      } else {
        out += R"({"type":"index","value":)";
        const value::Value& key = std::get<value::IndexStep>(step).key;
        out += value::ToJsonText(key, value::Type::Dynamic()).value_or("null");
      }
      out += '}';
    }
    out += ']';
  }
  return out + "]";
}

void ObjectFields::ReadSensitivePaths(JsonReader& in) {
  in.ReadRaw(text_);
  if (in.failed() || text_ == "[]" || text_ == "null") return;
  std::string why;
  if (!PathsFromText(text_, object_.sensitive_paths, why)) in.Fail(std::move(why));
}

void ObjectFields::ReadDependencies(JsonReader& in) {
  std::vector<std::string> list;
  for (bool more = in.EnterArray("dependencies"); more && in.NextItem();) {
    in.Read(list.emplace_back(), "dependencies");
  }
  if (list.empty()) return;
  if (!last_dependencies_ || *last_dependencies_ != list) {
    last_dependencies_ = std::make_shared<const std::vector<std::string>>(std::move(list));
  }
  object_.dependencies = last_dependencies_;
}

bool ObjectFields::Read(JsonReader& in, std::string_view key) {
  if (key == "status") {
    text_.clear();
    in.Read(text_, key);
    if (text_ == "tainted") {
      object_.status = ObjectStatus::kTainted;
    } else if (!text_.empty()) {
      in.Fail(fmt::format("an instance has the invalid status \"{}\"", text_));
    }
  } else if (key == "schema_version") {
    in.Read(object_.schema_version, key);
  } else if (key == "attributes") {
    in.ReadRaw(object_.attributes);
    has_attributes_ = true;
  } else if (key == "attributes_flat") {
    std::string name;
    for (bool more = in.EnterObject(key); more && in.NextMember(name);) {
      if (!object_.attributes_flat) object_.attributes_flat.emplace();
      in.Read((*object_.attributes_flat)[name], name);
    }
  } else if (key == "sensitive_attributes") {
    ReadSensitivePaths(in);
  } else if (key == "private") {
    text_.clear();
    in.Read(text_, key);
    std::erase_if(text_, [](char c) { return c == '\n' || c == '\r'; });
    if (!Base64Decode(text_, &object_.private_data)) in.Fail("\"private\" is no base64");
  } else if (key == "dependencies") {
    ReadDependencies(in);
  } else if (key == "create_before_destroy") {
    in.Read(object_.create_before_destroy, key);
  } else if (key == "skip_destroy") {
    in.Read(object_.skip_destroy, key);
  } else if (key == "identity") {
    in.ReadRaw(object_.identity);
  } else if (key == "identity_schema_version") {
    if (in.Peek() == JsonReader::Kind::kNull) {
      in.Skip();
    } else {
      in.Read(object_.identity_schema_version.emplace(), key);
    }
  } else {
    return false;
  }
  return true;
}

ObjectPtr ObjectFields::Take() {
  // Attributes win over their older form.
  if (has_attributes_) object_.attributes_flat.reset();
  if (object_.identity.empty()) object_.identity_schema_version.reset();
  object_.attributes.shrink_to_fit();
  has_attributes_ = false;
  return std::make_shared<const Object>(std::exchange(object_, Object()));
}

}  // namespace andon::state
