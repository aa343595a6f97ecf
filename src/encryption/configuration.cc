#include "encryption/configuration.h"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "encryption/codes.h"
#include "hcl/eval.h"
#include "hcl/schema.h"
#include "hcl/static_form.h"

namespace andon::encryption {
namespace {

using value::Value;

// The limits of the reference: below them a key can be guessed.
constexpr int64_t kIterationsMin = 200'000;
constexpr int64_t kIterationsMax = 100'000'000;
constexpr size_t kPassphraseMin = 16;
constexpr int64_t kLengthMax = 1024;
// Fallbacks nest; each is a method more that is tried.
constexpr int kFallbacksMax = 32;

// A block of one label pair, with what later bodies put over it.
struct Merged {
  std::string type;
  SourceRange range;
  std::map<std::string, const hcl::Attribute*, std::less<>> attributes;
  const hcl::Block* fallback = nullptr;

  const hcl::Attribute* Find(std::string_view name) const {
    auto it = attributes.find(name);
    return it == attributes.end() ? nullptr : it->second;
  }
};

class Decoder {
 public:
  Decoder(const Evaluate& evaluate, Diagnostics* diagnostics)
      : evaluate_(evaluate), diagnostics_(*diagnostics) {}

  Configuration Run(const std::vector<hcl::Body>& bodies) {
    for (const hcl::Body& body : bodies) Merge(body);
    for (const auto& [address, block] : key_providers_) ReadKeyProvider(address, block);
    for (const auto& [address, block] : methods_) ReadMethod(address, block);
    CheckChains();
    for (const auto& [name, block] : targets_) {
      Methods methods = TargetMethods(block);
      if (name == "state") {
        out_.state = std::move(methods);
      } else if (name == "plan") {
        out_.plan = std::move(methods);
      } else if (name == "default") {
        out_.remote_default = std::move(methods);
      } else {
        out_.remote[name.substr(name.find('.') + 1)] = std::move(methods);
      }
    }
    return std::move(out_);
  }

 private:
  void Error(const Code& code, std::string detail, const SourceRange& at) {
    Report(&diagnostics_, code, std::move(detail), at);
  }

  void Put(const hcl::Block& block, std::map<std::string, Merged>* to, const std::string& name) {
    Merged& merged = (*to)[name];
    if (!block.labels.empty()) merged.type = block.labels[0].text;
    merged.range = block.header_range();
    static const hcl::BodySchema kFallback = {.blocks = {{"fallback", {}}}};
    bool is_target = to == &targets_;
    hcl::BodyContent content =
        hcl::PartialContent(block.body, is_target ? kFallback : hcl::BodySchema());
    for (const hcl::Attribute* attribute : content.other_attributes)
      merged.attributes[std::string(attribute->name)] = attribute;
    for (const hcl::Block* other : content.other_blocks)
      Error(kInvalidSetting, fmt::format("A {} block has no meaning here.", other->type),
            other->header_range());
    if (!content.blocks.empty()) merged.fallback = content.blocks.back();
    diagnostics_.Append(std::move(content.diagnostics));
  }

  void Merge(const hcl::Body& body) {
    static const hcl::BodySchema kSchema = {.blocks = {{"key_provider", {"type", "name"}},
                                                       {"method", {"type", "name"}},
                                                       {"state", {}},
                                                       {"plan", {}},
                                                       {"remote_state_data_sources", {}}}};
    static const hcl::BodySchema kRemote = {
        .blocks = {{"default", {}}, {"remote_state_data_source", {"name"}}}};
    hcl::BodyContent content = hcl::Content(body, kSchema);
    diagnostics_.Append(std::move(content.diagnostics));
    for (const hcl::Block* block : content.blocks) {
      if (block->type == "key_provider" || block->type == "method") {
        Put(*block, block->type == "method" ? &methods_ : &key_providers_,
            fmt::format("{}.{}.{}", block->type, block->labels[0].text, block->labels[1].text));
      } else if (block->type == "remote_state_data_sources") {
        hcl::BodyContent inner = hcl::Content(block->body, kRemote);
        diagnostics_.Append(std::move(inner.diagnostics));
        for (const hcl::Block* one : inner.blocks)
          Put(*one, &targets_,
              one->type == "default" ? "default" : fmt::format("remote.{}", one->labels[0].text));
      } else {
        Put(*block, &targets_, std::string(block->type));
      }
    }
  }

  // Nothing of other names may stand in the block.
  void CheckNames(const Merged& block, std::initializer_list<std::string_view> known) {
    for (const auto& [name, attribute] : block.attributes) {
      if (std::find(known.begin(), known.end(), name) == known.end())
        Error(kInvalidSetting, fmt::format("There is no argument \"{}\" here.", name),
              attribute->name_range());
    }
  }

  // Null where it is not set or is wrong, which is reported.
  Value Get(const Merged& block, std::string_view name, std::string_view subject) {
    const hcl::Attribute* attribute = block.Find(name);
    if (attribute == nullptr) return Value::Null();
    hcl::Evaluated found = evaluate_(attribute->expression(), subject);
    bool failed = found.diagnostics.has_errors();
    diagnostics_.Append(std::move(found.diagnostics));
    if (failed) return Value::Null();
    if (!found.value.is_wholly_known() || found.value.is_null()) {
      Error(kInvalidSetting, fmt::format("\"{}\" must have a value that is known now.", name),
            attribute->expression().range());
      return Value::Null();
    }
    return found.value.UnmarkDeep();
  }

  std::string Text(const Merged& block, std::string_view name, std::string_view subject) {
    Value value = Get(block, name, subject);
    if (value.is_null()) return {};
    if (value.type().is_string()) return value.string();
    // The line of a passphrase is not shown.
    if (name == "passphrase") {
      Error(kInvalidSetting, "\"passphrase\" is a text.", block.range);
      return {};
    }
    Error(kInvalidSetting, fmt::format("\"{}\" is a text.", name),
          block.Find(name)->expression().range());
    return {};
  }

  void Whole(const Merged& block, std::string_view name, std::string_view subject, int64_t min,
             int64_t max, int* to) {
    Value value = Get(block, name, subject);
    if (value.is_null()) return;
    auto number = value.type().is_number() ? value.number().ToInt64() : std::nullopt;
    if (number && *number >= min && *number <= max) {
      *to = static_cast<int>(*number);
      return;
    }
    Error(kInvalidSetting, fmt::format("\"{}\" is a whole number from {} to {}.", name, min, max),
          block.Find(name)->expression().range());
  }

  // The address that a reference like key_provider.pbkdf2.main names.
  std::string Reference(const hcl::Attribute& attribute, std::string_view root) {
    // In JSON it is "key_provider.pbkdf2.main" or "${key_provider.pbkdf2.main}".
    Diagnostics not_native;
    auto traversal = hcl::AsTraversal(hcl::AsNative(attribute.expression(), &not_native));
    if (!traversal && not_native.has_errors()) {
      auto references = hcl::References(attribute.expression());
      if (references.size() == 1) traversal = references[0];
    }
    if (traversal && traversal->root == root && traversal->steps.size() == 2)
      return traversal->ToString();
    Error(kInvalidSetting,
          fmt::format("\"{}\" takes a reference like {}.{}.NAME.", attribute.name, root,
                      root == "method" ? "aes_gcm" : "pbkdf2"),
          attribute.expression().range());
    return {};
  }

  void ReadKeyProvider(const std::string& address, const Merged& block) {
    if (block.type != "pbkdf2") {
      return Error(kUnsupportedKind,
                   fmt::format("Keys can be made of a passphrase only, as yet (key_provider "
                               "\"pbkdf2\"), not by \"{}\".",
                               block.type),
                   block.range);
    }
    CheckNames(block, {"passphrase", "chain", "key_length", "iterations", "hash_function",
                       "salt_length", "encrypted_metadata_alias"});
    KeyProvider provider{.address = address, .metadata_key = address};
    size_t before = diagnostics_.size();
    provider.passphrase = Text(block, "passphrase", address);
    if (const hcl::Attribute* chain = block.Find("chain"))
      provider.chain = Reference(*chain, "key_provider");
    std::string alias = Text(block, "encrypted_metadata_alias", address);
    if (!alias.empty()) provider.metadata_key = alias;
    Whole(block, "key_length", address, 1, kLengthMax, &provider.key_length);
    Whole(block, "iterations", address, kIterationsMin, kIterationsMax, &provider.iterations);
    Whole(block, "salt_length", address, 1, kLengthMax, &provider.salt_length);
    std::string hash = Text(block, "hash_function", address);
    if (hash == "sha256") {
      provider.hash = HashFunction::kSha256;
    } else if (!hash.empty() && hash != "sha512") {
      Error(kInvalidSetting, "\"hash_function\" is \"sha512\" or \"sha256\".",
            block.Find("hash_function")->expression().range());
    }
    if (diagnostics_.size() == before) CheckSource(block, provider);
    out_.key_providers[address] = std::move(provider);
  }

  void CheckSource(const Merged& block, const KeyProvider& provider) {
    const hcl::Attribute* passphrase = block.Find("passphrase");
    if ((passphrase != nullptr) == (block.Find("chain") != nullptr)) {
      return Error(kInvalidSetting, "A key provider \"pbkdf2\" has either a passphrase or a chain.",
                   block.range);
    }
    if (passphrase != nullptr && provider.passphrase.size() < kPassphraseMin) {
      Error(kInvalidSetting,
            fmt::format("The passphrase is too short: it has at least {} characters.",
                        kPassphraseMin),
            block.range);
    }
  }

  // Each chain ends, at a provider whose key is long enough to be a passphrase.
  void CheckChains() {
    for (const auto& [address, provider] : out_.key_providers) {
      std::set<std::string> seen = {address};
      const SourceRange& at = key_providers_.at(address).range;
      for (const KeyProvider* one = &provider; !one->chain.empty();) {
        auto next = out_.key_providers.find(one->chain);
        if (next == out_.key_providers.end()) {
          if (!key_providers_.contains(one->chain))
            Error(kUndeclared, fmt::format("There is no {} in the encryption block.", one->chain),
                  at);
          break;
        }
        if (!seen.insert(one->chain).second) {
          Error(kInvalidSetting, fmt::format("The chain of {} leads back to itself.", address), at);
          break;
        }
        one = &next->second;
        if (one->key_length < static_cast<int>(kPassphraseMin)) {
          Error(kInvalidSetting,
                fmt::format("The key of {} is too short to make another key of: at least {} bytes.",
                            one->address, kPassphraseMin),
                at);
        }
      }
    }
  }

  void ReadMethod(const std::string& address, const Merged& block) {
    Method method{.address = address};
    if (block.type == "unencrypted") {
      CheckNames(block, {});
      method.is_unencrypted = true;
    } else if (block.type == "aes_gcm") {
      CheckNames(block, {"keys", "aad"});
      ReadAesGcm(address, block, &method);
    } else {
      return Error(kUnsupportedKind,
                   fmt::format("The methods are \"aes_gcm\" and \"unencrypted\", as yet; \"{}\" "
                               "cannot be used.",
                               block.type),
                   block.range);
    }
    known_methods_[address] = std::move(method);
  }

  void ReadAesGcm(const std::string& address, const Merged& block, Method* method) {
    const hcl::Attribute* keys = block.Find("keys");
    if (keys == nullptr) {
      return Error(kInvalidSetting, "A method \"aes_gcm\" needs keys = key_provider.pbkdf2.NAME.",
                   block.range);
    }
    method->keys = Reference(*keys, "key_provider");
    auto provider = out_.key_providers.find(method->keys);
    if (!method->keys.empty() && !key_providers_.contains(method->keys)) {
      Error(kUndeclared, fmt::format("There is no {} in the encryption block.", method->keys),
            keys->expression().range());
    } else if (provider != out_.key_providers.end() && provider->second.key_length != 16 &&
               provider->second.key_length != 24 && provider->second.key_length != 32) {
      Error(kInvalidSetting,
            fmt::format("AES-GCM needs a key of 16, 24 or 32 bytes, and {} makes one of {}.",
                        method->keys, provider->second.key_length),
            keys->expression().range());
    }
    Value data = Get(block, "aad", address);
    if (data.is_null()) return;
    bool is_bytes = data.type().is_list() || data.type().is_tuple();
    if (is_bytes) {
      for (const Value& one : data.items()) {
        auto byte = one.is_known_not_null() && one.type().is_number() ? one.number().ToInt64()
                                                                      : std::nullopt;
        is_bytes &= byte && *byte >= 0 && *byte <= 255;
        if (is_bytes) method->additional_data += static_cast<char>(*byte);
      }
    }
    if (!is_bytes)
      Error(kInvalidSetting, "\"aad\" is a list of bytes, as numbers from 0 to 255.",
            block.Find("aad")->expression().range());
  }

  Methods TargetMethods(const Merged& target) {
    CheckNames(target, {"method", "enforced"});
    Methods out;
    AddMethod(target.Find("method"), target.range, &out);
    const hcl::Block* fallback = target.fallback;
    for (int depth = 0; fallback != nullptr && depth < kFallbacksMax; ++depth) {
      static const hcl::BodySchema kSchema = {.attributes = {{"method"}},
                                              .blocks = {{"fallback", {}}}};
      hcl::BodyContent content = hcl::Content(fallback->body, kSchema);
      diagnostics_.Append(std::move(content.diagnostics));
      AddMethod(content.Find("method"), fallback->header_range(), &out);
      fallback = content.blocks.empty() ? nullptr : content.blocks.back();
    }
    Value enforced = Get(target, "enforced", "encryption");
    bool is_enforced = !enforced.is_null() && enforced.type().is_bool() && enforced.boolean();
    for (const Method& method : out) {
      if (is_enforced && method.is_unencrypted)
        Error(kForbidden,
              fmt::format("The target is enforced, and {} would leave it in the clear.",
                          method.address),
              target.range);
    }
    return out;
  }

  void AddMethod(const hcl::Attribute* attribute, const SourceRange& at, Methods* out) {
    if (attribute == nullptr)
      return Error(kInvalidSetting, "It needs a method: method = method.aes_gcm.NAME.", at);
    std::string address = Reference(*attribute, "method");
    auto known = known_methods_.find(address);
    if (known != known_methods_.end()) {
      out->push_back(known->second);
    } else if (!address.empty() && !methods_.contains(address)) {
      Error(kUndeclared, fmt::format("There is no {} in the encryption block.", address),
            attribute->expression().range());
    }
  }

  const Evaluate& evaluate_;
  Diagnostics& diagnostics_;
  std::map<std::string, Merged> key_providers_, methods_, targets_;
  std::map<std::string, Method> known_methods_;
  Configuration out_;
};

}  // namespace

Configuration Decode(const std::vector<hcl::Body>& bodies, const Evaluate& evaluate,
                     Diagnostics* diagnostics) {
  return Decoder(evaluate, diagnostics).Run(bodies);
}

}  // namespace andon::encryption
