#include "notify/channel.h"

#include "base/text.h"

namespace andon::notify {

// One line for each file of channels/.
extern const ChannelKind kWebhook;
extern const ChannelKind kLog;

const std::vector<const ChannelKind*>& ChannelKinds() {
  static const std::vector<const ChannelKind*> kKinds = {&kWebhook, &kLog};
  return kKinds;
}

Result<std::unique_ptr<Channel>> MakeChannel(std::string_view kind, const Json& settings,
                                             const ChannelContext& context) {
  std::vector<std::string> names;
  for (const ChannelKind* known : ChannelKinds()) {
    if (known->name == kind) return known->make(settings, context);
    names.emplace_back(known->name);
  }
  std::string meant = DidYouMean(kind, names);
  if (!meant.empty()) {
    return Error::Invalid("there is no channel type \"{}\"; did you mean \"{}\"?", kind, meant);
  }
  return Error::Invalid("there is no channel type \"{}\"; there are {}", kind,
                        andon::Join(names, ", "));
}

Json ToJson(const Message& message) {
  return Json::Object({{"key", message.key},
                       {"kind", message.kind},
                       {"severity", message.severity},
                       {"title", message.title},
                       {"text", message.text},
                       {"address", message.address},
                       {"time", ToRfc3339(message.time)},
                       {"data", message.data}});
}

Result<Message> FromJson(const Json& json) {
  if (!json.is_object() || !json["kind"].is_string() || !json["title"].is_string()) {
    return Error::Invalid("a notification without kind and title");
  }
  auto time = TRY(ParseTimestamp(json["time"].AsString()));
  return Message{json["key"].AsString(),
                 json["kind"].AsString(),
                 json["severity"].AsString(),
                 json["title"].AsString(),
                 json["text"].AsString(),
                 json["address"].AsString(),
                 time,
                 json["data"]};
}

}  // namespace andon::notify
