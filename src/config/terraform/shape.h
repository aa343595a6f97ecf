// What a body may hold, as far as a validation needs it: the names and types of its
// arguments and nested blocks. Whoever has the schema of a provider gives it in this form.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/terraform/configuration.h"
#include "value/type.h"

namespace andon::config {

struct AttributeShape {
  std::string name;
  value::Type type;
  bool required = false;
  bool can_be_set = true;  // False: the provider alone sets it.
};

struct NestedShape;

struct BodyShape {
  std::vector<AttributeShape> attributes;
  std::vector<NestedShape> blocks;

  const AttributeShape* Find(std::string_view name) const;
};

struct NestedShape {
  std::string type;
  BodyShape body;
  std::vector<std::string> label_names;
  int count_min = 0;
  int count_max = -1;  // No bound.
};

// The shape of a resource type; null where nobody knows it, which is no mistake.
using ShapeLookup =
    std::function<const BodyShape*(const ProviderAddress&, ResourceMode, std::string_view type)>;

// Of what is part of the program: terraform_data and terraform_remote_state.
const BodyShape* BuiltinShape(const ProviderAddress& provider, ResourceMode mode,
                              std::string_view type);
// Null where there is no such provisioner.
const BodyShape* ProvisionerShape(std::string_view type);
const BodyShape& ConnectionShape();

// The type of a value of this shape: its attributes, and nested blocks as dynamic ones.
value::Type TypeOf(const BodyShape& shape);

}  // namespace andon::config
