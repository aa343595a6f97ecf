// links: andon_config
//
// Any bytes as a project of Terraform's, in native and in JSON syntax, with an override file
// and a module: loading and validating end, every place that is told lies in its file, and
// the same text gives the same mistakes.
#include "config/terraform/validate.h"
#include "driver.h"
#include "hcl/json_file.h"
#include "io/memory_file_system.h"

namespace {

using namespace andon;

std::vector<std::string> Judge(const std::string& input, bool is_json) {
  io::MemoryFileSystem files;
  size_t cut = input.find("\n---\n");
  std::string main = input.substr(0, cut);
  std::string more = cut == input.npos ? std::string() : input.substr(cut + 5);
  (void)files.Write(is_json ? "p/main.tf.json" : "p/main.tf", main);
  if (!more.empty()) (void)files.Write(is_json ? "p/override.tf.json" : "p/m/main.tf", more);
  static const config::Language kNone{std::vector<const config::BlockSchema*>{}};
  config::ModuleTree tree = config::LoadModuleTree(
      files, std::make_unique<config::Module>(config::Load(files, "p", kNone)));
  Diagnostics found = std::move(tree.diagnostics);
  found.Append(config::Validate(tree));
  std::vector<std::string> told;
  for (const Diagnostic& d : found) {
    FUZZ_CHECK(!d.code.empty() && !d.summary.empty(), input);
    FUZZ_CHECK(d.subject.start.byte <= d.subject.end.byte, input);
    FUZZ_CHECK(!d.subject.exists() || size_t(d.subject.start.byte) <= input.size() + 1, input);
    told.push_back(d.summary + ToString(d.subject) + d.detail);
  }
  return told;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  for (bool is_json : {false, true})
    FUZZ_CHECK(Judge(input, is_json) == Judge(input, is_json), input);
  return 0;
}

std::vector<std::string> FuzzCorpus() {
  return {
      "variable \"a\" {\n  type = object({ b = optional(number, 1) })\n  default = { b = 2 }\n  "
      "validation {\n    condition = var.a.b > 0\n    error_message = \"x\"\n  }\n}\n",
      "resource \"terraform_data\" \"a\" {\n  for_each = toset([\"x\"])\n  input = each.key\n  "
      "lifecycle {\n    ignore_changes = [input]\n    replace_triggered_by = "
      "[terraform_data.b]\n  }\n}\nresource \"terraform_data\" \"b\" {\n  provisioner "
      "\"local-exec\" {\n    command = self.id\n    when = destroy\n  }\n}\n",
      "module \"m\" {\n  source = \"./m\"\n  a = local.x\n  providers = { aws = aws.w }\n}\n"
      "locals {\n  x = module.m.b\n}\nprovider \"aws\" {\n  alias = \"w\"\n}\n---\nvariable \"a\" "
      "{}\noutput \"b\" {\n  value = var.a\n}\n",
      "moved {\n  from = a_b.c[0]\n  to = module.m[\"k\"].a_b.d\n}\nimport {\n  to = "
      "a_b.c[each.key]\n  id = \"x\"\n  for_each = {}\n}\nremoved {\n  from = a_b.e\n  lifecycle "
      "{\n    destroy = false\n  }\n}\ncheck \"c\" {\n  data \"a_b\" \"c\" {}\n  assert {\n    "
      "condition = data.a_b.c.d\n    error_message = \"e\"\n  }\n}\n",
      "terraform {\n  required_version = \"~> 1.2\"\n  required_providers {\n    aws = { source = "
      "\"hashicorp/aws\", version = \">= 1\", configuration_aliases = [aws.x] }\n  }\n  backend "
      "\"s3\" {}\n  encryption {}\n}\nlanguage {\n  edition = tofu2024\n}\n",
      "{\"resource\": {\"terraform_data\": {\"a\": {\"count\": 2, \"input\": "
      "\"${count.index}\", \"lifecycle\": {\"ignore_changes\": \"all\"}}}}, \"locals\": [{\"a\": "
      "1}, {\"b\": \"${local.a}\"}]}\n---\n{\"resource\": {\"terraform_data\": {\"a\": "
      "{\"input\": null}}}}\n",
      "{\"variable\": {\"v\": {\"type\": \"list(string)\", \"default\": "
      "[\"\\u00e9\\ud83d\\ude00\", "
      "-1.5e3]}}, \"//\": \"c\", \"moved\": [{\"from\": \"a_b.c\", \"to\": \"a_b.d\"}]}",
  };
}

std::vector<std::string> FuzzWords() {
  return {"{",           "}",         "[",
          "]",           "\"",        "${",
          "}",           ":",         ",",
          "\n",          "\n---\n",   "= ",
          "null",        "true",      "var.a",
          "local.x",     "each.key",  "self.id",
          "count.index", "module.m",  "data.",
          "count",       "for_each",  "depends_on",
          "provider",    "lifecycle", "dynamic",
          "content",     "source",    "\"./m\"",
          "\"./\"",      "alias",     "terraform_data.a",
          "[0]",         "[*]",       "\\u0000",
          "\\ud800",     "//",        "_",
          "override",    "1e999",     "-",
          "type",        "optional(", "object(",
          "upper(",      "resource",  "locals",
          "output"};
}
