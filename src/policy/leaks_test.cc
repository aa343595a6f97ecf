// Each rule with what it finds and what it leaves alone: code@line of each warning.
#include "policy/leaks.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "builtin/language.h"
#include "functions/registry.h"
#include "io/memory_file_system.h"
#include "policy/leak_rule.h"

namespace andon::policy {
namespace {

using value::Value;

using Texts = std::map<std::string, std::string>;

struct Project {
  io::MemoryFileSystem files;
  config::ModuleTree tree;
  hcl::FunctionTable functions = functions::MakeTable({.base_dir = ".", .only_repeatable = true});

  explicit Project(const Texts& texts) {
    for (const auto& [name, text] : texts) EXPECT_TRUE(files.Write(name, text).ok());
    tree = config::LoadModuleTree(
        files, std::make_unique<config::Module>(config::Load(files, ".", builtin::DataLanguage())));
    for (const Diagnostic& d : tree.diagnostics) ADD_FAILURE() << d.summary << ": " << d.detail;
  }

  std::string Leaks(const infra::Plan* plan = nullptr) {
    std::string out;
    for (const Diagnostic& d :
         FindLeaks(tree, {.variables = {}, .functions = &functions, .plan = plan})) {
      EXPECT_EQ(d.severity, Severity::kWarning);
      out += fmt::format("{}{}@{}", out.empty() ? "" : " ", d.code, d.subject.start.line);
      if (d.subject.filename != "main.tf") out += ":" + d.subject.filename;
    }
    return out;
  }
};

std::string LeaksOf(const std::string& text) { return Project(Texts{{"main.tf", text}}).Leaks(); }

TEST(LeaksTest, AccessLists) {
  EXPECT_EQ(LeaksOf("resource \"aws_s3_bucket_acl\" \"a\" {\n  bucket = \"b\"\n"
                    "  acl    = \"public-read\"\n}\n"),
            "AN5101@3");
  EXPECT_EQ(LeaksOf("resource \"aws_s3_bucket\" \"a\" {\n  acl = \"private\"\n}\n"), "");
  // By way of a local and a variable's default.
  EXPECT_EQ(LeaksOf("variable \"open\" {\n  default = true\n}\nlocals {\n  acl = var.open ? "
                    "\"public-read-write\" : \"private\"\n}\nresource \"aws_s3_bucket\" \"a\" {\n"
                    "  acl = local.acl\n}\n"),
            "AN5101@8");
  EXPECT_EQ(LeaksOf("resource \"google_storage_bucket_iam_binding\" \"a\" {\n"
                    "  members = [\"user:ana@example.com\", \"allUsers\"]\n}\n"),
            "AN5102@2");
  EXPECT_EQ(LeaksOf("resource \"google_storage_bucket_iam_member\" \"a\" {\n"
                    "  member = \"user:ana@example.com\"\n}\n"),
            "");
}

TEST(LeaksTest, BlocksOfPublicAccess) {
  EXPECT_EQ(LeaksOf("resource \"aws_s3_bucket_public_access_block\" \"a\" {\n"
                    "  block_public_acls   = true\n  ignore_public_acls  = true\n"
                    "  block_public_policy = false\n}\n"),
            "AN5103@1 AN5103@4");
  EXPECT_EQ(LeaksOf("resource \"aws_s3_bucket_public_access_block\" \"a\" {\n"
                    "  block_public_acls       = true\n  ignore_public_acls      = true\n"
                    "  block_public_policy     = true\n  restrict_public_buckets = true\n}\n"),
            "");
}

// The document refers to what is not known yet, and is read all the same, at its lines.
TEST(LeaksTest, PoliciesForEverybody) {
  auto with = [](std::string effect, std::string principal, std::string more = "") {
    return LeaksOf(
        "resource \"aws_s3_bucket_policy\" \"a\" {\n  policy = jsonencode({\n"
        "    Statement = [{\n      Effect    = \"" +
        effect +
        "\"\n"
        "      Principal = " +
        principal +
        "\n      Action    = \"s3:GetObject\"\n"
        "      Resource  = \"${aws_s3_bucket.x.arn}/*\"\n" +
        more + "    }]\n  })\n}\nresource \"aws_s3_bucket\" \"x\" {}\n");
  };
  EXPECT_EQ(with("Allow", "\"*\""), "AN5104@5");
  EXPECT_EQ(with("Allow", "{ AWS = [\"*\"] }"), "AN5104@5");
  EXPECT_EQ(with("Deny", "\"*\""), "");
  EXPECT_EQ(with("Allow", "{ AWS = \"arn:aws:iam::123456789012:root\" }"), "");
  EXPECT_EQ(with("Allow", "\"*\"", "      Condition = { Bool = { x = \"y\" } }\n"), "");
  EXPECT_EQ(LeaksOf("resource \"aws_sqs_queue_policy\" \"a\" {\n  policy = <<-EOT\n"
                    "    {\"Statement\": [{\"Effect\": \"Allow\", \"Principal\": \"*\"}]}\n"
                    "  EOT\n}\n"),
            "AN5104@2");
  EXPECT_EQ(LeaksOf("resource \"aws_sqs_queue_policy\" \"a\" {\n  policy = \"no json\"\n}\n"), "");
}

TEST(LeaksTest, Wildcards) {
  EXPECT_EQ(LeaksOf("resource \"aws_iam_policy\" \"a\" {\n  policy = jsonencode({\n"
                    "    Statement = {\n      Effect   = \"Allow\"\n      Action   = [\"*\"]\n"
                    "      Resource = \"*\"\n    }\n  })\n}\n"),
            "AN5105@5 AN5105@6");
  EXPECT_EQ(LeaksOf("data \"aws_iam_policy_document\" \"a\" {\n  statement {\n"
                    "    actions   = [\"s3:*\"]\n    resources = [\"*\"]\n"
                    "    principals {\n      type        = \"AWS\"\n"
                    "      identifiers = [\"*\"]\n    }\n  }\n"
                    "  statement {\n    effect    = \"Deny\"\n    actions   = [\"*\"]\n"
                    "    resources = [\"*\"]\n  }\n}\n"),
            "AN5105@4 AN5104@5");
  EXPECT_EQ(LeaksOf("data \"aws_iam_policy_document\" \"a\" {\n  statement {\n"
                    "    actions   = [\"s3:GetObject\"]\n    resources = [\"arn:aws:s3:::b/*\"]\n"
                    "  }\n}\n"),
            "");
}

TEST(LeaksTest, OpenPorts) {
  auto group = [](std::string inside) {
    return LeaksOf("resource \"aws_security_group\" \"a\" {\n" + inside + "}\n");
  };
  EXPECT_EQ(group("  ingress {\n    from_port   = 5432\n    to_port     = 5432\n"
                  "    protocol    = \"tcp\"\n    cidr_blocks = [\"10.0.0.0/8\", \"0.0.0.0/0\"]\n  "
                  "}\n"),
            "AN5111@6");
  EXPECT_EQ(group("  ingress = [{\n    from_port        = 0\n    to_port          = 65535\n"
                  "    protocol         = \"tcp\"\n    ipv6_cidr_blocks = [\"::/0\"]\n  }]\n"),
            "AN5111@6");
  EXPECT_EQ(group("  dynamic \"ingress\" {\n    for_each = [5432]\n    content {\n"
                  "      from_port   = ingress.value\n      protocol    = \"-1\"\n"
                  "      cidr_blocks = [\"0.0.0.0/0\"]\n    }\n  }\n"),
            "AN5111@7");
  EXPECT_EQ(group("  ingress {\n    from_port   = 443\n    to_port     = 443\n"
                  "    protocol    = \"tcp\"\n    cidr_blocks = [\"0.0.0.0/0\"]\n  }\n"
                  "  egress {\n    from_port   = 0\n    to_port     = 0\n    protocol    = \"-1\"\n"
                  "    cidr_blocks = [\"0.0.0.0/0\"]\n  }\n"),
            "");
  EXPECT_EQ(LeaksOf("resource \"aws_vpc_security_group_ingress_rule\" \"a\" {\n"
                    "  from_port   = 3306\n  to_port     = 3306\n  ip_protocol = \"tcp\"\n"
                    "  cidr_ipv4   = \"0.0.0.0/0\"\n}\n"),
            "AN5111@5");
  EXPECT_EQ(LeaksOf("resource \"aws_security_group_rule\" \"a\" {\n  type        = \"egress\"\n"
                    "  from_port   = 0\n  to_port     = 0\n  protocol    = \"-1\"\n"
                    "  cidr_blocks = [\"0.0.0.0/0\"]\n}\n"),
            "");
}

TEST(LeaksTest, PublicDatabases) {
  EXPECT_EQ(LeaksOf("resource \"aws_redshift_cluster\" \"a\" {\n  encrypted           = true\n"
                    "  publicly_accessible = true\n}\n"),
            "AN5112@3");
  EXPECT_EQ(LeaksOf("resource \"azurerm_postgresql_firewall_rule\" \"a\" {\n"
                    "  start_ip_address = \"0.0.0.0\"\n  end_ip_address   = \"255.255.255.255\"\n"
                    "}\n"),
            "AN5113@2");
  EXPECT_EQ(LeaksOf("resource \"google_sql_database_instance\" \"a\" {\n  settings {\n"
                    "    ip_configuration {\n      authorized_networks {\n"
                    "        value = \"0.0.0.0/0\"\n      }\n    }\n  }\n}\n"),
            "AN5113@5");
}

TEST(LeaksTest, Encryption) {
  EXPECT_EQ(LeaksOf("resource \"aws_db_instance\" \"a\" {}\nresource \"aws_ebs_volume\" \"b\" {\n"
                    "  encrypted = false\n}\n"),
            "AN5121@1 AN5121@3");
  EXPECT_EQ(LeaksOf("resource \"aws_db_instance\" \"a\" {\n  storage_encrypted = true\n}\n"
                    "resource \"aws_db_instance\" \"b\" {\n"
                    "  replicate_source_db = aws_db_instance.a.identifier\n}\n"),
            "");
  EXPECT_EQ(LeaksOf("resource \"aws_instance\" \"a\" {\n  root_block_device {\n"
                    "    encrypted = false\n  }\n}\n"),
            "AN5122@3");
  EXPECT_EQ(LeaksOf("resource \"aws_instance\" \"a\" {\n  root_block_device {\n"
                    "    volume_size = 9\n  }\n}\n"),
            "");
}

TEST(LeaksTest, AreAllowedWithAReason) {
  const std::string kBucket = "resource \"aws_s3_bucket\" \"a\" {\n";
  EXPECT_EQ(LeaksOf(kBucket + "  # andon: allow public-acl a website\n  # for all\n"
                              "  acl = \"public-read\"\n}\n"),
            "");
  EXPECT_EQ(LeaksOf(kBucket + "  acl = \"public-read\" // andon: allow AN5101 a website\n}\n"), "");
  EXPECT_EQ(
      LeaksOf("# andon: allow public-acl a website\n" + kBucket + "  acl = \"public-read\"\n}\n"),
      "");
  // Another rule, another line, no reason, no such rule.
  EXPECT_EQ(LeaksOf(kBucket + "  # andon: allow public-policy a website\n"
                              "  acl = \"public-read\"\n}\n"),
            "AN5101@3");
  EXPECT_EQ(LeaksOf(kBucket + "  # andon: allow public-acl a website\n\n"
                              "  acl = \"public-read\"\n}\n"),
            "AN5101@4");
  EXPECT_EQ(LeaksOf(kBucket + "  # andon: allow public-acl\n  acl = \"public-read\"\n}\n"),
            "AN5190@2 AN5101@3");
  EXPECT_EQ(LeaksOf(kBucket + "  # andon: allow publik-acl why\n  acl = \"public-read\"\n}\n"),
            "AN5190@2 AN5101@3");
}

TEST(LeaksTest, OfModulesStandInTheirFiles) {
  Project project(
      Texts{{"main.tf", "module \"a\" {\n  source = \"./m\"\n  acl    = \"public-read\"\n}\n"},
            {"m/m.tf",
             "variable \"acl\" {}\nresource \"aws_s3_bucket\" \"b\" {\n"
             "  acl = var.acl\n}\n"}});
  EXPECT_EQ(project.Leaks(), "AN5101@3:m/m.tf");
}

// A plan knows what for_each gives, and what the files do not say.
TEST(LeaksTest, OfAPlanAreThoseOfItsInstances) {
  Project project(Texts{{"main.tf",
                         "resource \"aws_s3_bucket\" \"a\" {\n  for_each = toset([\"x\", \"y\"])\n"
                         "  acl      = data.x.y.acl[each.key]\n}\n"
                         "data \"x\" \"y\" {}\nresource \"aws_db_instance\" \"gone\" {\n"
                         "  count = 0\n}\n"}});
  EXPECT_EQ(project.Leaks(), "AN5121@6");
  infra::Plan plan;
  auto add = [&](const char* key, const char* acl) {
    infra::ResourceChange change;
    change.address = {.kind = "aws_s3_bucket", .name = "a", .key = std::string(key)};
    change.action = infra::Action::kCreate;
    change.after =
        Value::Object({{"acl", Value::String(acl)}, {"id", Value::Unknown(value::Type::String())}});
    plan.changes.push_back(std::move(change));
  };
  add("x", "private");
  EXPECT_EQ(project.Leaks(&plan), "");
  add("y", "public-read");
  EXPECT_EQ(project.Leaks(&plan), "AN5101@3");
}

TEST(LeaksTest, RulesAreTold) {
  std::set<std::string_view> seen;
  for (const LeakRule* rule : LeakRules()) {
    EXPECT_TRUE(seen.insert(rule->id).second && seen.insert(rule->code).second) << rule->id;
    EXPECT_FALSE(rule->meaning.empty() || rule->cure.empty() || rule->types.empty()) << rule->id;
    EXPECT_TRUE(rule->meaning.ends_with('.') && !rule->cure.ends_with('.')) << rule->id;
  }
}

}  // namespace
}  // namespace andon::policy
