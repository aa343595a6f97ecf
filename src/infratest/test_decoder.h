// Turns the blocks of a file of tests into the structs of test_file.h. Used by test_file.cc only.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "hcl/schema.h"
#include "infratest/test_file.h"

namespace andon::infratest {

class TestDecoder {
 public:
  explicit TestDecoder(TestFile* file) : file_(file) {}

  void Read();

 private:
  Diagnostics& diagnostics() { return file_->diagnostics; }
  void Error(std::string_view summary, std::string detail, SourceRange range);
  hcl::BodyContent Take(const hcl::Body& body, const hcl::BodySchema& schema);
  bool IsFirst(const SourceRange& first, const hcl::Block& block);

  void ReadProvider(const hcl::Block& block);
  void ReadRun(const hcl::Block& block);
  void ReadPlanOptions(const hcl::Block& block, Run* run);
  void ReadModule(const hcl::Block& block, Run* run);
  void ReadPassedProviders(const hcl::Attribute& attribute, Run* run);
  void ReadExpectedFailures(const hcl::Attribute& attribute, Run* run);
  std::optional<config::CheckRule> ReadRule(const hcl::Block& block);
  Expressions ReadVariables(const hcl::Block& block);

  // --- Overrides and mocks (mock_decoder.cc).
  void ReadOverride(const hcl::Block& block, std::vector<ResourceOverride>* to);
  void ReadModuleOverride(const hcl::Block& block, std::vector<ModuleOverride>* to);
  void ReadMock(const hcl::Block& block);
  // The members of an attribute that is a constant object.
  Values ReadValues(const hcl::Attribute& attribute);

  // References in the attribute's list, as addresses. Mistakes are reported.
  std::vector<address::Address> ReadAddresses(const hcl::Attribute& attribute);
  std::optional<address::Address> ReadAddress(hcl::Expression expression);
  std::optional<config::LocalProvider> ReadLocalProvider(hcl::Expression expression);

  TestFile* file_;
  SourceRange variables_at_;
};

}  // namespace andon::infratest
