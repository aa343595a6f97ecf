#include <fmt/format.h>

#include <utility>

#include "state/codes.h"
#include "state/file.h"
#include "state/file_names.h"
#include "state/file_object.h"
#include "state/json_reader.h"
#include "value/json.h"

namespace andon::state {
namespace {

// "1.11.4", "v1.12.0-beta1+x": up to three numbers, then anything behind - or +.
bool IsVersion(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  bool digit = false;
  for (char c : text) {
    if (c >= '0' && c <= '9') {
      digit = true;
    } else if (c == '.' && digit) {
      digit = false;
    } else {
      return digit && (c == '-' || c == '+');
    }
  }
  return digit;
}

class Reader {
 public:
  Reader(std::string_view text, const std::string& filename) : in_(text), filename_(filename) {}

  ReadResult Run() {
    std::string key;
    for (bool more = in_.EnterObject("state"); more && in_.NextMember(key);) ReadMember(key);
    in_.ExpectEnd();
    ReadResult result;
    if (in_.failed()) {
      Report(diagnostics_, kInvalidFormat,
             fmt::format("The state file cannot be read: {}.", in_.message()),
             in_.Place(filename_));
    }
    if (!diagnostics_.has_errors()) result.state = std::move(state_);
    result.diagnostics = std::move(diagnostics_);
    return result;
  }

 private:
  // What stands in a file beside its object.
  struct Head {
    address::Key key;
    std::string deposed;
    std::string provider;
  };

  void Mistake(const Code& code, std::string detail, Severity severity = Severity::kError) {
    Diagnostic diagnostic;
    diagnostic.severity = severity;
    diagnostic.code = code.code;
    diagnostic.summary = code.summary;
    diagnostic.detail = std::move(detail);
    // Places are looked for from the start of the text, which thousands would be slow.
    constexpr size_t kPlacesMax = 100;
    if (diagnostics_.size() < kPlacesMax) diagnostic.subject = in_.Place(filename_);
    diagnostics_.Add(std::move(diagnostic));
  }

  void ReadMember(const std::string& key) {
    if (key == "terraform_version") {
      in_.Read(state_.terraform_version, key);
      if (!state_.terraform_version.empty() && !IsVersion(state_.terraform_version)) {
        Mistake(kInvalidVersion,
                fmt::format("The state file claims to be written by version \"{}\", which is no "
                            "version.",
                            state_.terraform_version));
      }
    } else if (key == "serial") {
      in_.Read(state_.serial, key);
    } else if (key == "lineage") {
      in_.Read(state_.lineage, key);
    } else if (key == "outputs") {
      std::string name;
      for (bool more = in_.EnterObject(key); more && in_.NextMember(name);) ReadOutput(name);
    } else if (key == "resources") {
      for (bool more = in_.EnterArray(key); more && in_.NextItem();) ReadResource();
    } else if (key == "check_results") {
      for (bool more = in_.EnterArray(key); more && in_.NextItem();) ReadCheck();
    } else {
      in_.Skip();
    }
  }

  void ReadOutput(const std::string& name) {
    Output output;
    std::string key, value_text, type_text = "null";
    for (bool more = in_.EnterObject(name); more && in_.NextMember(key);) {
      if (key == "value") {
        in_.ReadRaw(value_text);
      } else if (key == "type") {
        in_.ReadRaw(type_text);
      } else if (key == "sensitive") {
        in_.Read(output.sensitive, key);
      } else if (key == "deprecated") {
        in_.Read(output.deprecated, key);
      } else {
        in_.Skip();
      }
    }
    if (in_.failed()) return;
    auto json = Json::Parse(type_text);
    auto type = json.ok() ? value::TypeFromJson(*json) : Result<value::Type>(json.error());
    if (!type.ok()) {
      return Mistake(kInvalidOutputType,
                     fmt::format("The state file has an invalid type specification for output "
                                 "\"{}\": {}.",
                                 name, type.error().message));
    }
    auto value = value::FromJsonText(value_text, *type);
    if (!value.ok()) {
      return Mistake(kInvalidOutputValue,
                     fmt::format("The state file has an invalid value for output \"{}\": {}.", name,
                                 value.error().message));
    }
    output.value = *std::move(value);
    state_.outputs[name] = std::move(output);
  }

  void ReadResource() {
    address::Address address;
    std::string key, mode, module, provider;
    std::vector<std::pair<Head, ObjectPtr>> instances;
    for (bool more = in_.EnterObject("resources"); more && in_.NextMember(key);) {
      if (key == "module") {
        in_.Read(module, key);
      } else if (key == "mode") {
        in_.Read(mode, key);
      } else if (key == "type") {
        in_.Read(address.kind, key);
      } else if (key == "name") {
        in_.Read(address.name, key);
      } else if (key == "provider") {
        in_.Read(provider, key);
      } else if (key == "instances") {
        for (bool list = in_.EnterArray(key); list && in_.NextItem();) {
          instances.push_back(ReadInstance());
        }
      } else {
        in_.Skip();
      }
    }
    if (in_.failed()) return;
    if (mode != "managed" && mode != "data") {
      return Mistake(kInvalidMode,
                     fmt::format("The state contains a resource with mode \"{}\" (\"{}\" \"{}\") "
                                 "which is not supported.",
                                 mode, address.kind, address.name));
    }
    address.is_data = mode == "data";
    auto steps = ModuleFromText(module);
    if (!steps) {
      return Mistake(kInvalidAddress, fmt::format("\"{}\" is no address of a module.", module));
    }
    address.module = *std::move(steps);
    auto reads_back = address::Parse(ToString(address));
    if (!reads_back.ok() || *reads_back != address) {
      return Mistake(kInvalidAddress,
                     fmt::format("\"{}\" \"{}\" is no type and name of a resource.", address.kind,
                                 address.name));
    }
    AddResource(address, provider, std::move(instances));
  }

  std::pair<Head, ObjectPtr> ReadInstance() {
    Head head;
    std::string key;
    for (bool more = in_.EnterObject("instances"); more && in_.NextMember(key);) {
      if (key == "index_key") {
        ReadKey(head.key);
      } else if (key == "deposed") {
        in_.Read(head.deposed, key);
      } else if (key == "provider") {
        in_.Read(head.provider, key);
      } else if (!fields_.Read(in_, key)) {
        in_.Skip();
      }
    }
    return {std::move(head), fields_.Take()};
  }

  void ReadKey(address::Key& key) {
    if (in_.Peek() == JsonReader::Kind::kString) {
      std::string text;
      in_.Read(text, "index_key");
      key = std::move(text);
    } else if (in_.Peek() == JsonReader::Kind::kNull) {
      in_.Skip();
    } else {
      uint64_t number = 0;
      in_.Read(number, "index_key");
      key = static_cast<int64_t>(number);
    }
  }

  void AddResource(const address::Address& address, const std::string& provider,
                   std::vector<std::pair<Head, ObjectPtr>> instances) {
    Resource& resource = state_.resources[address];
    if (!provider.empty()) {
      auto split = SplitProvider(provider);
      if (!split) {
        return Mistake(kInvalidAddress,
                       fmt::format("{} is managed by \"{}\", which is no address of a provider.",
                                   ToString(address), provider));
      }
      resource.provider = provider;
    }
    for (auto& [head, object] : instances) {
      AddInstance(address, resource, provider, head, std::move(object));
    }
    // An object that nobody manages cannot be destroyed either.
    if (resource.provider.empty() && !instances.empty()) {
      Mistake(kMissingProvider,
              fmt::format("Resource {} is missing a provider address, both on the resource and "
                          "the resource instances.",
                          ToString(address)));
    }
  }

  void AddInstance(const address::Address& address, Resource& resource, const std::string& provider,
                   const Head& head, ObjectPtr object) {
    auto full = [&] { return ToString(address.WithKey(head.key)); };
    if (!head.deposed.empty() && head.deposed.size() != 8) {
      return Mistake(kInvalidInstance,
                     fmt::format("Instance {} has an object with deposed key \"{}\", which is not "
                                 "correctly formatted.",
                                 full(), head.deposed));
    }
    Instance& instance = resource.instances[head.key];
    ObjectPtr& place = head.deposed.empty() ? instance.current : instance.deposed[head.deposed];
    if (place != nullptr) {
      return Mistake(
          kDuplicateInstance,
          head.deposed.empty()
              ? fmt::format("Instance {} appears multiple times in the state file.", full())
              : fmt::format("Instance {} deposed object \"{}\" appears multiple times "
                            "in the state file.",
                            full(), head.deposed));
    }
    place = std::move(object);
    if (head.provider.empty()) return;
    auto split = SplitProvider(head.provider);
    if (!split) {
      return Mistake(kInvalidAddress,
                     fmt::format("{} is managed by \"{}\", which is no address of a provider.",
                                 full(), head.provider));
    }
    if (!provider.empty()) {
      Mistake(kProviderConflict,
              fmt::format("Resource {} has a provider address {}, as well as an instance with "
                          "provider address {}.",
                          ToString(address), provider, head.provider),
              Severity::kWarning);
    } else if (!resource.provider.empty() && resource.provider != split->first) {
      return Mistake(kProviderConflict,
                     fmt::format("Resource {} has instances with different provider addresses: "
                                 "{} and {}.",
                                 ToString(address), resource.provider, split->first));
    }
    resource.provider = std::move(split->first);
    instance.provider_key = std::move(split->second);
  }

  void ReadCheck() {
    CheckResult check;
    std::string key;
    for (bool more = in_.EnterObject("check_results"); more && in_.NextMember(key);) {
      if (key == "object_kind") {
        in_.Read(check.kind, key);
      } else if (key == "config_addr") {
        in_.Read(check.address, key);
      } else if (key == "status") {
        in_.Read(check.status, key);
      } else if (key == "objects") {
        for (bool list = in_.EnterArray(key); list && in_.NextItem();) {
          check.objects.push_back(ReadCheckObject());
        }
      } else {
        in_.Skip();
      }
    }
    // Kinds of a version to come are left out.
    bool is_known = check.kind == "resource" || check.kind == "output" || check.kind == "check" ||
                    check.kind == "var";
    check.status = StatusWord(check.status);
    if (is_known) state_.check_results.push_back(std::move(check));
  }

  CheckObject ReadCheckObject() {
    CheckObject object;
    std::string key;
    for (bool more = in_.EnterObject("objects"); more && in_.NextMember(key);) {
      if (key == "object_addr") {
        in_.Read(object.address, key);
      } else if (key == "status") {
        in_.Read(object.status, key);
      } else if (key == "failure_messages") {
        for (bool list = in_.EnterArray(key); list && in_.NextItem();) {
          in_.Read(object.failure_messages.emplace_back(), key);
        }
      } else {
        in_.Skip();
      }
    }
    object.status = StatusWord(object.status);
    return object;
  }

  static std::string StatusWord(const std::string& status) {
    bool is_known = status == "pass" || status == "fail" || status == "error";
    return is_known ? status : "unknown";
  }

  JsonReader in_;
  const std::string& filename_;
  ObjectFields fields_;
  State state_;
  Diagnostics diagnostics_;
};

struct Sniffed {
  std::optional<uint64_t> version;
  std::string terraform_version;
  bool is_encrypted = false;
};

// What the file says of itself. The whole text is walked, so that damage is told as such
// and not by the field that it hit.
Sniffed Sniff(JsonReader& in) {
  Sniffed sniffed;
  std::string key;
  for (bool more = in.EnterObject("state"); more && in.NextMember(key);) {
    if (key == "version" && in.Peek() != JsonReader::Kind::kNull) {
      in.Read(sniffed.version.emplace(), key);
    } else if (key == "terraform_version" && in.Peek() == JsonReader::Kind::kString) {
      in.Read(sniffed.terraform_version, key);
    } else {
      sniffed.is_encrypted |= key == "encrypted_data";
      in.Skip();
    }
  }
  in.ExpectEnd();
  return sniffed;
}

std::string UnsupportedVersion(const Sniffed& sniffed) {
  uint64_t version = *sniffed.version;
  if (version == 0) {
    return "The state file has a version number of zero, which no state format ever had.";
  }
  std::string writer =
      IsVersion(sniffed.terraform_version)
          ? fmt::format(" It was created by version {}.", sniffed.terraform_version)
          : std::string();
  if (version < 4) {
    return fmt::format(
        "The state file uses format version {}, of Terraform 0.11 and before.{} Run `terraform "
        "apply` or `tofu apply -refresh-only` once, which writes it in format version 4.",
        version, writer);
  }
  return fmt::format(
      "The state file uses format version {}, which is not supported.{} Use the version that wrote "
      "it, or a newer one.",
      version, writer);
}

}  // namespace

ReadResult ReadState(std::string_view text, const std::string& filename) {
  ReadResult result;
  if (text.empty()) return result;
  auto refuse = [&](std::string detail, SourceRange place) {
    Report(result.diagnostics, kUnsupportedFormat, std::move(detail), std::move(place));
    return std::move(result);
  };
  JsonReader sniffer(text);
  SourceRange start = sniffer.Place(filename);
  // Before Terraform 0.7 state files were binary.
  if (text.starts_with("tfstate")) {
    return refuse(
        "The state is stored in a legacy binary format that is not supported since "
        "Terraform v0.7.",
        start);
  }
  Sniffed sniffed = Sniff(sniffer);
  if (sniffer.failed()) {
    return refuse(fmt::format("The state file could not be parsed as JSON: {}. Restore it from its "
                              "backup if it was damaged.",
                              sniffer.message()),
                  sniffer.Place(filename));
  }
  if (!sniffed.version && sniffed.is_encrypted) {
    return refuse(
        "This state file is encrypted and can not be read without an encryption "
        "configuration.",
        start);
  }
  if (!sniffed.version) {
    return refuse(
        "The state file does not have a \"version\" attribute, which is required to "
        "identify the format version.",
        start);
  }
  if (*sniffed.version != 4) return refuse(UnsupportedVersion(sniffed), start);
  return Reader(text, filename).Run();
}

Result<ObjectPtr> ObjectFromText(std::string_view text) {
  JsonReader in(text);
  ObjectFields fields;
  std::string key;
  for (bool more = in.EnterObject("object"); more && in.NextMember(key);) {
    if (!fields.Read(in, key)) in.Skip();
  }
  in.ExpectEnd();
  if (in.failed()) return Error::Corrupt("the object cannot be read: {}", in.message());
  return fields.Take();
}

}  // namespace andon::state
