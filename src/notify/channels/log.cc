// Appends one line for each notification to a file, or writes it to stderr.
#include <cstdio>

#include "base/text.h"
#include "io/file_system.h"
#include "io/path.h"
#include "notify/channel.h"

namespace andon::notify {
namespace {

// A line stays one line, and a terminal stays as it is, whatever the data holds.
std::string OneLine(std::string_view text) {
  std::string line;
  for (char c : text) {
    if (c == '\n') {
      line += " | ";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      line += ' ';
    } else {
      line += c;
    }
  }
  return line;
}

class Log final : public Channel {
 public:
  Log(std::string path, bool as_json, io::FileSystem* files)
      : path_(std::move(path)), as_json_(as_json), files_(files) {}

  Result<void> Send(const Message& message) override {
    std::string line = (as_json_ ? ToJson(message).Dump() : ToText(message)) + "\n";
    if (!path_.empty()) return files_->Append(path_, line);
    if (std::fwrite(line.data(), 1, line.size(), stderr) != line.size()) {
      return Error::Io("cannot write to the standard error stream");
    }
    return {};
  }

 private:
  static std::string ToText(const Message& message) {
    std::string line =
        fmt::format("{} {} {}", ToRfc3339(message.time),
                    message.severity.empty() ? "info" : message.severity, message.kind);
    if (!message.address.empty()) line += " " + message.address;
    line += ": " + message.title;
    if (!message.text.empty()) line += " | " + message.text;
    return OneLine(line);
  }

  std::string path_;  // Empty: stderr.
  bool as_json_;
  io::FileSystem* files_;
};

Result<std::unique_ptr<Channel>> Make(const Json& settings, const ChannelContext& context) {
  std::string path = settings["path"].AsString();
  if (!path.empty()) {
    path = io::Join(context.project_dir, path);
    if (!context.files) return Error::Invalid("a log channel with a path needs a file system");
  }
  std::string format = settings["format"].AsString("text");
  if (format != "text" && format != "json") {
    return Error::Invalid("the format of a log channel is \"text\" or \"json\", not \"{}\"",
                          format);
  }
  return std::unique_ptr<Channel>(
      std::make_unique<Log>(std::move(path), format == "json", context.files));
}

}  // namespace

extern const ChannelKind kLog = {
    .name = "log",
    .says = "Appends each notification as a line to a file, or to the standard error stream.",
    .make = Make,
};

}  // namespace andon::notify
