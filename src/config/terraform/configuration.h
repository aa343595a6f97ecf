// What the blocks of Terraform's language say, as plain data: decoded, checked as
// far as one module can tell, and not evaluated.
//
// config::Module::terraform holds one of these. A planner reads it together with
// the module's variables, locals and outputs (config/module.h), and walks modules by
// config/terraform/module_tree.h.
//
// Rules for all structs here:
//   - An hcl::Expression or hcl::Body that was not written is empty (`if (r.count)`,
//     `body.file == nullptr`).
//   - `range` is the head of the block, which messages mark.
//   - A `body` is what is left for the provider, module or provisioner: the block
//     without its meta-arguments, with the content of a "_" block, and with override
//     files merged in. Its attributes and blocks may thus come from several files; each
//     attribute knows its own.
//   - A body of a *.tf.json file has attributes only, since JSON does not tell blocks
//     from arguments: read it with hcl::Content or hcl::PartialContent, whose schema
//     tells them apart.
//
// Lifetime: expressions, bodies and traversals point into the files and the arena of
// the config::Module around them; none outlives it. Moving the module is fine.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "address/address.h"
#include "base/source.h"
#include "config/terraform/provider_address.h"
#include "config/terraform/version_constraint.h"
#include "hcl/arena.h"
#include "hcl/ast.h"

namespace andon::config {

// condition and error_message of a validation, precondition, postcondition or assert.
struct CheckRule {
  hcl::Expression condition;
  hcl::Expression error_message;
  SourceRange range;
};

// `provider = aws.west["eu"]`: a configuration, and perhaps which instance of it.
struct ProviderReference {
  LocalProvider provider;
  hcl::Expression key;  // Empty where the configuration has no for_each.
  SourceRange range;
};

// terraform { … } and language { … }

// One entry of required_providers.
struct RequiredProvider {
  std::string name;         // The local name.
  std::string source;       // As written; empty where it is implied.
  ProviderAddress address;  // What the source means, or the name alone.
  VersionConstraint version;
  std::vector<LocalProvider> configuration_aliases;
  SourceRange range;
};

// terraform { backend "s3" { … } }. Its arguments may refer to variables and locals that
// are known before planning: see StaticScope.
struct Backend {
  std::string type;  // "cloud" for a cloud block.
  hcl::Body body;
  SourceRange range;
};

// terraform { provider_meta "aws" { … } }: constants for the provider.
struct ProviderMeta {
  std::string provider;  // The local name.
  hcl::Body body;
  SourceRange range;
};

// terraform { encryption { … } }: kept as it is written, since only the state's codec
// knows key providers and methods. Override files add blocks.
struct Encryption {
  std::vector<hcl::Body> bodies;  // The main one first, overrides after it.
  SourceRange range;
};

// provider "aws" { alias = "west" … }
struct Provider {
  LocalProvider local;
  ProviderAddress address;
  hcl::Expression for_each;   // Known before planning; only with an alias.
  VersionConstraint version;  // Deprecated; required_providers has it now.
  hcl::Body body;
  SourceRange range;
};

// resource, data, ephemeral

enum class ResourceMode { kManaged, kData, kEphemeral };

// "resource", "data", "ephemeral": the block's type.
std::string_view BlockType(ResourceMode mode);

enum class ProvisionerWhen { kCreate, kDestroy };
enum class ProvisionerOnFailure { kFail, kContinue };

struct Connection {
  hcl::Body body;
  SourceRange range;
};

// provisioner "local-exec" { … }
struct Provisioner {
  std::string type;
  ProvisionerWhen when = ProvisionerWhen::kCreate;
  ProvisionerOnFailure on_failure = ProvisionerOnFailure::kFail;
  std::optional<Connection> connection;
  hcl::Body body;
  SourceRange range;
};

struct Resource {
  ResourceMode mode = ResourceMode::kManaged;
  std::string type;
  std::string name;
  // At most one of the three.
  hcl::Expression count;
  hcl::Expression for_each;
  hcl::Expression enabled;  // lifecycle { enabled = … }
  std::vector<hcl::Traversal> depends_on;
  std::optional<ProviderReference> provider;  // Written; else implied by the type.
  LocalProvider provider_local;               // Which configuration it uses, either way.
  ProviderAddress provider_address;           // Whose it is. Empty after an error.
  // lifecycle
  std::optional<bool> create_before_destroy;
  hcl::Expression prevent_destroy;
  hcl::Expression destroy;  // A constant; false: forgotten instead of destroyed.
  bool ignores_all_changes = false;
  std::vector<hcl::Traversal> ignore_changes;  // Relative: the root is the attribute.
  std::vector<hcl::Expression> replace_triggered_by;
  std::vector<CheckRule> preconditions;
  std::vector<CheckRule> postconditions;
  std::optional<Connection> connection;  // Of all its provisioners.
  std::vector<Provisioner> provisioners;
  std::string check;  // The check block in which a data block stands; else empty.
  hcl::Body body;
  SourceRange range;
  SourceRange type_range;

  // "aws_s3_bucket.lake", "data.x.y", "ephemeral.x.y"
  std::string address() const;
};

// module

// A provider configuration handed to a module: providers = { in_child = in_parent }.
struct PassedProvider {
  LocalProvider in_child;
  ProviderReference in_parent;
  SourceRange range;
};

enum class ModuleSourceKind {
  kUnknown,   // Not given, or not known before planning; reported.
  kLocal,     // "./x", "../x"
  kRegistry,  // "namespace/name/system", with a host before it or not
  kRemote,    // git, http archive, …
};

struct ModuleCall {
  std::string name;
  hcl::Expression source;
  hcl::Expression version;
  // What `source` and `version` are, evaluated before planning.
  ModuleSourceKind source_kind = ModuleSourceKind::kUnknown;
  std::string source_address;
  VersionConstraint version_constraint;
  // At most one of the three.
  hcl::Expression count;
  hcl::Expression for_each;
  hcl::Expression enabled;
  std::vector<PassedProvider> providers;
  std::vector<hcl::Traversal> depends_on;
  hcl::Body body;  // The inputs.
  SourceRange range;
};

// moved, removed, import

// The object, all instances of an object, or the module that moved and removed name. With
// keys (moved) or without (removed). An address of a module alone has an empty kind.
struct Moved {
  address::Address from;
  address::Address to;
  SourceRange range;
};

struct Removed {
  address::Address from;
  bool destroy = false;                   // lifecycle { destroy = … }; false: forgotten.
  std::vector<Provisioner> provisioners;  // Only kDestroy ones.
  SourceRange range;
};

struct Import {
  hcl::Expression id;  // One of the two.
  hcl::Expression identity;
  hcl::Expression to;       // With keys that may be expressions, as in x.y[each.key].
  address::Address target;  // `to` without its keys.
  std::optional<address::Address> instance;  // With them, where all are constant.
  hcl::Expression for_each;
  std::optional<ProviderReference> provider;
  ProviderAddress provider_address;
  SourceRange range;
};

struct Check {
  std::string name;
  std::string data;  // The key in Terraform::resources of its scoped data block, or empty.
  std::vector<CheckRule> asserts;
  SourceRange range;
};

struct Terraform {
  std::map<std::string, RequiredProvider, std::less<>> required_providers;  // By local name.
  std::optional<Backend> backend;
  std::optional<Encryption> encryption;
  std::vector<ProviderMeta> provider_metas;
  std::map<LocalProvider, Provider> providers;
  std::map<std::string, Resource, std::less<>> resources;  // By Resource::address().
  std::map<std::string, ModuleCall, std::less<>> module_calls;
  std::map<std::string, Check, std::less<>> checks;
  std::vector<Moved> moved;
  std::vector<Removed> removed;
  std::vector<Import> imports;

  // True where a block stands in it that only infrastructure has (required_providers and
  // the like do not count).
  bool has_infrastructure() const {
    return !resources.empty() || !module_calls.empty() || !checks.empty() || !moved.empty() ||
           !removed.empty() || !imports.empty() || !providers.empty();
  }
  // What a local name stands for in this module.
  ProviderAddress AddressOf(std::string_view local_name) const;

  // Holds the lists of merged bodies.
  std::unique_ptr<hcl::Arena> arena = std::make_unique<hcl::Arena>();
};

}  // namespace andon::config
