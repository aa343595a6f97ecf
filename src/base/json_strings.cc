#include "base/json_strings.h"

namespace andon {

Json Strings(const std::vector<std::string>& list) {
  Json out = Json::List();
  for (const std::string& item : list) out.Push(item);
  return out;
}

std::vector<std::string> Strings(const Json& list) {
  std::vector<std::string> out;
  for (const Json& item : list.items()) out.push_back(item.AsString());
  return out;
}

}  // namespace andon
