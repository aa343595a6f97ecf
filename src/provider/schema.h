// What a provider says of the objects that it owns: the schema of its plugin
// protocol, versions 5 and 6, as plain data.
//
// A block has attributes, which are values, and nested blocks, which are written
// with braces. An attribute has a type, or (protocol 6) is an object, or a
// collection of objects, whose attributes have schemas of their own.
//
//   value::Type type = ImpliedType(schema.block);  // What the values of it have.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "value/type.h"

namespace andon::provider {

enum class TextKind { kPlain, kMarkdown };

struct Description {
  std::string text;
  TextKind kind = TextKind::kPlain;

  bool operator==(const Description&) const = default;
};

// How often something nested may stand there, and what its values are gathered in.
enum class Nesting {
  kSingle,  // At most once: an object, null where it is absent.
  kGroup,   // At most once; where it is absent, as if it stood there empty. Blocks only.
  kList,
  kSet,
  kMap,  // By label.
};

struct AttributeSchema {
  std::string name;
  // Dynamic where `nesting` is set: see ImpliedType.
  value::Type type;
  // An object, or a collection of objects, with these attributes.
  std::optional<Nesting> nesting;
  std::vector<AttributeSchema> attributes;  // Ordered by name.
  bool required = false;
  bool optional = false;
  bool computed = false;  // The provider may choose the value.
  bool sensitive = false;
  bool write_only = false;  // In the configuration only: never planned, never stored.
  bool deprecated = false;
  std::string deprecation_message;
  Description description;

  bool operator==(const AttributeSchema&) const = default;
};

struct NestedBlock;

struct BlockSchema {
  std::vector<AttributeSchema> attributes;  // Ordered by name.
  std::vector<NestedBlock> blocks;          // Ordered by name.
  bool deprecated = false;
  std::string deprecation_message;
  Description description;

  // Null where there is none of the name.
  const AttributeSchema* FindAttribute(std::string_view name) const;
  const NestedBlock* FindBlock(std::string_view name) const;
  bool operator==(const BlockSchema&) const;
};

struct NestedBlock {
  std::string name;
  Nesting nesting = Nesting::kSingle;
  BlockSchema block;
  int64_t min_items = 0;
  int64_t max_items = 0;  // 0: no limit.

  bool operator==(const NestedBlock&) const = default;
};

struct Schema {
  int64_t version = 0;  // Of stored states; rises when their form changes.
  BlockSchema block;

  bool operator==(const Schema&) const = default;
};

// What tells one remote object from all others of its type.
struct IdentityAttribute {
  std::string name;
  value::Type type;
  bool required_for_import = false;
  bool optional_for_import = false;
  std::string description;  // Markdown.

  bool operator==(const IdentityAttribute&) const = default;
};

struct IdentitySchema {
  int64_t version = 0;
  std::vector<IdentityAttribute> attributes;  // Ordered by name.

  bool operator==(const IdentitySchema&) const = default;
};

struct FunctionParameter {
  std::string name;
  value::Type type;
  bool allow_null = false;
  bool allow_unknown = false;  // Else a call with an unknown argument is unknown itself.
  Description description;

  bool operator==(const FunctionParameter&) const = default;
};

struct FunctionSchema {
  std::vector<FunctionParameter> parameters;
  std::optional<FunctionParameter> variadic_parameter;  // Takes what is left over.
  value::Type return_type;
  std::string summary;
  Description description;
  std::string deprecation_message;

  bool operator==(const FunctionSchema&) const = default;
};

// What a provider can do beyond the first version of its protocol.
struct ServerCapabilities {
  bool plan_destroy = false;         // Wants PlanResourceChange for removals too.
  bool get_schema_optional = false;  // Works without GetSchema having been called.
  bool move_resource_state = false;
  bool generate_resource_config = false;

  bool operator==(const ServerCapabilities&) const = default;
};

// By name: "aws_s3_bucket", "aws_ami", "arn_parse".
template <typename T>
using ByName = std::map<std::string, T, std::less<>>;

struct ProviderSchema {
  Schema provider;       // Its own configuration.
  Schema provider_meta;  // What a module may tell it; empty where nothing.
  ByName<Schema> resources;
  ByName<Schema> data_sources;
  ByName<Schema> ephemeral_resources;
  ByName<IdentitySchema> identities;  // Of resource types; not every one has it.
  ByName<FunctionSchema> functions;
  ServerCapabilities capabilities;
};

// The type of the values that the schema describes. No attribute in it is optional:
// what is absent is null. A list or map of blocks with a dynamic attribute is
// dynamic as a whole, since its elements need not have one type.
value::Type ImpliedType(const AttributeSchema& attribute);
value::Type ImpliedType(const BlockSchema& block);
value::Type ImpliedType(const IdentitySchema& identity);
// Of all blocks of one kind together: the attribute of the enclosing object.
value::Type ImpliedType(const NestedBlock& nested);

}  // namespace andon::provider
