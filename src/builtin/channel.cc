#include <fmt/format.h>

#include "base/text.h"
#include "builtin/block.h"

namespace andon::builtin {
namespace {

using config::Form;

void Check(const ProjectView&, const Item& item, Diagnostics* diagnostics) {
  const Json& url = item.attributes["url"];
  if (item.instance->type != "webhook" || !url.is_string()) return;
  std::string lower = AsciiLower(url.AsString());
  if (lower.starts_with("https://") || lower.starts_with("http://")) return;
  ReportAt(item, config::kInvalidText, "The url of a webhook begins with https:// or http://.",
           "url", diagnostics);
}

}  // namespace

const Block& ChannelBlock() {
  static const Block kBlock = {.schema =
                                   {.kind = "channel",
                                    .doc = "A way to tell people and programs what happens.",
                                    .types =
                                        {
                                            {.name = "webhook",
                                             .doc = "POSTs each notification as a CloudEvent "
                                                    "(JSON), signed where a secret is set.",
                                             .attributes =
                                                 {{.name = "url",
                                                   .form = Form::kSecret,
                                                   .required = true,
                                                   .doc = "Where to send to.",
                                                   .example = "secret(\"env://ALERTS_URL\")"},
                                                  {.name = "secret",
                                                   .form = Form::kSecret,
                                                   .doc = "Signs each request, so that the "
                                                          "receiver can tell who sent it.",
                                                   .example = "secret(\"env://ALERTS_KEY\")"},
                                                  {.name = "headers",
                                                   .form = Form::kStringMap,
                                                   .doc = "Headers to send along.",
                                                   .example = "{ X-Team = \"data\" }"}}},
                                            {.name = "log",
                                             .doc = "Writes one line for each notification: to a "
                                                    "file, else to standard error.",
                                             .attributes =
                                                 {{.name = "path",
                                                   .form = Form::kString,
                                                   .doc = "The file, relative to the project's "
                                                          "folder.",
                                                   .example = "\"notifications.log\""},
                                                  {.name = "format",
                                                   .form = Form::kString,
                                                   .fallback = "\"text\"",
                                                   .doc = "How a line is written.",
                                                   .example = "\"json\"",
                                                   .allowed = {"text", "json"}}}},
                                        },
                                    .example = "channel \"webhook\" \"data_alerts\" {\n  url = "
                                               "secret(\"env://ALERTS_URL\")\n}\n",
                                    .aliases = {"notifier", "receiver", "alert", "contact_point"}},
                               .check = Check};
  return kBlock;
}

}  // namespace andon::builtin
