// A channel: one way in which a notification leaves Andon. Each kind is one file
// under channels/, and one line of kChannelKinds.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/result.h"

namespace andon::io {
class FileSystem;
class HttpClient;
}  // namespace andon::io

namespace andon::notify {

// What a person or a program is told. The outbox holds it as ToJson gives it.
struct Message {
  std::string key;       // The same for every attempt: receivers tell repeats by it.
  std::string kind;      // "incident_opened".
  std::string severity;  // "critical", "warning", "info".
  std::string title;     // One line.
  std::string text;      // Some more lines; may be empty.
  std::string address;   // What it is about: "dataset.payment".
  Timestamp time;
  Json data = Json::Object();  // The rest, for programs.
};

Json ToJson(const Message& message);
// kInvalid where it is no message.
Result<Message> FromJson(const Json& json);

// Thread: one Send at a time for each channel.
class Channel {
 public:
  virtual ~Channel() = default;
  // Done when the other side has it. kInvalid: trying again will not help (a
  // refused address); any other kind: it may. Messages hold no secret.
  virtual Result<void> Send(const Message& message) = 0;
};

// What channels are made of. Lifetime: kept by the channels.
struct ChannelContext {
  io::HttpClient* http = nullptr;
  io::FileSystem* files = nullptr;
  std::string project_dir;       // Relative paths begin here.
  std::string source;            // Who sends, in envelopes: "andon/shop".
  const Clock* clock = nullptr;  // For the time of signatures; without: the message's.
};

struct ChannelKind {
  std::string_view name;  // As in `type = "webhook"`.
  std::string_view says;
  // `settings`: the block's attributes with secrets already resolved.
  Result<std::unique_ptr<Channel>> (*make)(const Json& settings, const ChannelContext& context);
};

// All kinds, in the order in which documentation lists them.
const std::vector<const ChannelKind*>& ChannelKinds();

// kInvalid for an unknown kind, with the one that was likely meant, or wrong settings.
Result<std::unique_ptr<Channel>> MakeChannel(std::string_view kind, const Json& settings,
                                             const ChannelContext& context);

}  // namespace andon::notify
