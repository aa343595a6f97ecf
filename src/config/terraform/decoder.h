// Turns the blocks of Terraform's language into the structs of configuration.h, one
// block after the other, into the module. Used by config/module.cc only.
//
// A block of an override file is applied to the struct that the block of the same
// address made: every function here sets what its block says and leaves the rest, so
// that an override is the same reading again.
//
// Order: all blocks of the primary files, those of the override files, Finish.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/codes.h"
#include "config/module.h"
#include "hcl/schema.h"
#include "hcl/static_form.h"

namespace andon::config {

class Decoder {
 public:
  explicit Decoder(Module* module) : module_(module), terraform_(&module->terraform) {}

  // Block types of Terraform's files, with their labels.
  static const hcl::BodySchema& FileSchema();

  // False where the type is none of FileSchema's.
  bool Read(const hcl::Block& block, bool is_override);
  // required_version and language, which come first: a module that excludes this version has
  // no other mistakes worth telling. False where it does.
  bool CheckVersion(const hcl::Body& file);
  // What needs all blocks: which provider a resource is of.
  void Finish();

 private:
  Diagnostics& diagnostics() { return module_->diagnostics; }

  // --- What many blocks have (decoder.cc).
  void Error(const Code& code, std::string_view summary, std::string detail, SourceRange range) {
    diagnostics().Add(MakeError(code, summary, std::move(detail), std::move(range)));
  }
  void Warn(const Code& code, std::string_view summary, std::string detail, SourceRange range);
  static Diagnostic MakeError(const Code& code, std::string_view summary, std::string detail,
                              SourceRange range);
  void Twice(std::string_view summary, std::string detail, const SourceRange& again,
             const SourceRange& first);
  bool CheckLabel(const hcl::Block& block, size_t label, std::string_view summary);
  hcl::BodyContent Take(const hcl::Body& body, const hcl::BodySchema& schema);
  hcl::BodyContent TakePart(const hcl::Body& body, const hcl::BodySchema& schema);
  // A constant of a type: reports and gives nothing otherwise, also for null.
  std::optional<value::Value> Constant(const hcl::Attribute& attribute, const value::Type& type);
  bool ReadBool(const hcl::BodyContent& content, std::string_view name, bool* to);
  bool ReadText(const hcl::BodyContent& content, std::string_view name, std::string* to);
  std::optional<VersionConstraint> ReadVersion(const hcl::Attribute& attribute);
  // A reference, also one in quotes as old files have it.
  std::optional<hcl::Traversal> ReadReference(hcl::Expression expression);
  std::string_view ReadKeyword(hcl::Expression expression);
  std::vector<hcl::Traversal> ReadDependsOn(const hcl::Attribute& attribute, bool is_override);
  std::optional<CheckRule> ReadRule(const hcl::Block& block, bool is_override);
  // The block with no more than one of count, for_each and enabled.
  void CheckRepetition(const hcl::Attribute* count, const hcl::Attribute* for_each,
                       const hcl::Attribute* enabled, std::string_view what);
  std::optional<ProviderReference> ReadProviderReference(hcl::Expression expression,
                                                         std::string_view argument);
  bool CheckProviderName(std::string_view name, const SourceRange& range);

  // --- Bodies (bodies.cc).
  hcl::Body Rest(const hcl::Body& body, const hcl::BodyContent& content);
  hcl::Body WithEscaped(const hcl::Body& body, const hcl::Body& escaped);
  hcl::Body Overridden(const hcl::Body& base, const hcl::Body& by);
  // The remaining body of a block: `content` taken off, a "_" block merged in.
  hcl::Body Remaining(const hcl::Block& block, const hcl::BodyContent& content);
  void SetBody(hcl::Body* body, hcl::Body read, bool is_override);

  // --- Settings (settings.cc).
  void ReadTerraform(const hcl::Block& block, bool is_override);
  void ReadLanguage(const hcl::Block& block, bool is_override);
  void ReadRequiredProviders(const hcl::Block& block, bool is_override);
  std::optional<RequiredProvider> ReadRequiredProvider(const hcl::Attribute& attribute);
  bool ReadRequirement(const hcl::StaticItem& item, RequiredProvider* provider);
  void ReadConfigurationAliases(hcl::Expression expression, RequiredProvider* provider);
  void ReadBackend(const hcl::Block& block, std::string type, bool is_override);
  void ReadEncryption(const hcl::Block& block, bool is_override);
  void ReadProviderMeta(const hcl::Block& block);
  void ReadProvider(const hcl::Block& block, bool is_override);

  // --- Values (values.cc).
  void ReadVariable(const hcl::Block& block, bool is_override);
  void ReadDefault(const hcl::Attribute& attribute, Variable* variable);
  void ReadValidation(const hcl::Block& block, Variable* variable, bool is_override);
  void ReadLocals(const hcl::Block& block, bool is_override);
  void ReadOutput(const hcl::Block& block, bool is_override);

  // --- Resources (resources.cc, lifecycle.cc).
  void ReadResource(const hcl::Block& block, ResourceMode mode, bool is_override);
  void ApplyResource(const hcl::Block& block, Resource* resource, bool is_override);
  void ReadLifecycle(const hcl::Block& block, Resource* resource, bool is_override,
                     const hcl::Attribute** enabled);
  void ReadIgnoreChanges(const hcl::Attribute& attribute, Resource* resource);
  void ReadReplaceTriggers(const hcl::Attribute& attribute, Resource* resource);
  void CheckTrigger(hcl::Expression expression);
  void CheckOwnReferences(const CheckRule& rule, std::string_view kind, const Resource& resource);
  std::optional<Provisioner> ReadProvisioner(const hcl::Block& block);
  void CheckOnlySelf(const hcl::Body& body);
  void ReadCheck(const hcl::Block& block, bool is_override);
  void AddResource(Resource resource);

  // --- Module calls (module_calls.cc).
  void ReadModuleCall(const hcl::Block& block, bool is_override);
  std::vector<PassedProvider> ReadPassedProviders(const hcl::Attribute& attribute);

  // --- moved, removed, import (moves.cc).
  void ReadMoved(const hcl::Block& block, bool is_override);
  void ReadRemoved(const hcl::Block& block, bool is_override);
  void ReadImport(const hcl::Block& block, bool is_override);

  Module* module_;
  Terraform* terraform_;
  SourceRange required_providers_at_;
};

}  // namespace andon::config
