#include <fmt/format.h>

#include "base/json.h"
#include "plugin/plugin.h"

namespace andon::plugin {
namespace {

Result<Reattach> ReadOne(const Json& json) {
  if (json["Protocol"].AsString("grpc") != "grpc")
    return Error::Invalid("its Protocol is \"{}\", and only \"grpc\" is understood",
                          json["Protocol"].AsString());
  Reattach reattach;
  constexpr int64_t kUnsaid = 5;  // Before the field existed, there was no other version.
  int64_t version = json["ProtocolVersion"].AsInteger();
  reattach.protocol = TRY(MakeProtocol(version == 0 ? kUnsaid : version));
  const Json& address = json["Addr"];
  reattach.endpoint =
      TRY(MakeEndpoint(address["Network"].AsString(), address["String"].AsString()));
  reattach.pid = static_cast<int>(json["Pid"].AsInteger());
  return reattach;
}

}  // namespace

Result<std::map<std::string, Reattach>> ReadReattach(std::string_view text) {
  std::map<std::string, Reattach> result;
  if (text.empty()) return result;
  Result<Json> json = Json::Parse(text);
  if (!json.ok()) return std::move(json).error().In("TF_REATTACH_PROVIDERS");
  if (!json->is_object())
    return Error::Invalid("TF_REATTACH_PROVIDERS must be an object of provider addresses");
  for (const auto& [name, entry] : json->members()) {
    auto one = ReadOne(entry);
    if (!one.ok())
      return std::move(one).error().In(fmt::format("TF_REATTACH_PROVIDERS, \"{}\"", name));
    result[name] = std::move(*one);
  }
  return result;
}

}  // namespace andon::plugin
