#include "registry/lock_file.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "hcl/parser.h"
#include "registry/constant_texts.h"
#include "registry/package_hash.h"

namespace andon::registry {
namespace {

using Operator = config::VersionConstraint::Operator;

// Of two constraints on the same version, which one is written first.
int PriorityOf(const config::VersionConstraint::Term& term) {
  switch (term.op) {
    case Operator::kGreater:
      return 1;
    case Operator::kGreaterEqual:
      return 2;
    case Operator::kEqual:
      return 3;
    case Operator::kPessimistic:
      return term.segments_given >= 3 ? 4 : 5;
    case Operator::kLessEqual:
      return 6;
    case Operator::kLess:
      return 7;
    case Operator::kNotEqual:
      return 8;
  }
  return 9;
}

std::string TextOf(const config::VersionConstraint::Term& term) {
  config::Version version = term.version;
  if (term.op == Operator::kPessimistic && term.segments_given < 3) version.segments.resize(2);
  std::string text = config::ToString(version);
  switch (term.op) {
    case Operator::kGreater:
      return "> " + text;
    case Operator::kGreaterEqual:
      return ">= " + text;
    case Operator::kPessimistic:
      return "~> " + text;
    case Operator::kLessEqual:
      return "<= " + text;
    case Operator::kLess:
      return "< " + text;
    case Operator::kNotEqual:
      return "!= " + text;
    case Operator::kEqual:
      break;
  }
  return text;
}

Error Wrong(const SourceRange& range, std::string_view what) {
  return Error::Invalid("{}: {}", ToString(range), what);
}

Result<std::pair<config::ProviderAddress, ProviderLock>> ReadBlock(const hcl::Block& block) {
  if (block.labels.size() != 1)
    return Wrong(block.header_range(), "A provider of the lock file has one label, its address.");
  auto address = config::ParseProviderSource(block.labels[0].text);
  if (!address.ok() || config::ToString(*address) != block.labels[0].text) {
    return Wrong(block.label_range(0),
                 "A provider of the lock file needs its whole address, "
                 "\"hostname/namespace/type\", in lower case.");
  }
  ProviderLock lock{.version = ConstantText(block.body, "version"),
                    .constraints = ConstantText(block.body, "constraints"),
                    .hashes = ConstantTexts(block.body, "hashes")};
  auto version = config::Version::Parse(lock.version);
  if (!version || config::ToString(*version) != lock.version) {
    return Wrong(block.header_range(),
                 "A provider of the lock file needs its version, as \"1.2.3\".");
  }
  if (!lock.constraints.empty() && !config::VersionConstraint::Parse(lock.constraints))
    return Wrong(block.body.Find("constraints")->range(),
                 "The constraints of a provider of the lock file are none.");
  for (const std::string& hash : lock.hashes) {
    if (!IsPackageHash(hash)) {
      return Wrong(block.body.Find("hashes")->range(),
                   fmt::format("\"{}\" is no hash of a package.", hash));
    }
  }
  return std::pair(*address, std::move(lock));
}

}  // namespace

bool ProviderLock::Has(const std::string& hash) const {
  return std::find(hashes.begin(), hashes.end(), hash) != hashes.end();
}

void ProviderLock::Add(const std::vector<std::string>& more) {
  hashes.insert(hashes.end(), more.begin(), more.end());
  std::sort(hashes.begin(), hashes.end());
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

Result<ProviderLocks> ParseProviderLocks(std::string text, const std::string& filename) {
  ProviderLocks out;
  auto parsed = hcl::ParseFile(filename, std::move(text));
  if (parsed.diagnostics.has_errors()) {
    const Diagnostic& first = *parsed.diagnostics.begin();
    return Error::Invalid("{}: {}: {}", ToString(first.subject), first.summary, first.detail);
  }
  for (const hcl::Block& block : parsed.file->body().blocks) {
    // Locks of modules are foreseen, and nobody writes them yet.
    if (block.type != "provider") continue;
    auto entry = TRY(ReadBlock(block));
    if (!out.emplace(entry.first, std::move(entry.second)).second)
      return Wrong(block.header_range(), "The lock file has this provider twice.");
  }
  return out;
}

Result<ProviderLocks> ReadProviderLocks(const io::FileSystem& files) {
  if (!files.Exists(kLockFile)) return ProviderLocks();
  std::string text = TRY(files.Read(kLockFile));
  return ParseProviderLocks(std::move(text));
}

std::string ProviderLockText(const ProviderLocks& locks) {
  std::string out =
      "# This file is maintained automatically by \"andon init\".\n"
      "# Manual edits may be lost in future updates.\n";
  for (const auto& [address, lock] : locks) {
    out += fmt::format("\nprovider \"{}\" {{\n", config::ToString(address));
    if (lock.constraints.empty()) {
      out += fmt::format("  version = \"{}\"\n", lock.version);
    } else {
      out += fmt::format("  version     = \"{}\"\n  constraints = \"{}\"\n", lock.version,
                         lock.constraints);
    }
    std::vector<std::string> hashes = lock.hashes;
    std::sort(hashes.begin(), hashes.end());
    if (!hashes.empty()) {
      out += "  hashes = [\n";
      for (const std::string& hash : hashes) out += fmt::format("    \"{}\",\n", hash);
      out += "  ]\n";
    }
    out += "}\n";
  }
  return out;
}

std::string CanonicalConstraints(const std::vector<config::VersionConstraint>& constraints) {
  std::vector<config::VersionConstraint::Term> terms;
  for (const config::VersionConstraint& constraint : constraints)
    terms.insert(terms.end(), constraint.terms.begin(), constraint.terms.end());
  std::stable_sort(terms.begin(), terms.end(), [](const auto& a, const auto& b) {
    if (a.version != b.version) return a.version < b.version;
    return PriorityOf(a) < PriorityOf(b);
  });
  std::vector<std::string> texts;
  for (const auto& term : terms) {
    std::string text = TextOf(term);
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }
  return Join(texts, ", ");
}

}  // namespace andon::registry
