#include "infratext/provider_schemas_json.h"

#include "value/type.h"

namespace andon::infratext {
namespace {

std::string_view TextOf(provider::Nesting nesting) {
  switch (nesting) {
    case provider::Nesting::kSingle:
      return "single";
    case provider::Nesting::kGroup:
      return "group";
    case provider::Nesting::kList:
      return "list";
    case provider::Nesting::kSet:
      return "set";
    case provider::Nesting::kMap:
      return "map";
  }
  return "invalid";
}

void WriteText(std::string_view name, const std::string& text, JsonWriter& out) {
  if (!text.empty()) out.Key(name).String(text);
}

void WriteTrue(std::string_view name, bool is_set, JsonWriter& out) {
  if (is_set) out.Key(name).Bool(true);
}

void WriteDescription(const provider::Description& description, JsonWriter& out) {
  WriteText("description", description.text, out);
  bool is_markdown = description.kind == provider::TextKind::kMarkdown;
  out.Key("description_kind").String(is_markdown ? "markdown" : "plain");
}

void WriteAttributes(const std::vector<provider::AttributeSchema>& attributes, JsonWriter& out);

void WriteAttribute(const provider::AttributeSchema& attribute, JsonWriter& out) {
  out.BeginObject();
  if (attribute.nesting) {
    out.Key("nested_type").BeginObject();
    WriteAttributes(attribute.attributes, out);
    out.Key("nesting_mode").String(TextOf(*attribute.nesting));
    out.EndObject();
  } else {
    out.Key("type").Raw(value::ToJson(attribute.type).Dump());
  }
  WriteDescription(attribute.description, out);
  WriteTrue("deprecated", attribute.deprecated, out);
  WriteText("deprecation_message", attribute.deprecation_message, out);
  WriteTrue("required", attribute.required, out);
  WriteTrue("optional", attribute.optional, out);
  WriteTrue("computed", attribute.computed, out);
  WriteTrue("sensitive", attribute.sensitive, out);
  WriteTrue("write_only", attribute.write_only, out);
  out.EndObject();
}

void WriteAttributes(const std::vector<provider::AttributeSchema>& attributes, JsonWriter& out) {
  if (attributes.empty()) return;
  out.Key("attributes").BeginObject();
  for (const provider::AttributeSchema& attribute : attributes) {
    out.Key(attribute.name);
    WriteAttribute(attribute, out);
  }
  out.EndObject();
}

void WriteBlock(const provider::BlockSchema& block, JsonWriter& out) {
  out.BeginObject();
  WriteAttributes(block.attributes, out);
  if (!block.blocks.empty()) {
    out.Key("block_types").BeginObject();
    for (const provider::NestedBlock& nested : block.blocks) {
      out.Key(nested.name).BeginObject();
      out.Key("nesting_mode").String(TextOf(nested.nesting));
      out.Key("block");
      WriteBlock(nested.block, out);
      if (nested.min_items != 0) out.Key("min_items").Integer(nested.min_items);
      if (nested.max_items != 0) out.Key("max_items").Integer(nested.max_items);
      out.EndObject();
    }
    out.EndObject();
  }
  WriteDescription(block.description, out);
  WriteTrue("deprecated", block.deprecated, out);
  WriteText("deprecation_message", block.deprecation_message, out);
  out.EndObject();
}

void WriteSchema(const provider::Schema& schema, JsonWriter& out) {
  out.BeginObject();
  out.Key("version").Integer(schema.version);
  out.Key("block");
  WriteBlock(schema.block, out);
  out.EndObject();
}

// A map that is empty is not there, as everywhere in these documents.
template <typename T, typename Write>
void WriteMap(std::string_view name, const provider::ByName<T>& map, JsonWriter& out,
              const Write& write) {
  if (map.empty()) return;
  out.Key(name).BeginObject();
  for (const auto& [key, item] : map) {
    out.Key(key);
    write(item, out);
  }
  out.EndObject();
}

void WriteParameter(const provider::FunctionParameter& parameter, JsonWriter& out) {
  out.BeginObject();
  out.Key("name").String(parameter.name);
  out.Key("description").String(parameter.description.text);
  out.Key("type").Raw(value::ToJson(parameter.type).Dump());
  WriteTrue("is_nullable", parameter.allow_null, out);
  out.EndObject();
}

void WriteFunction(const provider::FunctionSchema& function, JsonWriter& out) {
  out.BeginObject();
  out.Key("description").String(function.description.text);
  out.Key("summary").String(function.summary);
  out.Key("return_type").Raw(value::ToJson(function.return_type).Dump());
  if (!function.parameters.empty()) {
    out.Key("parameters").BeginArray();
    for (const auto& parameter : function.parameters) WriteParameter(parameter, out);
    out.EndArray();
  }
  if (function.variadic_parameter) {
    out.Key("variadic_parameter");
    WriteParameter(*function.variadic_parameter, out);
  }
  out.EndObject();
}

void WriteIdentity(const provider::IdentitySchema& identity, JsonWriter& out) {
  out.BeginObject();
  out.Key("version").Integer(identity.version);
  if (!identity.attributes.empty()) {
    out.Key("attributes").BeginObject();
    for (const provider::IdentityAttribute& attribute : identity.attributes) {
      out.Key(attribute.name).BeginObject();
      out.Key("type").Raw(value::ToJson(attribute.type).Dump());
      WriteText("description", attribute.description, out);
      WriteTrue("required_for_import", attribute.required_for_import, out);
      WriteTrue("optional_for_import", attribute.optional_for_import, out);
      out.EndObject();
    }
    out.EndObject();
  }
  out.EndObject();
}

}  // namespace

void WriteProviderSchemas(
    const std::map<config::ProviderAddress, const provider::ProviderSchema*>& schemas,
    JsonWriter& out) {
  out.BeginObject();
  out.Key("format_version").String(kProviderSchemasFormat);
  if (!schemas.empty()) {
    out.Key("provider_schemas").BeginObject();
    for (const auto& [address, schema] : schemas) {
      out.Key(ToString(address)).BeginObject();
      out.Key("provider");
      // Part of the program, with nothing to configure: it has no block at all.
      if (address.is_builtin()) {
        out.BeginObject().Key("version").Integer(0).EndObject();
      } else {
        WriteSchema(schema->provider, out);
      }
      WriteMap("resource_schemas", schema->resources, out, WriteSchema);
      WriteMap("data_source_schemas", schema->data_sources, out, WriteSchema);
      WriteMap("ephemeral_resource_schemas", schema->ephemeral_resources, out, WriteSchema);
      WriteMap("functions", schema->functions, out, WriteFunction);
      WriteMap("resource_identity_schemas", schema->identities, out, WriteIdentity);
      out.EndObject();
    }
    out.EndObject();
  }
  out.EndObject();
}

}  // namespace andon::infratext
