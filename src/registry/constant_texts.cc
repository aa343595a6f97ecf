#include "registry/constant_texts.h"

#include "hcl/eval.h"

namespace andon::registry {

std::vector<std::string> ConstantTexts(const hcl::Body& body, std::string_view name) {
  std::vector<std::string> out;
  const hcl::Attribute* attribute = body.Find(name);
  if (attribute == nullptr) return out;
  auto value = hcl::EvaluateConstant(attribute->expression()).value;
  if (value.is_known_not_null() && value.type().is_string()) return {value.string()};
  if (!value.CanIterate()) return out;
  for (const auto& [key, item] : value.Elements()) {
    if (item.is_known_not_null() && item.type().is_string()) out.push_back(item.string());
  }
  return out;
}

std::string ConstantText(const hcl::Body& body, std::string_view name) {
  std::vector<std::string> texts = ConstantTexts(body, name);
  return texts.size() == 1 ? texts[0] : std::string();
}

}  // namespace andon::registry
