#include "plugin/channel.h"

#include <fmt/format.h>
#include <nghttp2/nghttp2.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "plugin/signals.h"

namespace andon::plugin {
namespace {

// Before each message: whether it is compressed, and its length.
constexpr size_t kPrefix = 5;
// Bytes that may be under way to us: without it a large schema would wait for our
// permission every 64 KB.
constexpr int32_t kWindow = 16 << 20;
constexpr size_t kChunk = 64 << 10;
// The text of an error, which comes as a header.
constexpr size_t kStatusTextMax = 64 << 10;

enum Status {
  kOk = 0,
  kCancelled = 1,
  kDeadline = 4,
  kUnimplemented = 12,
  kUnavailableStatus = 14
};

int StatusOf(std::string_view text) {
  constexpr int kUnknown = 2;
  int status = kUnknown;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), status);
  return error == std::errc() && end == text.data() + text.size() ? status : kUnknown;
}

// "%20" is a space, as in addresses of web pages.
std::string PercentDecoded(std::string_view text) {
  auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    bool is_escape =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    out += is_escape ? static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2])) : text[i];
    if (is_escape) i += 2;
  }
  return out;
}

// One call, from its request to its answer. Owned by who waits for it, or, where it
// is listened to, by the channel.
struct Pending {
  std::string path;
  std::string request;  // With its prefix.
  size_t sent = 0;
  int32_t stream = -1;
  std::function<void(std::string_view)> receive;  // Of a stream of answers.

  std::string body;
  std::string http_status;
  std::optional<int> grpc_status;
  std::string grpc_message;
  std::optional<Error> failure;  // Ours, found before the end.
  bool is_done = false;          // Guarded by the channel's mutex.
  std::condition_variable done;
};

std::string WithPrefix(std::string_view message) {
  std::string bytes(1, '\0');
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(message.size() >> shift);
  return bytes.append(message);
}

size_t LengthAt(std::string_view prefix) {
  size_t length = 0;
  for (size_t i = 1; i < kPrefix; ++i) length = length << 8 | static_cast<uint8_t>(prefix[i]);
  return length;
}

Error NoGrpc(std::string_view what) {
  return {ErrorKind::kCorrupt, fmt::format("its answer is no gRPC: {}", what)};
}

Error FromStatus(int status, const std::string& text) {
  std::string message = text.empty() ? fmt::format("it gave the status {}", status) : text;
  if (!IsUtf8(message)) message = fmt::format("it gave the status {}", status);
  switch (status) {
    case kUnimplemented:
      return {ErrorKind::kNotFound, std::move(message)};
    case kUnavailableStatus:
      return {ErrorKind::kUnavailable, std::move(message)};
    case kCancelled:
    case kDeadline:
      return {ErrorKind::kInterrupted, std::move(message)};
    default:
      return {ErrorKind::kInvalid, std::move(message)};
  }
}

// What a call that has ended gives. Requires: is_done.
Result<std::string> AnswerOf(Pending* call) {
  if (call->failure) return std::move(*call->failure);
  if (!call->grpc_status) {
    return call->http_status == "200"
               ? Error::Unavailable("it ended the call without an answer")
               : NoGrpc(fmt::format("HTTP status \"{}\"", call->http_status));
  }
  if (*call->grpc_status != kOk) return FromStatus(*call->grpc_status, call->grpc_message);
  if (call->body.size() < kPrefix) return NoGrpc("there is no message in it");
  if (call->body[0] != 0) return NoGrpc("the message is compressed, which was not asked for");
  if (LengthAt(call->body) != call->body.size() - kPrefix)
    return NoGrpc("the message has not the length that it says");
  return call->body.substr(kPrefix);
}

}  // namespace

struct Channel::State {
  std::unique_ptr<Stream> stream;
  nghttp2_session* session = nullptr;
  int wake = -1;
  std::mutex joining;  // Guards the end of the thread.
  std::thread thread;

  std::mutex mutex;  // Guards what follows, and is_done and failure of the calls.
  std::deque<Pending*> fresh;
  std::deque<Pending*> cancelled;
  bool is_closing = false;
  std::optional<Error> ended;
  bool is_ready = false;
  std::condition_variable changed;  // Of `ended` and `is_ready`.

  // The channel's own thread only:
  std::map<int32_t, Pending*> running;
  std::vector<std::unique_ptr<Pending>> listeners;
  std::string out;  // What nghttp2 gave and the socket has not taken.
  size_t out_sent = 0;
  std::vector<char> in = std::vector<char>(kChunk);

  void Wake() {
    uint64_t one = 1;
    (void)!::write(wake, &one, sizeof one);
  }

  void Run();
  Result<void> Turn();
  Result<void> ReadAll();
  Result<void> WriteAll();
  void TakeRequests();
  void Begin(Pending* call);
  void Finish(Pending* call, std::optional<Error> failure);
  void FailAll(const Error& error);
  void Refuse(Pending* call, Error error);
  void Hear(Pending* call);

  Pending* Find(int32_t id) {
    auto found = running.find(id);
    return found == running.end() ? nullptr : found->second;
  }

  // nghttp2's callbacks; `self` is the State.
  static ssize_t OnSend(nghttp2_session*, int32_t id, uint8_t* to, size_t size, uint32_t* flags,
                        nghttp2_data_source* source, void* self);
  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                      void* self);
  static int OnData(nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size,
                    void* self);
  static int OnClose(nghttp2_session*, int32_t id, uint32_t code, void* self);
  static int OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self);
  Result<void> MakeSession();
};

// By the number of the stream: a call that was cancelled is no longer there.
ssize_t Channel::State::OnSend(nghttp2_session*, int32_t id, uint8_t* to, size_t size,
                               uint32_t* flags, nghttp2_data_source*, void* self) {
  Pending* call = static_cast<State*>(self)->Find(id);
  if (call == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
  size_t n = std::min(size, call->request.size() - call->sent);
  memcpy(to, call->request.data() + call->sent, n);
  call->sent += n;
  if (call->sent == call->request.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
  return static_cast<ssize_t>(n);
}

int Channel::State::OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                             size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                             void* self) {
  Pending* call = static_cast<State*>(self)->Find(frame->hd.stream_id);
  if (call == nullptr) return 0;
  std::string_view key(reinterpret_cast<const char*>(name), name_size);
  std::string_view text(reinterpret_cast<const char*>(value), value_size);
  if (key == ":status") call->http_status = text;
  if (key == "grpc-status") call->grpc_status = StatusOf(text);
  if (key == "grpc-message") call->grpc_message = PercentDecoded(text.substr(0, kStatusTextMax));
  return 0;
}

int Channel::State::OnData(nghttp2_session*, uint8_t, int32_t id, const uint8_t* data, size_t size,
                           void* self) {
  auto* state = static_cast<State*>(self);
  Pending* call = state->Find(id);
  if (call == nullptr || call->failure) return 0;
  call->body.append(reinterpret_cast<const char*>(data), size);
  bool is_known = call->body.size() >= kPrefix;
  if (is_known && LengthAt(call->body) > kMessageMax) {
    state->Refuse(
        call, {ErrorKind::kCorrupt, fmt::format("its answer has {} bytes, and at most {} are taken",
                                                LengthAt(call->body), kMessageMax)});
  } else if (is_known && !call->receive && call->body.size() > LengthAt(call->body) + kPrefix) {
    state->Refuse(call, NoGrpc("there is more in it than one message"));
  } else if (is_known && call->receive) {
    state->Hear(call);
  } else if (is_known) {
    call->body.reserve(LengthAt(call->body) + kPrefix);
  }
  return 0;
}

int Channel::State::OnClose(nghttp2_session*, int32_t id, uint32_t code, void* self) {
  auto* state = static_cast<State*>(self);
  Pending* call = state->Find(id);
  if (call == nullptr) return 0;
  state->running.erase(id);
  std::optional<Error> failure;
  bool is_cut = code != NGHTTP2_NO_ERROR && !call->grpc_status;
  if (is_cut && code == NGHTTP2_REFUSED_STREAM)
    failure = Error::Unavailable("it takes no more calls");
  else if (is_cut)
    failure = Error::Unavailable("it broke off the call ({})", nghttp2_http2_strerror(code));
  state->Finish(call, std::move(failure));
  return 0;
}

// Each side begins with its settings.
int Channel::State::OnFrame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
  if (frame->hd.type != NGHTTP2_SETTINGS) return 0;
  auto* state = static_cast<State*>(self);
  std::lock_guard lock(state->mutex);
  state->is_ready = true;
  state->changed.notify_all();
  return 0;
}

// Messages of a stream, as soon as each is whole.
void Channel::State::Hear(Pending* call) {
  std::string_view left = call->body;
  while (left.size() >= kPrefix && LengthAt(left) <= left.size() - kPrefix) {
    size_t length = LengthAt(left);
    call->receive(left.substr(kPrefix, length));
    left.remove_prefix(kPrefix + length);
  }
  call->body = std::string(left);
}

void Channel::State::Refuse(Pending* call, Error error) {
  call->failure = std::move(error);
  nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, call->stream, NGHTTP2_CANCEL);
}

void Channel::State::Finish(Pending* call, std::optional<Error> failure) {
  std::lock_guard lock(mutex);
  if (!call->failure) call->failure = std::move(failure);
  call->is_done = true;
  call->done.notify_all();
}

void Channel::State::FailAll(const Error& error) {
  std::deque<Pending*> waiting;
  {
    std::lock_guard lock(mutex);
    ended = error;
    changed.notify_all();
    waiting.swap(fresh);
    cancelled.clear();
  }
  for (auto& [id, call] : running) waiting.push_back(call);
  running.clear();
  for (Pending* call : waiting) Finish(call, error);
}

void Channel::State::Begin(Pending* call) {
  auto header = [](std::string_view name, std::string_view value) {
    return nghttp2_nv{reinterpret_cast<uint8_t*>(const_cast<char*>(name.data())),
                      reinterpret_cast<uint8_t*>(const_cast<char*>(value.data())), name.size(),
                      value.size(), NGHTTP2_NV_FLAG_NONE};
  };
  const nghttp2_nv headers[] = {
      header(":method", "POST"),     header(":scheme", stream->is_encrypted() ? "https" : "http"),
      header(":path", call->path),   header(":authority", "localhost"),
      header("te", "trailers"),      header("content-type", "application/grpc"),
      header("user-agent", "andon"),
  };
  nghttp2_data_provider body{.source = {}, .read_callback = OnSend};
  int32_t id =
      nghttp2_submit_request(session, nullptr, headers, std::size(headers), &body, nullptr);
  if (id < 0) return Finish(call, Error::Unavailable("it takes no more calls"));
  call->stream = id;
  running[id] = call;
}

void Channel::State::TakeRequests() {
  std::deque<Pending*> begin, cancel;
  {
    std::lock_guard lock(mutex);
    begin.swap(fresh);
    cancel.swap(cancelled);
  }
  for (Pending* call : begin) Begin(call);
  for (Pending* call : cancel) {
    if (!running.contains(call->stream)) continue;
    nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, call->stream, NGHTTP2_CANCEL);
    running.erase(call->stream);
    Finish(call, Error::Interrupted("it did not answer in time"));
  }
}

Result<void> Channel::State::ReadAll() {
  for (;;) {
    size_t n = TRY(stream->Read(in.data(), in.size()));
    if (n == 0) return {};
    ssize_t used =
        nghttp2_session_mem_recv(session, reinterpret_cast<const uint8_t*>(in.data()), n);
    if (used < 0) return NoGrpc(nghttp2_strerror(static_cast<int>(used)));
  }
}

Result<void> Channel::State::WriteAll() {
  for (;;) {
    while (out.size() - out_sent < kChunk) {
      const uint8_t* data = nullptr;
      ssize_t n = nghttp2_session_mem_send(session, &data);
      if (n < 0) return NoGrpc(nghttp2_strerror(static_cast<int>(n)));
      if (n == 0) break;
      out.append(reinterpret_cast<const char*>(data), static_cast<size_t>(n));
    }
    size_t taken = TRY(stream->Write(std::string_view(out).substr(out_sent)));
    out_sent += taken;
    if (out_sent < out.size()) {
      if (taken == 0) return {};
      continue;
    }
    out.clear();
    out_sent = 0;
    if (!nghttp2_session_want_write(session)) return {};
    if (taken == 0) return {};  // What it wants to write waits for the other side's window.
  }
}

Result<void> Channel::State::Turn() {
  TakeRequests();
  TRY(WriteAll());
  // One of both sides has said that it is over.
  if (!nghttp2_session_want_read(session) && !nghttp2_session_want_write(session)) {
    std::lock_guard lock(mutex);
    return is_ready ? Error::Unavailable("it ended the connection")
                    : NoGrpc("it does not speak HTTP/2");
  }
  pollfd watched[] = {
      {stream->descriptor(), static_cast<short>(POLLIN | (stream->wants_write() ? POLLOUT : 0)), 0},
      {wake, POLLIN, 0}};
  if (::poll(watched, 2, -1) < 0 && errno != EINTR)
    return Error::Io("cannot wait for a socket: errno {}", errno);
  if (watched[1].revents != 0) {
    uint64_t count;
    (void)!::read(wake, &count, sizeof count);
  }
  if (watched[0].revents != 0) TRY(ReadAll());
  return {};
}

void Channel::State::Run() {
  BlockSignals();
  for (;;) {
    {
      std::lock_guard lock(mutex);
      if (is_closing) break;
    }
    Result<void> turn = Turn();
    if (turn.ok()) continue;
    FailAll(turn.error());
    return;
  }
  FailAll(Error::Unavailable("the connection to it was closed"));
}

Result<void> Channel::State::MakeSession() {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnClose);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
  int made = nghttp2_session_client_new(&session, callbacks, this);
  nghttp2_session_callbacks_del(callbacks);
  if (made != 0) return Error::Io("cannot make a connection: {}", nghttp2_strerror(made));
  const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
                                             {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindow}};
  nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings, std::size(settings));
  nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kWindow);
  return {};
}

Channel::Channel(std::unique_ptr<Stream> stream) : state_(std::make_unique<State>()) {
  state_->stream = std::move(stream);
  state_->wake = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  Result<void> made = state_->MakeSession();
  if (made.ok()) {
    state_->thread = std::thread([state = state_.get()] { state->Run(); });
  } else {
    state_->ended = made.error();
  }
}

void Channel::Close() {
  {
    std::lock_guard lock(state_->mutex);
    state_->is_closing = true;
  }
  state_->Wake();
  std::lock_guard lock(state_->joining);
  if (state_->thread.joinable()) state_->thread.join();
}

Channel::~Channel() {
  Close();
  nghttp2_session_del(state_->session);
  ::close(state_->wake);
}

bool Channel::is_open() const {
  std::lock_guard lock(state_->mutex);
  return !state_->ended;
}

Result<void> Channel::WaitUntilReady(Stream::Deadline deadline) {
  std::unique_lock lock(state_->mutex);
  bool is_known = state_->changed.wait_until(
      lock, deadline, [&] { return state_->is_ready || state_->ended.has_value(); });
  if (!is_known) return Error::Interrupted("it took the connection and then said nothing");
  if (state_->ended) return *state_->ended;
  return {};
}

Result<std::string> Channel::Call(const std::string& path, const std::string& request,
                                  std::optional<Duration> limit) {
  if (request.size() > kMessageMax)
    return Error::Invalid("the request has {} bytes, and at most {} can be sent", request.size(),
                          kMessageMax);
  Pending call;
  call.path = path;
  call.request = WithPrefix(request);
  std::unique_lock lock(state_->mutex);
  if (state_->ended) return *state_->ended;
  state_->fresh.push_back(&call);
  state_->Wake();
  auto is_done = [&] { return call.is_done; };
  if (limit && !call.done.wait_for(lock, *limit, is_done)) {
    state_->cancelled.push_back(&call);
    state_->Wake();
  }
  call.done.wait(lock, is_done);
  return AnswerOf(&call);
}

void Channel::Listen(const std::string& path, const std::string& request,
                     std::function<void(std::string_view)> receive) {
  auto call = std::make_unique<Pending>();
  call->path = path;
  call->request = WithPrefix(request);
  call->receive = std::move(receive);
  std::lock_guard lock(state_->mutex);
  if (state_->ended) return;
  state_->fresh.push_back(call.get());
  state_->listeners.push_back(std::move(call));
  state_->Wake();
}

}  // namespace andon::plugin
