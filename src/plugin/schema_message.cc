#include "plugin/schema_message.h"

#include <fmt/format.h>

#include <algorithm>

#include "plugin/messages.h"
#include "plugin/wire.h"

namespace andon::plugin {
namespace {

using provider::AttributeSchema;
using provider::BlockSchema;
using provider::FunctionParameter;
using provider::FunctionSchema;
using provider::IdentityAttribute;
using provider::IdentitySchema;
using provider::NestedBlock;
using provider::Nesting;
using provider::Schema;
using provider::TextKind;

TextKind KindOf(const Reader& reader) {
  return reader.integer() == 1 ? TextKind::kMarkdown : TextKind::kPlain;
}

Error NoMessage(std::string_view what) {
  return {ErrorKind::kCorrupt,
          fmt::format("{} is not the message that the protocol describes", what)};
}

Error Corrupt(std::string what) { return {ErrorKind::kCorrupt, std::move(what)}; }

Result<value::Type> ReadType(std::string_view text) {
  if (text.empty()) return value::Type::Dynamic();
  auto json = Json::Parse(text);
  if (!json.ok()) return Corrupt("its type is not JSON: " + json.error().message);
  auto type = value::TypeFromJson(*json);
  if (!type.ok()) return Corrupt(type.error().message);
  return type;
}

template <typename T>
void OrderByName(std::vector<T>* items) {
  std::sort(items->begin(), items->end(), [](const T& a, const T& b) { return a.name < b.name; });
}

// The numbers that protocol 6 gave away once more when it inserted nested types.
struct Numbers {
  int write_only;
  int deprecation_message;
  int nested_type;  // 0: protocol 5 has none.
};
constexpr Numbers kNumbersV5 = {10, 11, 0};
constexpr Numbers kNumbersV6 = {11, 12, 10};

class SchemaReader {
 public:
  explicit SchemaReader(Protocol protocol)
      : numbers_(protocol == Protocol::kV5 ? kNumbersV5 : kNumbersV6) {}

  Result<Schema> ReadSchema(std::string_view bytes) const;

 private:
  Result<AttributeSchema> ReadAttribute(std::string_view bytes, int depth) const;
  Result<void> ReadNestedType(std::string_view bytes, int depth, AttributeSchema* a) const;
  Result<BlockSchema> ReadBlock(std::string_view bytes, int depth) const;
  Result<NestedBlock> ReadNestedBlock(std::string_view bytes, int depth) const;

  Numbers numbers_;
};

Result<void> SchemaReader::ReadNestedType(std::string_view bytes, int depth,
                                          AttributeSchema* a) const {
  if (depth > kSchemaDepthMax) return Corrupt("it is nested too deeply");
  Reader reader(bytes);
  int64_t nesting = 0;
  while (reader.Next()) {
    if (reader.number() == 1) {
      a->attributes.push_back(TRY(ReadAttribute(reader.text(), depth + 1)));
    } else if (reader.number() == 3) {
      nesting = reader.integer();
    }
  }
  if (!reader.ok()) return NoMessage("its nested type");
  constexpr Nesting kNestings[] = {Nesting::kSingle, Nesting::kList, Nesting::kSet, Nesting::kMap};
  if (nesting < 1 || nesting > 4) return Corrupt(fmt::format("there is no nesting {}", nesting));
  a->nesting = kNestings[nesting - 1];
  OrderByName(&a->attributes);
  return {};
}

Result<AttributeSchema> SchemaReader::ReadAttribute(std::string_view bytes, int depth) const {
  AttributeSchema a;
  Reader reader(bytes);
  std::string_view type, nested;
  while (reader.Next()) {
    int number = reader.number();
    if (number == numbers_.write_only) {
      a.write_only = reader.boolean();
      continue;
    }
    if (number == numbers_.deprecation_message) {
      a.deprecation_message = reader.words();
      continue;
    }
    if (number == numbers_.nested_type) {
      nested = reader.text();
      a.nesting = Nesting::kSingle;
      continue;
    }
    switch (number) {
      case 1:
        a.name = reader.words();
        break;
      case 2:
        type = reader.text();
        break;
      case 3:
        a.description.text = reader.words();
        break;
      case 4:
        a.required = reader.boolean();
        break;
      case 5:
        a.optional = reader.boolean();
        break;
      case 6:
        a.computed = reader.boolean();
        break;
      case 7:
        a.sensitive = reader.boolean();
        break;
      case 8:
        a.description.kind = KindOf(reader);
        break;
      case 9:
        a.deprecated = reader.boolean();
        break;
      default:
        break;
    }
  }
  if (!reader.ok()) return NoMessage("an attribute");
  if (a.nesting) {
    auto read = ReadNestedType(nested, depth + 1, &a);
    if (!read.ok()) return std::move(read).error().In("attribute \"" + a.name + "\"");
    return a;
  }
  auto read = ReadType(type);
  if (!read.ok()) return std::move(read).error().In("attribute \"" + a.name + "\"");
  a.type = std::move(*read);
  return a;
}

Result<NestedBlock> SchemaReader::ReadNestedBlock(std::string_view bytes, int depth) const {
  NestedBlock nested;
  Reader reader(bytes);
  std::string_view block;
  int64_t nesting = 0;
  while (reader.Next()) {
    switch (reader.number()) {
      case 1:
        nested.name = reader.words();
        break;
      case 2:
        block = reader.text();
        break;
      case 3:
        nesting = reader.integer();
        break;
      case 4:
        nested.min_items = reader.integer();
        break;
      case 5:
        nested.max_items = reader.integer();
        break;
      default:
        break;
    }
  }
  if (!reader.ok()) return NoMessage("a nested block");
  constexpr Nesting kNestings[] = {Nesting::kSingle, Nesting::kList, Nesting::kSet, Nesting::kMap,
                                   Nesting::kGroup};
  std::string place = "block \"" + nested.name + "\"";
  if (nesting < 1 || nesting > 5)
    return Corrupt(fmt::format("{}: there is no nesting {}", place, nesting));
  nested.nesting = kNestings[nesting - 1];
  auto read = ReadBlock(block, depth + 1);
  if (!read.ok()) return std::move(read).error().In(place);
  nested.block = std::move(*read);
  return nested;
}

Result<BlockSchema> SchemaReader::ReadBlock(std::string_view bytes, int depth) const {
  if (depth > kSchemaDepthMax) return Corrupt("it is nested too deeply");
  BlockSchema block;
  Reader reader(bytes);
  while (reader.Next()) {
    switch (reader.number()) {
      case 2:
        block.attributes.push_back(TRY(ReadAttribute(reader.text(), depth)));
        break;
      case 3:
        block.blocks.push_back(TRY(ReadNestedBlock(reader.text(), depth)));
        break;
      case 4:
        block.description.text = reader.words();
        break;
      case 5:
        block.description.kind = KindOf(reader);
        break;
      case 6:
        block.deprecated = reader.boolean();
        break;
      case 7:
        block.deprecation_message = reader.words();
        break;
      default:
        break;
    }
  }
  if (!reader.ok()) return NoMessage("a block");
  OrderByName(&block.attributes);
  OrderByName(&block.blocks);
  return block;
}

Result<Schema> SchemaReader::ReadSchema(std::string_view bytes) const {
  Schema schema;
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1) {
      schema.version = reader.integer();
    } else if (reader.number() == 2) {
      schema.block = TRY(ReadBlock(reader.text(), 0));
    }
  }
  if (!reader.ok()) return NoMessage("a schema");
  return schema;
}

Result<FunctionParameter> ReadParameter(std::string_view bytes) {
  FunctionParameter parameter;
  Reader reader(bytes);
  std::string_view type;
  while (reader.Next()) {
    switch (reader.number()) {
      case 1:
        parameter.name = reader.words();
        break;
      case 2:
        type = reader.text();
        break;
      case 3:
        parameter.allow_null = reader.boolean();
        break;
      case 4:
        parameter.allow_unknown = reader.boolean();
        break;
      case 5:
        parameter.description.text = reader.words();
        break;
      case 6:
        parameter.description.kind = KindOf(reader);
        break;
      default:
        break;
    }
  }
  if (!reader.ok()) return NoMessage("a parameter");
  auto read = ReadType(type);
  if (!read.ok()) return std::move(read).error().In("parameter \"" + parameter.name + "\"");
  parameter.type = std::move(*read);
  return parameter;
}

Result<value::Type> ReadReturn(std::string_view bytes) {
  Reader reader(bytes);
  std::string_view type;
  while (reader.Next()) {
    if (reader.number() == 1) type = reader.text();
  }
  if (!reader.ok()) return NoMessage("a return type");
  return ReadType(type);
}

Result<FunctionSchema> ReadFunction(std::string_view bytes) {
  FunctionSchema function;
  Reader reader(bytes);
  while (reader.Next()) {
    switch (reader.number()) {
      case 1:
        function.parameters.push_back(TRY(ReadParameter(reader.text())));
        break;
      case 2:
        function.variadic_parameter = TRY(ReadParameter(reader.text()));
        break;
      case 3:
        function.return_type = TRY(ReadReturn(reader.text()));
        break;
      case 4:
        function.summary = reader.words();
        break;
      case 5:
        function.description.text = reader.words();
        break;
      case 6:
        function.description.kind = KindOf(reader);
        break;
      case 7:
        function.deprecation_message = reader.words();
        break;
      default:
        break;
    }
  }
  if (!reader.ok()) return NoMessage("a function");
  return function;
}

Result<provider::ServerCapabilities> ReadCapabilities(std::string_view bytes) {
  provider::ServerCapabilities capabilities;
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1) capabilities.plan_destroy = reader.boolean();
    if (reader.number() == 2) capabilities.get_schema_optional = reader.boolean();
    if (reader.number() == 3) capabilities.move_resource_state = reader.boolean();
    if (reader.number() == 4) capabilities.generate_resource_config = reader.boolean();
  }
  if (!reader.ok()) return NoMessage("its capabilities");
  return capabilities;
}

// One entry of a map, which is a message of key and value.
template <typename T, typename F>
Result<void> ReadEntry(std::string_view bytes, std::string_view what, F read,
                       provider::ByName<T>* to) {
  Reader reader(bytes);
  std::string name;
  std::string_view content;
  while (reader.Next()) {
    if (reader.number() == 1) name = reader.words();
    if (reader.number() == 2) content = reader.text();
  }
  if (!reader.ok()) return NoMessage(what);
  Result<T> item = read(content);
  if (!item.ok()) return std::move(item).error().In(fmt::format("{} \"{}\"", what, name));
  (*to)[std::move(name)] = std::move(*item);
  return {};
}

Result<IdentityAttribute> ReadIdentityAttribute(std::string_view bytes) {
  IdentityAttribute a;
  Reader reader(bytes);
  std::string_view type;
  while (reader.Next()) {
    switch (reader.number()) {
      case 1:
        a.name = reader.words();
        break;
      case 2:
        type = reader.text();
        break;
      case 3:
        a.required_for_import = reader.boolean();
        break;
      case 4:
        a.optional_for_import = reader.boolean();
        break;
      case 5:
        a.description = reader.words();
        break;
      default:
        break;
    }
  }
  if (!reader.ok()) return NoMessage("an attribute");
  auto read = ReadType(type);
  if (!read.ok()) return std::move(read).error().In("attribute \"" + a.name + "\"");
  a.type = std::move(*read);
  return a;
}

Result<IdentitySchema> ReadIdentitySchema(std::string_view bytes) {
  IdentitySchema identity;
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1) identity.version = reader.integer();
    if (reader.number() == 2)
      identity.attributes.push_back(TRY(ReadIdentityAttribute(reader.text())));
  }
  if (!reader.ok()) return NoMessage("an identity");
  OrderByName(&identity.attributes);
  return identity;
}

}  // namespace

Result<provider::GetSchemaResponse> ReadSchemaResponse(std::string_view bytes, Protocol protocol) {
  SchemaReader schemas(protocol);
  auto read = [&](std::string_view content) { return schemas.ReadSchema(content); };
  provider::GetSchemaResponse response;
  provider::ProviderSchema& schema = response.schema;
  Reader reader(bytes);
  while (reader.Next()) {
    switch (reader.number()) {
      case 1:
        schema.provider = TRY(read(reader.text()));
        break;
      case 2:
        TRY(ReadEntry(reader.text(), "resource", read, &schema.resources));
        break;
      case 3:
        TRY(ReadEntry(reader.text(), "data source", read, &schema.data_sources));
        break;
      case 4:
        TRY(ReadDiagnostic(reader.text(), &response.diagnostics));
        break;
      case 5:
        schema.provider_meta = TRY(read(reader.text()));
        break;
      case 6:
        schema.capabilities = TRY(ReadCapabilities(reader.text()));
        break;
      case 7:
        TRY(ReadEntry(reader.text(), "function", ReadFunction, &schema.functions));
        break;
      case 8:
        TRY(ReadEntry(reader.text(), "ephemeral resource", read, &schema.ephemeral_resources));
        break;
      default:
        break;  // Lists, actions and state stores: of kinds that the language does not have.
    }
  }
  if (!reader.ok()) return NoMessage("the schema of the provider");
  return response;
}

Result<IdentitySchemas> ReadIdentitySchemas(std::string_view bytes) {
  IdentitySchemas result;
  Reader reader(bytes);
  while (reader.Next()) {
    if (reader.number() == 1)
      TRY(ReadEntry(reader.text(), "identity of", ReadIdentitySchema, &result.schemas));
    if (reader.number() == 2) TRY(ReadDiagnostic(reader.text(), &result.diagnostics));
  }
  if (!reader.ok()) return NoMessage("the identity schemas of the provider");
  return result;
}

}  // namespace andon::plugin
