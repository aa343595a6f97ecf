// Who may read and do what: lists and documents of access.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "policy/leak_rule.h"

namespace andon::policy {
namespace {

void FindPublicAcl(const Subject& subject, std::vector<Leak>* leaks) {
  std::string acl = subject.body.Text("acl");
  if (acl.starts_with("public-") || acl == "authenticated-read")
    leaks->push_back(
        {subject.body.RangeOf("acl"),
         fmt::format("The list \"{}\" lets {} in.", acl,
                     acl == "authenticated-read" ? "everybody who has an account" : "everybody")});
}

void FindPublicMember(const Subject& subject, std::vector<Leak>* leaks) {
  for (const char* name : {"member", "members"}) {
    for (const std::string& member : TextsOf(subject.body.Find(name))) {
      if (member == "allUsers" || member == "allAuthenticatedUsers")
        leaks->push_back({subject.body.RangeOf(name), fmt::format("\"{}\" is everybody.", member)});
    }
  }
}

void FindOpenAccessBlock(const Subject& subject, std::vector<Leak>* leaks) {
  for (const char* name : {"block_public_acls", "block_public_policy", "ignore_public_acls",
                           "restrict_public_buckets"}) {
    if (subject.body.IsOff(name))
      leaks->push_back({subject.body.RangeOf(name), fmt::format("{} is off.", name)});
  }
}

// A statement as JSON has it ("Principal", "Action") or as the data source does.
struct Words {
  const char *effect, *principal, *action, *resource, *condition;
};
constexpr Words kJsonWords{"Effect", "Principal", "Action", "Resource", "Condition"};
constexpr Words kBlockWords{"effect", "principals", "actions", "resources", "condition"};

bool Allows(const Item& statement, const Words& words) {
  std::string effect = statement.Text(words.effect);
  return effect == "Allow" || (effect.empty() && &words == &kBlockWords);
}

bool Names(const Item& item, std::string_view name, std::string_view wanted) {
  std::vector<std::string> texts = TextsOf(item.Find(name));
  return std::find(texts.begin(), texts.end(), wanted) != texts.end();
}

bool IsEverybody(const Item& statement, const Words& words) {
  if (Names(statement, words.principal, "*")) return true;
  for (const Item& principal : statement.Items(words.principal)) {
    for (const char* name : {"AWS", "identifiers"}) {
      if (Names(principal, name, "*")) return true;
    }
  }
  return false;
}

template <typename Visit>
void ForEachStatement(const Subject& subject, Visit visit) {
  for (const Item& statement : subject.body.Items("statement")) visit(statement, kBlockWords);
  for (const char* name : {"policy", "access_policy", "access_policies", "assume_role_policy"}) {
    const Field* field = subject.body.Find(name);
    if (field == nullptr) continue;
    for (const Item& document : DocumentOf(*field)) {
      for (const Item& statement : document.Items("Statement")) visit(statement, kJsonWords);
    }
  }
}

void FindPublicPolicy(const Subject& subject, std::vector<Leak>* leaks) {
  ForEachStatement(subject, [&](const Item& statement, const Words& words) {
    bool has_condition = statement.Find(words.condition) != nullptr;
    if (Allows(statement, words) && !has_condition && IsEverybody(statement, words))
      leaks->push_back({statement.RangeOf(words.principal),
                        "A statement allows something to everybody, and under no condition."});
  });
}

void FindWildcards(const Subject& subject, std::vector<Leak>* leaks) {
  ForEachStatement(subject, [&](const Item& statement, const Words& words) {
    if (!Allows(statement, words)) return;
    if (Names(statement, words.action, "*"))
      leaks->push_back({statement.RangeOf(words.action), "A statement allows every action."});
    if (Names(statement, words.resource, "*"))
      leaks->push_back({statement.RangeOf(words.resource),
                        "A statement allows what it allows on every resource."});
  });
}

}  // namespace

const std::vector<LeakRule> kAccessLeaks = {
    {.id = "public-acl",
     .code = "AN5101",
     .summary = "Storage is open to everybody",
     .meaning = "An access list or a binding lets everybody read what is stored, or write it.",
     .cure = "Take a private list, and let readers in by name",
     .types = {"aws_s3_bucket", "aws_s3_bucket_acl"},
     .find = FindPublicAcl},
    {.id = "public-member",
     .code = "AN5102",
     .summary = "Storage is open to everybody",
     .meaning = "A binding gives a role to allUsers or allAuthenticatedUsers.",
     .cure = "Name the members who need it",
     .types = {"google_storage_bucket_iam_member", "google_storage_bucket_iam_binding",
               "google_bigquery_dataset_iam_member", "google_bigquery_dataset_iam_binding",
               "google_project_iam_member", "google_project_iam_binding"},
     .find = FindPublicMember},
    {.id = "public-access-block",
     .code = "AN5103",
     .summary = "Public access is not blocked",
     .meaning = "A setting that keeps a bucket from being opened by mistake is off.",
     .cure = "Set all four to true",
     .types = {"aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"},
     .find = FindOpenAccessBlock},
    {.id = "public-policy",
     .code = "AN5104",
     .summary = "A policy allows everybody",
     .meaning = "A statement of a policy has the principal \"*\", and no condition.",
     .cure = "Name the principals, or add a condition",
     .types = {"aws_s3_bucket_policy", "aws_s3_bucket", "aws_sqs_queue_policy", "aws_sqs_queue",
               "aws_sns_topic_policy", "aws_sns_topic", "aws_kms_key", "aws_kms_key_policy",
               "aws_ecr_repository_policy", "aws_secretsmanager_secret_policy",
               "aws_elasticsearch_domain", "aws_opensearch_domain", "aws_iam_role",
               "data.aws_iam_policy_document"},
     .find = FindPublicPolicy},
    {.id = "policy-wildcard",
     .code = "AN5105",
     .summary = "A policy allows too much",
     .meaning = "A statement of a policy allows every action (\"*\"), or something on every "
                "resource.",
     .cure = "Name the actions and the resources that are needed",
     .types = {"aws_iam_policy", "aws_iam_role_policy", "aws_iam_user_policy",
               "aws_iam_group_policy", "data.aws_iam_policy_document"},
     .find = FindWildcards},
};

}  // namespace andon::policy
