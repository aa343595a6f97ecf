#include "config/terraform/shape.h"

namespace andon::config {
namespace {

using value::Type;

std::vector<AttributeShape> Of(Type type, std::initializer_list<std::string_view> names) {
  std::vector<AttributeShape> shapes;
  for (std::string_view name : names) shapes.push_back({.name = std::string(name), .type = type});
  return shapes;
}

BodyShape ConnectionBody() {
  BodyShape shape;
  shape.attributes = Of(Type::String(), {"type",
                                         "user",
                                         "password",
                                         "port",
                                         "timeout",
                                         "script_path",
                                         "target_platform",
                                         "private_key",
                                         "certificate",
                                         "host_key",
                                         "agent_identity",
                                         "proxy_scheme",
                                         "proxy_host",
                                         "proxy_user_name",
                                         "proxy_user_password",
                                         "bastion_user",
                                         "bastion_password",
                                         "bastion_host",
                                         "bastion_host_key",
                                         "bastion_private_key",
                                         "bastion_certificate",
                                         "cacert"});
  shape.attributes.push_back({.name = "host", .type = Type::String(), .required = true});
  for (std::string_view name : {"agent", "https", "insecure", "use_ntlm"})
    shape.attributes.push_back({.name = std::string(name), .type = Type::Bool()});
  for (std::string_view name : {"proxy_port", "bastion_port"})
    shape.attributes.push_back({.name = std::string(name), .type = Type::Number()});
  return shape;
}

}  // namespace

const AttributeShape* BodyShape::Find(std::string_view name) const {
  for (const AttributeShape& attribute : attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

const BodyShape* BuiltinShape(const ProviderAddress& provider, ResourceMode mode,
                              std::string_view type) {
  static const BodyShape kData = {
      .attributes = {{.name = "input", .type = Type::Dynamic()},
                     {.name = "output", .type = Type::Dynamic(), .can_be_set = false},
                     {.name = "triggers_replace", .type = Type::Dynamic()},
                     {.name = "id", .type = Type::String(), .can_be_set = false}}};
  static const BodyShape kRemoteState = {
      .attributes = {{.name = "backend", .type = Type::String(), .required = true},
                     {.name = "config", .type = Type::Dynamic()},
                     {.name = "defaults", .type = Type::Dynamic()},
                     {.name = "outputs", .type = Type::Dynamic(), .can_be_set = false},
                     {.name = "workspace", .type = Type::String()}}};
  if (!provider.is_builtin()) return nullptr;
  if (mode == ResourceMode::kManaged && type == "terraform_data") return &kData;
  if (mode == ResourceMode::kData && type == "terraform_remote_state") return &kRemoteState;
  return nullptr;
}

const BodyShape* ProvisionerShape(std::string_view type) {
  static const BodyShape kLocalExec = {
      .attributes = {{.name = "command", .type = Type::String(), .required = true},
                     {.name = "interpreter", .type = Type::List(Type::String())},
                     {.name = "working_dir", .type = Type::String()},
                     {.name = "environment", .type = Type::Map(Type::String())},
                     {.name = "quiet", .type = Type::Bool()}}};
  static const BodyShape kRemoteExec = {
      .attributes = {{.name = "inline", .type = Type::List(Type::String())},
                     {.name = "script", .type = Type::String()},
                     {.name = "scripts", .type = Type::List(Type::String())}}};
  static const BodyShape kFile = {
      .attributes = {{.name = "source", .type = Type::String()},
                     {.name = "content", .type = Type::String()},
                     {.name = "destination", .type = Type::String(), .required = true}}};
  if (type == "local-exec") return &kLocalExec;
  if (type == "remote-exec") return &kRemoteExec;
  return type == "file" ? &kFile : nullptr;
}

const BodyShape& ConnectionShape() {
  static const BodyShape kShape = ConnectionBody();
  return kShape;
}

value::Type TypeOf(const BodyShape& shape) {
  std::vector<Type::Attribute> attributes;
  for (const AttributeShape& attribute : shape.attributes)
    attributes.push_back({attribute.name, attribute.type});
  for (const NestedShape& block : shape.blocks) attributes.push_back({block.type, Type::Dynamic()});
  return Type::Object(std::move(attributes));
}

}  // namespace andon::config
