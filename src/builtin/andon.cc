#include "builtin/block.h"

namespace andon::builtin {

const Block& AndonBlock() {
  static const Block kBlock = {
      .schema = {.kind = "andon",
                 .doc = "Settings of the project. Stands once, without a name.",
                 .is_single = true,
                 .attributes =
                     {
                         {.name = "project",
                          .form = config::Form::kString,
                          .fallback = "\"default\"",
                          .doc = "The project's name: the namespace of its tables in the lake.",
                          .example = "\"rental\""},
                         {.name = "lake",
                          .form = config::Form::kString,
                          .fallback = "\"./lake\"",
                          .doc = "The folder of the lake, relative to the project's.",
                          .example = "\"./lake\""},
                         {.name = "channels",
                          .form = config::Form::kReferences,
                          .doc = "Told of incidents of datasets that have no owner.",
                          .example = "[channel.data_alerts]",
                          .kinds = {"channel"}},
                         {.name = "retention",
                          .form = config::Form::kObject,
                          .doc = "How long results of checks are kept.",
                          .example = "{ validations = \"400d\", samples = \"30d\" }",
                          .nested = {{.name = "validations",
                                      .form = config::Form::kDuration,
                                      .doc = "Verdicts, counts and observed values; 400d where it "
                                             "is not said.",
                                      .example = "\"400d\""},
                                     {.name = "samples",
                                      .form = config::Form::kDuration,
                                      .doc = "The bad rows; 30d where it is not said.",
                                      .example = "\"30d\""}}},
                     },
                 .example = "andon {\n  project = \"rental\"\n  lake    = \"./lake\"\n}\n",
                 .aliases = {"settings", "project"}},
      .check = [](const ProjectView&, const Item& item, Diagnostics* diagnostics) {
        const std::string& lake = item.attributes["lake"].AsString();
        size_t scheme = lake.find("://");
        if (scheme != std::string::npos && !lake.starts_with("file://")) {
          ReportAt(item, config::kNotYet,
                   "The lake can only be a folder of this machine in this version, not \"" +
                       lake.substr(0, scheme) + "://\".",
                   "lake", diagnostics, "lake = \"./lake\"");
        }
      }};
  return kBlock;
}

}  // namespace andon::builtin
