#include "state/journal.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "state/file.h"
#include "state/file_names.h"
#include "state/json_reader.h"
#include "state/locked_file.h"
#include "value/json.h"

namespace andon::state {
namespace {

constexpr std::string_view kFormat = "andon state journal";
constexpr int64_t kVersion = 1;

// FNV-1a of 64 bits: enough to tell a line from a torn one.
std::string Digest(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return fmt::format("{:016x}", hash);
}

std::string Line(std::string_view json) { return fmt::format("{} {}\n", Digest(json), json); }

void AppendMember(std::string_view key, std::string_view text, std::string& out) {
  out += out.size() > 1 ? "," : "";
  AppendJsonString(key, out);
  out += ':';
  AppendJsonString(text, out);
}

void AppendRaw(std::string_view key, std::string_view json, std::string& out) {
  out += out.size() > 1 ? "," : "";
  AppendJsonString(key, out);
  out += ':';
  out += json;
}

Result<std::string> OutputText(const OutputChange& change) {
  std::string out = "{";
  AppendMember("output", change.name, out);
  if (change.output) {
    const value::Type& type = change.output->value.type();
    AppendRaw("type", value::ToJson(type).Dump(), out);
    std::string text = TRY(value::ToJsonText(change.output->value, type));
    AppendRaw("value", text, out);
    if (change.output->sensitive) AppendRaw("sensitive", "true", out);
    if (!change.output->deprecated.empty()) {
      AppendMember("deprecated", change.output->deprecated, out);
    }
  }
  return out + "}";
}

// The fields of one line, whichever kind it is.
struct Record {
  std::optional<std::string> instance, output, finished;
  std::string provider, current, type, value, deprecated;
  std::map<std::string, std::string> deposed;
  bool sensitive = false;
};

Result<Record> ReadRecord(std::string_view json) {
  JsonReader in(json);
  Record record;
  std::string key, name;
  for (bool more = in.EnterObject("line"); more && in.NextMember(key);) {
    if (key == "instance") {
      in.Read(record.instance.emplace(), key);
    } else if (key == "output") {
      in.Read(record.output.emplace(), key);
    } else if (key == "finished") {
      in.Read(record.finished.emplace(), key);
    } else if (key == "provider") {
      in.Read(record.provider, key);
    } else if (key == "deprecated") {
      in.Read(record.deprecated, key);
    } else if (key == "sensitive") {
      in.Read(record.sensitive, key);
    } else if (key == "current") {
      in.ReadRaw(record.current);
    } else if (key == "type") {
      in.ReadRaw(record.type);
    } else if (key == "value") {
      in.ReadRaw(record.value);
    } else if (key == "deposed") {
      for (bool list = in.EnterObject(key); list && in.NextMember(name);) {
        in.ReadRaw(record.deposed[name]);
      }
    } else {
      in.Skip();
    }
  }
  in.ExpectEnd();
  if (in.failed()) return Error::Corrupt("a line cannot be read: {}", in.message());
  return record;
}

Result<void> ApplyInstance(const Record& record, State& state) {
  address::Address address = TRY(address::Parse(*record.instance));
  if (address.name.empty()) return Error::Corrupt("\"{}\" is no instance", *record.instance);
  state.RemoveInstance(address);
  if (record.current.empty() && record.deposed.empty()) return {};
  auto provider = SplitProvider(record.provider);
  if (!provider) return Error::Corrupt("\"{}\" is no provider", record.provider);
  if (!record.current.empty()) {
    ObjectPtr object = TRY(ObjectFromText(record.current));
    state.SetCurrent(address, provider->first, std::move(object), provider->second);
  }
  for (const auto& [key, text] : record.deposed) {
    if (key.size() != 8) return Error::Corrupt("\"{}\" is no key of a deposed object", key);
    ObjectPtr object = TRY(ObjectFromText(text));
    state.SetDeposed(address, key, provider->first, std::move(object), provider->second);
  }
  return {};
}

Result<void> ApplyOutput(const Record& record, State& state) {
  state.outputs.erase(*record.output);
  if (record.type.empty()) return {};
  Json json = TRY(Json::Parse(record.type));
  value::Type type = TRY(value::TypeFromJson(json));
  Output output;
  output.value = TRY(value::FromJsonText(record.value, type));
  output.sensitive = record.sensitive;
  output.deprecated = record.deprecated;
  state.outputs[*record.output] = std::move(output);
  return {};
}

// The next line that is whole, without its digest; empty at the end or where it is torn.
std::string_view NextLine(std::string_view& rest) {
  constexpr size_t kDigestSize = 16;
  size_t end = rest.find('\n');
  if (end == std::string_view::npos || end <= kDigestSize + 1) return {};
  std::string_view json = rest.substr(kDigestSize + 1, end - kDigestSize - 1);
  if (rest.substr(0, kDigestSize) != Digest(json) || rest[kDigestSize] != ' ') return {};
  rest.remove_prefix(end + 1);
  return json;
}

std::string FinishedLine(std::string_view result) {
  std::string text = "{";
  AppendMember("finished", Sha256(result), text);
  return Line(text + "}");
}

// A change in an envelope of its own; what is in the clear begins with its own member.
bool IsSealedLine(std::string_view line) { return line.starts_with("{\"meta\":"); }

}  // namespace

std::string JournalPath(const std::string& state_path) { return HiddenPath(state_path, "journal"); }

std::string ToText(const InstanceChange& change) {
  std::string out = "{";
  AppendMember("instance", address::ToString(change.address), out);
  const Instance& instance = change.instance;
  if (instance.empty()) return out + "}";
  AppendMember("provider", ProviderText(change.provider, instance.provider_key), out);
  if (instance.current) AppendRaw("current", ObjectText(*instance.current), out);
  if (!instance.deposed.empty()) {
    std::string deposed = "{";
    for (const auto& [key, object] : instance.deposed) {
      AppendRaw(key, ObjectText(*object), deposed);
    }
    AppendRaw("deposed", deposed + "}", out);
  }
  return out + "}";
}

Result<void> ApplyText(std::string_view text, State& state) {
  Record record = TRY(ReadRecord(text));
  if (record.instance) return ApplyInstance(record, state);
  if (record.output) return ApplyOutput(record, state);
  return Error::Corrupt("it is no change of a state");
}

InstanceChange ChangeOf(const State& state, const address::Address& instance) {
  InstanceChange change{instance, {}, {}};
  if (const Resource* resource = state.FindResource(instance)) change.provider = resource->provider;
  if (const Instance* present = state.FindInstance(instance)) change.instance = *present;
  return change;
}

// One of the callers that wait writes for all of them.
struct Journal::Shared {
  io::FileSystem* files = nullptr;
  std::string path;
  encryption::Codec codec;

  std::mutex mutex;  // Guards all below.
  std::condition_variable changed;
  std::string buffer;
  uint64_t appended = 0;  // Lines so far,
  uint64_t written = 0;   // those that the operating system has,
  uint64_t durable = 0;   // and those that are on the disk.
  bool is_writing = false;
  Result<void> failure;

  // Writes the buffer, and syncs. Requires: `lock` is held, nobody is writing.
  void Write(std::unique_lock<std::mutex>& lock, bool sync) {
    std::string bytes = std::exchange(buffer, {});
    uint64_t upto = appended;
    is_writing = true;
    lock.unlock();
    Result<void> done;
    if (!bytes.empty()) done = files->Append(path, bytes);
    if (done.ok() && sync) done = files->Sync({path});
    lock.lock();
    is_writing = false;
    if (!done.ok() && failure.ok()) failure = done;
    if (done.ok()) written = upto;
    if (done.ok() && sync) durable = upto;
    changed.notify_all();
  }
};

Journal::Journal(std::unique_ptr<Shared> shared) : shared_(std::move(shared)) {}
Journal::Journal(Journal&&) noexcept = default;
Journal& Journal::operator=(Journal&&) noexcept = default;

Journal::~Journal() = default;

Result<Journal> Journal::Begin(io::FileSystem& files, const std::string& state_path,
                               std::string_view base, const State& state, encryption::Codec codec) {
  auto shared = std::make_unique<Shared>();
  shared->files = &files;
  shared->path = JournalPath(state_path);
  shared->codec = std::move(codec);
  std::string head = Json::Object({{"format", kFormat},
                                   {"version", kVersion},
                                   {"lineage", state.lineage},
                                   {"serial", state.serial},
                                   {"base", Sha256(base)}})
                         .Dump();
  TRY(files.WriteAtomically(shared->path, Line(head)));
  return Journal(std::move(shared));
}

Result<void> Journal::AppendLine(std::string line, Durability durability) {
  Shared& shared = *shared_;
  std::unique_lock lock(shared.mutex);
  shared.buffer += line;
  uint64_t mine = ++shared.appended;
  const uint64_t& reached = durability == kDurable ? shared.durable : shared.written;
  while (shared.failure.ok() && reached < mine) {
    if (shared.is_writing) {
      shared.changed.wait(lock);
    } else {
      shared.Write(lock, durability == kDurable);
    }
  }
  return shared.failure;
}

Result<void> Journal::Append(const InstanceChange& change, Durability durability) {
  std::string text = TRY(shared_->codec.Seal(ToText(change)));
  return AppendLine(Line(text), durability);
}

Result<void> Journal::Append(const OutputChange& change, Durability durability) {
  std::string plain = TRY(OutputText(change));
  std::string text = TRY(shared_->codec.Seal(plain));
  return AppendLine(Line(text), durability);
}

Result<void> Journal::Finish(std::string_view result) {
  return AppendLine(FinishedLine(result), kDurable);
}

Result<void> Journal::Remove() {
  std::unique_lock lock(shared_->mutex);
  shared_->buffer.clear();
  return shared_->files->Remove(shared_->path);
}

Result<void> FinishJournal(io::FileSystem& files, const std::string& state_path,
                           std::string_view result) {
  std::string path = JournalPath(state_path);
  std::string text = TRY(files.Read(path));
  std::string_view rest = text;
  while (!NextLine(rest).empty()) {
  }
  // Without what is torn: nothing behind it would be read.
  text.resize(text.size() - rest.size());
  return files.WriteAtomically(path, text + FinishedLine(result));
}

Result<Folded> FoldJournal(std::string_view journal, const std::string& journal_path,
                           std::string_view base, State& state, const encryption::Codec& codec) {
  std::string_view rest = journal;
  std::string_view head = NextLine(rest);
  auto json = Json::Parse(head);
  if (head.empty() || !json.ok() || (*json)["format"].AsString() != kFormat) {
    return Error::Corrupt("{} is no journal of a state; remove it if the state is as it should be",
                          journal_path);
  }
  if ((*json)["version"].AsInteger() != kVersion) {
    return Error::Corrupt("{} was written by another version of Andon; use that version",
                          journal_path);
  }
  std::string digest = Sha256(base);
  bool is_base = (*json)["base"].AsString() == digest;
  Folded folded;
  State changed = state;
  std::string_view line;
  while (!(line = NextLine(rest)).empty()) {
    std::string opened;
    if (IsSealedLine(line)) {
      auto plain = codec.Open(line);
      if (!plain.ok()) return std::move(plain).error().In(journal_path);
      opened = *std::move(plain);
      line = opened;
    }
    auto record = ReadRecord(line);
    if (!record.ok()) return std::move(record).error().In(journal_path);
    if (record->finished && *record->finished == digest) {
      folded = {.changes = 0, .is_done = true};
      return folded;
    }
    Result<void> applied;
    if (record->instance) applied = ApplyInstance(*record, changed);
    if (record->output) applied = ApplyOutput(*record, changed);
    if (!applied.ok()) {
      return Error::Corrupt("{}: {}", journal_path, applied.error().message);
    }
    if (record->instance || record->output) ++folded.changes;
  }
  if (!is_base && folded.changes > 0) {
    return Error::Conflict(
        "{} holds {} of an apply that was interrupted, but the state file was written by another "
        "program since. Put back the state file of serial {} (its backup may be it), or remove the "
        "journal if nothing of that apply is to be kept",
        journal_path, Count(folded.changes, "change"), (*json)["serial"].AsInteger());
  }
  if (folded.changes > 0) {
    if (changed.lineage.empty()) changed.lineage = (*json)["lineage"].AsString();
    state = std::move(changed);
  }
  folded.is_done = folded.changes == 0;
  return folded;
}

}  // namespace andon::state
