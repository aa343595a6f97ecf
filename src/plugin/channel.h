// Remote procedure calls over one connection: gRPC, that is HTTP/2 with one stream a
// call. Nothing of gRPC is linked: HTTP/2 is nghttp2's, the rest is five bytes before
// a message and two headers after it.
//
// A call fails with
//   kNotFound     the other side has no such procedure (UNIMPLEMENTED)
//   kUnavailable  the connection has ended, or the other side is going
//   kInterrupted  the call was cancelled, or its time is over
//   kCorrupt      the answer is no gRPC, or longer than kMessageMax
//   kInvalid      the procedure itself failed; the message is the other side's
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "plugin/stream.h"

namespace andon::plugin {

// Of one message, in either direction. The schema of the largest known provider has
// about 40 MB; what is beyond this is no answer but a mistake.
inline constexpr size_t kMessageMax = 256 << 20;

// Thread: all functions may be called at the same time.
class Channel {
 public:
  explicit Channel(std::unique_ptr<Stream> stream);
  // As Close.
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Waits until the other side has shown that it speaks HTTP/2. kInterrupted after the
  // deadline; as a call else. Calls may be made before.
  Result<void> WaitUntilReady(Stream::Deadline deadline);

  // Sends `request` to the procedure ("/tfplugin6.Provider/ReadResource") and waits
  // for its answer. No limit: until the answer comes or the connection ends.
  Result<std::string> Call(const std::string& path, const std::string& request,
                           std::optional<Duration> limit = {});

  // Begins a call whose answers come one by one; `receive` gets them, on a thread of
  // the channel's, until the other side ends the stream or the channel ends.
  void Listen(const std::string& path, const std::string& request,
              std::function<void(std::string_view)> receive);

  bool is_open() const;
  // Ends the connection: calls that still run fail, and so do all to come.
  void Close();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace andon::plugin
