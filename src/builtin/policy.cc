#include "builtin/block.h"

namespace andon::builtin {

// What it means is in src/policy: it is no object, so nothing here evaluates it.
const Block& PolicyBlock() {
  static const Block kBlock = {
      .schema = {
          .kind = "policy",
          .doc =
              "A rule over planned changes of infrastructure: a plan that it does not hold for is "
              "refused, with exit code 6.",
          .is_rule = true,
          .attributes =
              {
                  {.name = "resources",
                   .form = config::Form::kStrings,
                   .fallback = "[\"*\"]",
                   .doc = "Of which types it speaks; * stands for any text.",
                   .example = "[\"aws_db_instance\", \"aws_rds_*\"]"},
                  {.name = "actions",
                   .form = config::Form::kStrings,
                   .fallback = "[\"create\", \"update\", \"replace\", \"delete\"]",
                   .doc = "Of which changes: create, update, replace, delete, forget.",
                   .example = "[\"delete\", \"replace\"]"},
                  {.name = "condition",
                   .form = config::Form::kAny,
                   .fallback = "false",
                   .doc =
                       "What must hold of each such change; it reads change, var and local. Where "
                       "only the apply can tell, it does not hold.",
                   .example = "change.after.storage_encrypted"},
                  {.name = "message",
                   .form = config::Form::kString,
                   .doc = "What whoever plans is told; it may read the same.",
                   .example = "\"Databases are encrypted.\""},
                  {.name = "enforce",
                   .form = config::Form::kString,
                   .fallback = "\"deny\"",
                   .doc = "Whether the plan is refused, or only warned of.",
                   .example = "\"warn\"",
                   .allowed = {"deny", "warn"}},
                  {.name = "description",
                   .form = config::Form::kString,
                   .doc = "Why there is the rule."},
              },
          .example =
              "policy \"databases_stay\" {\n  resources = [\"aws_db_instance\"]\n  actions   "
              "= [\"delete\", \"replace\"]\n  message   = \"${change.address} holds data: "
              "talk to the owner first.\"\n}\n",
          .aliases = {"rule", "guardrail"}}};
  return kBlock;
}

}  // namespace andon::builtin
