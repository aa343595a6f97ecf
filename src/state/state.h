// State: what Andon remembers of the objects that it manages, as Terraform's state files
// of version 4 hold it. Plain data; the file form is in state/file.h.
//
// Objects are immutable and shared, so a copy of a State costs a few pointers for each
// instance, and a change of one instance costs a look-up. Attributes stay JSON until
// somebody who knows their type asks (Decode): most are never looked at.
//
//   State state;
//   state.SetCurrent(address, provider, MakeObject(...));
//   if (const Instance* one = state.FindInstance(address)) Decode(*one->current, type);
//
// Thread: as any struct: many readers or one writer. Objects may be read by all.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "address/address.h"
#include "base/result.h"
#include "value/path.h"
#include "value/type.h"
#include "value/value.h"

namespace andon::state {

enum class ObjectStatus : uint8_t {
  kReady,
  kTainted,  // To be replaced at the next opportunity.
};

// Addresses of resources without instance keys ("module.a.aws_vpc.b"), sorted. Shared,
// since all instances of a resource have the same; null means none.
using Dependencies = std::shared_ptr<const std::vector<std::string>>;

// One remote object as the provider reported it last.
struct Object {
  ObjectStatus status = ObjectStatus::kReady;
  uint64_t schema_version = 0;
  std::string attributes = "{}";  // JSON without white space. Not used where the flat form is set.
  // The form of Terraform 0.11 and before, which only the provider can upgrade.
  std::optional<std::map<std::string, std::string>> attributes_flat;
  std::vector<value::Path> sensitive_paths;
  std::string private_data;  // The provider's own bytes.
  Dependencies dependencies;
  bool create_before_destroy = false;
  bool skip_destroy = false;
  std::string identity;  // JSON; empty where there is none.
  std::optional<uint64_t> identity_schema_version;

  bool operator==(const Object& other) const;
};

using ObjectPtr = std::shared_ptr<const Object>;

// One instance of a resource: the object that counts, and those that were replaced but
// not destroyed yet, by their key of eight hexadecimal digits.
struct Instance {
  ObjectPtr current;  // Null where only deposed ones are left.
  std::map<std::string, ObjectPtr> deposed;
  // Which instance of a provider with for_each manages it.
  address::Key provider_key;

  bool empty() const { return current == nullptr && deposed.empty(); }
};

struct Resource {
  // As text: `provider["registry/namespace/type"]`, perhaps `module.x.` before and
  // `.alias` behind, without the key of an instance.
  std::string provider;
  std::map<address::Key, Instance> instances;
};

// An output of the root module.
struct Output {
  value::Value value;  // Without marks.
  bool sensitive = false;
  std::string deprecated;  // Why, where it is.
};

// What the checks of the last run said. Words of the file: kinds are "resource",
// "output", "check", "var"; statuses "pass", "fail", "error", "unknown".
struct CheckObject {
  std::string address;
  std::string status;
  std::vector<std::string> failure_messages;
  bool operator==(const CheckObject&) const = default;
};

struct CheckResult {
  std::string kind;
  std::string address;  // Without instance keys.
  std::string status;
  std::vector<CheckObject> objects;
  bool operator==(const CheckResult&) const = default;
};

struct State {
  std::string terraform_version;  // Of the program that wrote it.
  uint64_t serial = 0;            // Rises with each change.
  std::string lineage;            // Made once; states of another lineage are of another history.
  std::map<std::string, Output> outputs;
  std::map<address::Address, Resource> resources;  // By address without key.
  std::vector<CheckResult> check_results;

  // Neither outputs nor objects.
  bool empty() const;

  // Null where there is none. `instance` may have a key or none.
  const Resource* FindResource(const address::Address& resource) const;
  const Instance* FindInstance(const address::Address& instance) const;

  // Each of these makes the resource and the instance where they are missing, and
  // removes the instance, and then the resource, where nothing is left in it. A null
  // object removes.
  void SetCurrent(const address::Address& instance, std::string_view provider, ObjectPtr object,
                  const address::Key& provider_key = {});
  void SetDeposed(const address::Address& instance, const std::string& key,
                  std::string_view provider, ObjectPtr object,
                  const address::Key& provider_key = {});
  // Makes the current object a deposed one, and returns its key; empty where there is
  // no current object.
  std::string Depose(const address::Address& instance);
  // Makes a deposed object the current one again: false where there is a current one
  // or no such deposed one.
  bool RestoreDeposed(const address::Address& instance, const std::string& key);
  void RemoveInstance(const address::Address& instance);
  void RemoveResource(const address::Address& resource);
};

// Whether both say the same of outputs, objects and checks; serial, lineage and version
// aside. Objects that are shared are not compared again.
bool SameContent(const State& a, const State& b);

// The value of the object with its sensitive parts marked. kInvalid where the attributes
// do not fit the type: they were written by another version of the provider, which has
// to upgrade them first.
Result<value::Value> Decode(const Object& object, const value::Type& type);

// Puts the value into the object: attributes, and sensitive paths from its marks.
// Unknown parts become null. kInvalid where the value has no place in JSON.
Result<void> Encode(const value::Value& value, const value::Type& type, Object& object);

}  // namespace andon::state
