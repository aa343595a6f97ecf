#include "backend/s3.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "backend/s3_client.h"
#include "base/text.h"
#include "io/path.h"
#include "io/process.h"

namespace andon::backend {
namespace {

constexpr Duration kAskAgainMin = std::chrono::milliseconds(200);
constexpr Duration kAskAgainMax = std::chrono::seconds(2);

using Headers = std::vector<std::pair<std::string, std::string>>;

// SHA-256 as base64, by which the server checks what arrived.
std::string Checksum(std::string_view text) {
  std::string hex = Sha256(text), bytes;
  auto digit = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes += static_cast<char>(digit(hex[i]) * 16 + digit(hex[i + 1]));
  return Base64Encode(bytes);
}

std::string TagsOf(const std::map<std::string, std::string>& tags) {
  std::string out;
  for (const auto& [name, value] : tags)
    out +=
        (out.empty() ? "" : "&") + aws::UriEncode(name, false) + "=" + aws::UriEncode(value, false);
  return out;
}

// What all objects of a backend are written with.
class Bucket {
 public:
  Bucket(S3Client client, Settings settings)
      : client(std::move(client)), settings_(std::move(settings)) {}

  Headers HeadersOf(std::string_view text, const std::string& tags_argument) const {
    Headers out;
    if (settings_.Bool("encrypt")) {
      std::string key = settings_.Text("kms_key_id");
      out.emplace_back("x-amz-server-side-encryption", key.empty() ? "AES256" : "aws:kms");
      if (!key.empty()) out.emplace_back("x-amz-server-side-encryption-aws-kms-key-id", key);
    }
    if (std::string acl = settings_.Text("acl"); !acl.empty()) out.emplace_back("x-amz-acl", acl);
    if (!settings_.Bool("skip_s3_checksum"))
      out.emplace_back("x-amz-checksum-sha256", Checksum(text));
    if (std::string tags = TagsOf(settings_.Map(tags_argument)); !tags.empty())
      out.emplace_back("x-amz-tagging", tags);
    return out;
  }

  bool has_locks() const { return settings_.Bool("use_lockfile"); }

  S3Client client;

 private:
  Settings settings_;
};

class Object : public state::Storage {
 public:
  Object(Bucket& bucket, Names names, std::string key)
      : Storage(std::move(names)), bucket_(bucket), key_(std::move(key)) {}
  ~Object() override { (void)Unlock(); }

  Result<state::Stored> Read() override {
    auto found = TRY(bucket_.client.Get(key_));
    etag_ = found ? found->etag : std::string();
    was_read_ = true;
    return state::Stored{.text = found ? std::move(found->text) : std::string()};
  }

  Result<void> Lock(state::LockInfo info, Duration timeout) override {
    if (!bucket_.has_locks()) return {};
    info.path = bucket_.client.Location(key_).substr(std::string_view("s3://").size());
    auto end = std::chrono::steady_clock::now() + timeout;
    Duration pause = kAskAgainMin;
    std::string text = state::LockInfoText(info);
    for (;;) {
      Headers headers = bucket_.HeadersOf(text, "lock_tags");
      headers.emplace_back("If-None-Match", "*");
      auto put = bucket_.client.Put(LockKey(), text, std::move(headers));
      if (put.ok()) break;
      if (put.error().kind == ErrorKind::kNotFound) {
        return Error::Invalid(
            "{} The server cannot write on a condition, so it can keep no lock: set use_lockfile = "
            "false and see to it that one works at a time.",
            put.error().message);
      }
      if (put.error().kind != ErrorKind::kConflict) return std::move(put).error();
      auto holder = TRY(Holder());
      // A request that was sent twice found its own lock.
      if (holder && holder->id == info.id) break;
      if (std::chrono::steady_clock::now() >= end) return Held(holder);
      (void)io::WaitForExit(0, pause);
      pause = std::min(pause * 2, kAskAgainMax);
    }
    lock_id_ = info.id;
    return {};
  }

  Result<void> Write(std::string_view text) override {
    Headers headers = bucket_.HeadersOf(text, "state_tags");
    bool is_checked = was_read_;
    if (is_checked && etag_.empty()) headers.emplace_back("If-None-Match", "*");
    if (is_checked && !etag_.empty()) headers.emplace_back("If-Match", etag_);
    auto put = bucket_.client.Put(key_, text, headers);
    if (!put.ok() && put.error().kind == ErrorKind::kNotFound && is_checked) {
      headers.pop_back();
      put = bucket_.client.Put(key_, text, headers);
    }
    if (!put.ok() && put.error().kind == ErrorKind::kConflict) {
      // A request that was sent twice found what it had written itself.
      auto there = TRY(bucket_.client.Get(key_));
      if (there && there->text == text) put = there->etag;
    }
    if (!put.ok()) return std::move(put).error();
    etag_ = *put;
    return {};
  }

  Result<void> Unlock() override {
    if (lock_id_.empty()) return {};
    std::string id = std::exchange(lock_id_, {});
    auto released = Release(id);
    if (released.ok()) return released;
    Error error = std::move(released).error();
    error.message = fmt::format(
        "Error releasing the state lock: {}. What was written stands. Should the lock be left: "
        "andon force-unlock {}",
        error.message, id);
    return error;
  }

  Result<void> ForceUnlock(const std::string& id) {
    auto holder = TRY(Holder());
    if (!holder) return Error::NotFound("{} is not locked.", names_.location);
    if (holder->id != id) {
      return Error::Invalid("invalid lock id: \"{}\". current id: \"{}\"\n{}", id, holder->id,
                            ToString(*holder));
    }
    return bucket_.client.Delete(LockKey());
  }

 private:
  std::string LockKey() const { return key_ + ".tflock"; }

  Result<std::optional<state::LockInfo>> Holder() {
    auto found = TRY(bucket_.client.Get(LockKey()));
    if (!found) return std::optional<state::LockInfo>();
    auto info = state::LockInfoFromText(found->text);
    if (!info.ok()) return Error::Corrupt("{} is no lock", bucket_.client.Location(LockKey()));
    return std::optional<state::LockInfo>(*std::move(info));
  }

  Result<void> Release(const std::string& id) {
    auto holder = TRY(Holder());
    if (holder && holder->id == id) return bucket_.client.Delete(LockKey());
    return Error::Conflict("{} is not this command's any more, somebody has removed it",
                           bucket_.client.Location(LockKey()));
  }

  Error Held(const std::optional<state::LockInfo>& holder) const {
    if (!holder) return Error::Held("{} was locked a moment ago; try again", names_.location);
    return Error::Held("{} is locked\n{}", names_.location, ToString(*holder));
  }

  Bucket& bucket_;
  std::string key_;
  std::string etag_;  // Of what was read; empty: there was nothing.
  bool was_read_ = false;
  std::string lock_id_;
};

class S3 : public state::Backend {
 public:
  S3(Bucket bucket, std::string key, std::string prefix, std::string dir)
      : bucket_(std::move(bucket)),
        key_(std::move(key)),
        prefix_(std::move(prefix)),
        dir_(std::move(dir)) {}

  Result<std::vector<std::string>> Workspaces() override {
    std::vector<std::string> names = {state::kDefaultWorkspace};
    auto keys = TRY(bucket_.client.List(prefix_.empty() ? "" : prefix_ + "/"));
    for (const std::string& key : keys) {
      std::string_view rest = key;
      if (!prefix_.empty()) rest.remove_prefix(std::min(rest.size(), prefix_.size() + 1));
      size_t slash = rest.find('/');
      if (slash == std::string_view::npos || rest.substr(slash + 1) != key_) continue;
      if (slash > 0) names.emplace_back(rest.substr(0, slash));
    }
    std::sort(names.begin() + 1, names.end());
    return names;
  }

  Result<std::unique_ptr<state::Storage>> Open(const std::string& workspace) override {
    return std::unique_ptr<state::Storage>(ObjectOf(workspace));
  }

  Result<void> MakeWorkspace(const std::string& name, std::string_view empty) override {
    auto object = ObjectOf(name);
    auto stored = TRY(object->Read());
    return stored.text.empty() ? object->Write(empty) : Result<void>();
  }

  Result<void> RemoveWorkspace(const std::string& name) override {
    return bucket_.client.Delete(KeyOf(name));
  }

  Result<void> ForceUnlock(const std::string& workspace, const std::string& id) override {
    return ObjectOf(workspace)->ForceUnlock(id);
  }

 private:
  std::string KeyOf(const std::string& workspace) const {
    if (workspace.empty() || workspace == state::kDefaultWorkspace) return key_;
    return (prefix_.empty() ? "" : prefix_ + "/") + workspace + "/" + key_;
  }

  std::unique_ptr<Object> ObjectOf(const std::string& workspace) {
    std::string key = KeyOf(workspace);
    // The journal survives the folder .terraform, which is made anew at any time.
    return std::make_unique<Object>(
        bucket_,
        state::Storage::Names{.location = bucket_.client.Location(key),
                              .beside = io::Join(dir_, fmt::format("s3.{}.tfstate", workspace))},
        key);
  }

  Bucket bucket_;
  std::string key_;
  std::string prefix_;
  std::string dir_;
};

std::string EndpointOf(const Settings& settings) {
  if (auto map = settings.Map("endpoints"); !map["s3"].empty()) return map["s3"];
  if (std::string one = settings.Text("endpoint"); !one.empty()) return one;
  for (const char* name : {"AWS_ENDPOINT_URL_S3", "AWS_S3_ENDPOINT", "AWS_ENDPOINT_URL"}) {
    const char* value = std::getenv(name);
    if (value != nullptr && *value != '\0') return value;
  }
  return {};
}

aws::Choice ChoiceOf(const Settings& settings) {
  aws::Choice choice{
      .credentials = {settings.Text("access_key"), settings.Text("secret_key"),
                      settings.Text("token")},
      .profile = settings.Text("profile"),
      .region = settings.Text("region"),
      .credentials_files = settings.Texts("shared_credentials_files"),
      .config_files = settings.Texts("shared_config_files"),
  };
  if (std::string one = settings.Text("shared_credentials_file"); !one.empty())
    choice.credentials_files.push_back(one);
  return choice;
}

}  // namespace

Result<std::unique_ptr<state::Backend>> OpenS3(const Settings& settings, const World& world) {
  S3Client::Options options{
      .bucket = settings.Text("bucket"),
      .endpoint = EndpointOf(settings),
      .path_style = settings.Bool("use_path_style") || settings.Bool("force_path_style"),
      .ca_file = settings.Text("custom_ca_bundle")};
  options.aws = TRY(aws::ReadConfiguration(ChoiceOf(settings), world.files));
  if (auto it = settings.values.find("max_retries"); it != settings.values.end())
    options.retries_max = static_cast<int>(std::clamp<int64_t>(it->second.AsInteger(), 0, 100));
  if (const char* bundle = std::getenv("AWS_CA_BUNDLE");
      options.ca_file.empty() && bundle != nullptr)
    options.ca_file = bundle;
  std::string key = settings.Text("key");
  if (key.starts_with('/') || key.ends_with('/'))
    return Error::Invalid("The argument \"key\" neither begins nor ends with a slash.");
  auto prefix = settings.values.find("workspace_key_prefix");
  return std::unique_ptr<state::Backend>(std::make_unique<S3>(
      Bucket(S3Client(std::move(options), world.clock), settings), key,
      prefix == settings.values.end() ? std::string("env:") : prefix->second.AsString(),
      world.dir));
}

}  // namespace andon::backend
