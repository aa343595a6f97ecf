#include "builtin/block.h"

namespace andon::builtin {

const Block& PersonBlock() {
  static const Block kBlock = {
      .schema = {.kind = "person",
                 .doc = "Somebody who is told and who answers. Referred to, never spelled.",
                 .attributes =
                     {
                         {.name = "email",
                          .form = config::Form::kString,
                          .doc = "Where mail reaches them.",
                          .example = "\"ana@example.com\""},
                         {.name = "slack",
                          .form = config::Form::kString,
                          .doc = "Their name in Slack.",
                          .example = "\"@ana\""},
                     },
                 .example = "person \"ana\" {\n  email = \"ana@example.com\"\n}\n",
                 .aliases = {"user", "member", "people"}}};
  return kBlock;
}

}  // namespace andon::builtin
