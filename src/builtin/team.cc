#include "builtin/block.h"

namespace andon::builtin {

const Block& TeamBlock() {
  static const Block kBlock = {
      .schema = {
          .kind = "team",
          .doc = "People who own datasets together, and where they are told when one is red.",
          .attributes =
              {
                  {.name = "members",
                   .form = config::Form::kReferences,
                   .doc = "Who belongs to it.",
                   .example = "[person.ana]",
                   .kinds = {"person"}},
                  {.name = "channels",
                   .form = config::Form::kReferences,
                   .doc = "Where the team is told of incidents of what it owns.",
                   .example = "[channel.data_alerts]",
                   .kinds = {"channel"}},
                  {.name = "description",
                   .form = config::Form::kString,
                   .doc = "What the team does."},
              },
          .example = "team \"payments\" {\n  members  = [person.ana]\n  channels = "
                     "[channel.data_alerts]\n}\n",
          .aliases = {"group", "squad"}}};
  return kBlock;
}

}  // namespace andon::builtin
