#include "backend/kinds.h"

#include <algorithm>

#include "backend/control_store.h"
#include "backend/s3.h"
#include "base/text.h"
#include "state/local_backend.h"

namespace andon::backend {
namespace {

constexpr std::string_view kAssumeRole =
    "Roles cannot be assumed yet: give keys of the role by AWS_ACCESS_KEY_ID, "
    "AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.";
constexpr std::string_view kDynamoDb =
    "Locks in DynamoDB are not supported: set use_lockfile = true, which every program of this "
    "kind understands.";

Result<std::unique_ptr<state::Backend>> OpenLocal(const Settings& settings, const World& world) {
  return state::LocalBackend(world.files, {.dir = world.dir,
                                           .path = settings.Text("path"),
                                           .workspace_dir = settings.Text("workspace_dir")});
}

// Of the arguments without a use here: they only say what not to ask of AWS, and nothing of
// that is ever asked.
const std::vector<Argument> kS3Arguments = {
    {"bucket", ArgumentType::kText, true},
    {"key", ArgumentType::kText, true},
    {"region"},
    {"endpoint"},
    {"endpoints", ArgumentType::kMap},
    {"use_path_style", ArgumentType::kBool},
    {"force_path_style", ArgumentType::kBool},
    {.name = "access_key", .is_secret = true},
    {.name = "secret_key", .is_secret = true},
    {.name = "token", .is_secret = true},
    {"profile"},
    {"shared_credentials_file"},
    {"shared_credentials_files", ArgumentType::kTexts},
    {"shared_config_files", ArgumentType::kTexts},
    {"workspace_key_prefix"},
    {"encrypt", ArgumentType::kBool},
    {"kms_key_id"},
    {"acl"},
    {"state_tags", ArgumentType::kMap},
    {"lock_tags", ArgumentType::kMap},
    {"use_lockfile", ArgumentType::kBool},
    {"max_retries", ArgumentType::kNumber},
    {"custom_ca_bundle"},
    {"skip_s3_checksum", ArgumentType::kBool},
    {"skip_credentials_validation", ArgumentType::kBool},
    {"skip_metadata_api_check", ArgumentType::kBool},
    {"skip_region_validation", ArgumentType::kBool},
    {"skip_requesting_account_id", ArgumentType::kBool},
    {"retry_mode"},
    {"sts_region"},
    {"iam_endpoint"},
    {"sts_endpoint"},
    {"dynamodb_endpoint"},
    {"dynamodb_table", ArgumentType::kText, false, kDynamoDb},
    {"sse_customer_key", ArgumentType::kText, false,
     "Keys of the customer for the server's encryption are not supported: an encryption block "
     "encrypts before anything is sent."},
    {"role_arn", ArgumentType::kText, false, kAssumeRole},
    {"assume_role", ArgumentType::kMap, false, kAssumeRole},
    {"assume_role_with_web_identity", ArgumentType::kMap, false, kAssumeRole},
};

const std::vector<Kind>& Kinds() {
  static const std::vector<Kind> kKinds = {
      {"local", {{"path"}, {"workspace_dir"}}, OpenLocal},
      {"s3", kS3Arguments, OpenS3},
      {"andon", {{"path"}, {"name"}}, OpenControlStore},
  };
  return kKinds;
}

// What Terraform and OpenTofu have beside those.
constexpr std::string_view kElsewhere[] = {"azurerm",    "cloud", "consul", "cos", "gcs",   "http",
                                           "kubernetes", "oci",   "oss",    "pg",  "remote"};

}  // namespace

const Argument* Kind::Find(std::string_view wanted) const {
  auto it = std::ranges::find(arguments, wanted, &Argument::name);
  return it == arguments.end() ? nullptr : &*it;
}

const Kind* FindKind(std::string_view name) {
  auto it = std::ranges::find(Kinds(), name, &Kind::name);
  return it == Kinds().end() ? nullptr : &*it;
}

Error NoSuchKind(std::string_view name) {
  std::vector<std::string> names;
  for (const Kind& kind : Kinds()) names.emplace_back(kind.name);
  std::string list = "\"" + Join(names, "\", \"") + "\"";
  if (std::ranges::find(kElsewhere, name) != std::end(kElsewhere)) {
    return Error::Invalid(
        "States can be kept by the backends {} as yet, not by \"{}\". Nothing was read or written "
        "there.",
        list, name);
  }
  std::string meant = DidYouMean(std::string(name), names);
  return Error::NotFound("There is no backend \"{}\"{} The backends are {}.", name,
                         meant.empty() ? "." : ": did you mean \"" + meant + "\"?", list);
}

Result<std::unique_ptr<state::Backend>> Open(const Settings& settings, const World& world) {
  const Kind* kind = FindKind(settings.type);
  if (kind == nullptr) return NoSuchKind(settings.type);
  return kind->open(settings, world);
}

}  // namespace andon::backend
