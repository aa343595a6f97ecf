// The provider interface: how the planner asks whoever owns a type of object what
// it may say, what will change, and to change it. Its shape is that of Terraform's
// plugin protocol, so that a plugin is one more implementation; the data blocks'
// own provider (src/builtin) is the first.
//
// Values are objects of the type's schema. Unknown parts stand for what only apply
// can tell; marks do not reach a provider.
//
// Thread: all functions may be called at the same time.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostics.h"
#include "base/json.h"
#include "value/path.h"
#include "value/value.h"

namespace andon::provider {

// The type of one kind of object, as the protocol describes it.
struct AttributeSchema {
  std::string name;
  value::Type type;
  bool required = false;
  bool optional = false;
  bool computed = false;
  bool sensitive = false;
  std::string description;
};

struct ObjectSchema {
  int64_t version = 0;
  std::vector<AttributeSchema> attributes;
  std::string description;
};

struct ProviderSchema {
  std::map<std::string, ObjectSchema, std::less<>> objects;  // By type: "dataset", "aws_s3_bucket".
};

// A remark on one attribute's change, for the reader of a plan.
struct Note {
  value::Path path;
  std::string text;  // "compatible, metadata only"
  bool is_breaking = false;
};

struct PlanRequest {
  std::string type;
  value::Value prior;     // Null where it does not exist yet.
  value::Value proposed;  // Null where it is to be removed.
  value::Value config;
  std::string private_data;
};

struct PlanResponse {
  value::Value planned;  // Null for a removal.
  std::vector<value::Path> requires_replace;
  std::vector<Note> notes;
  std::string private_data;
  Diagnostics diagnostics;
};

struct ApplyRequest {
  std::string type;
  value::Value prior;
  value::Value planned;
  value::Value config;
  std::string private_data;
};

struct ApplyResponse {
  value::Value value;  // What stands now, also after an error: partial objects are recorded.
  std::string private_data;
  Diagnostics diagnostics;
};

struct ReadRequest {
  std::string type;
  value::Value prior;
  std::string private_data;
};

struct ReadResponse {
  value::Value value;  // Null where it is gone.
  std::string private_data;
  Diagnostics diagnostics;
};

class Provider {
 public:
  virtual ~Provider();
  virtual const ProviderSchema& GetSchema() const = 0;
  // Alone, without other objects or the outside world.
  virtual Diagnostics ValidateConfig(const std::string& type, const value::Value& config) const = 0;
  virtual PlanResponse Plan(const PlanRequest& request) const = 0;
  virtual ApplyResponse Apply(const ApplyRequest& request) = 0;
  virtual ReadResponse Read(const ReadRequest& request) = 0;
};

}  // namespace andon::provider
