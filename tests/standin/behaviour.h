// What the stand-in answers: what a well-behaved provider would, but for the rules of
// its script.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/json.h"
#include "made.h"
#include "plugin/protocol.h"
#include "provider/schema.h"
#include "server.h"
#include "value/value.h"

namespace andon::standin {

class Behaviour {
 public:
  Behaviour(const Json& script, Server* server);
  // Answers one call, or ends the process where a rule says so.
  Reply Answer(const std::string& path, const std::string& request);

 private:
  struct Fields;  // Of a request.
  Reply Normal(plugin::Procedure procedure, const Fields& request, const Json& rule);
  std::string SchemaMessage() const;
  const Json* RuleFor(std::string_view procedure, const std::string& type);
  value::Type TypeOf(plugin::Procedure procedure, const std::string& type) const;
  const provider::BlockSchema* BlockOf(plugin::Procedure procedure, const std::string& type) const;

  const Json script_;
  Server* server_;
  plugin::Protocol protocol_;
  provider::ProviderSchema schema_;
  std::map<const Json*, int64_t> uses_;  // Of rules.
  Maker maker_;
  std::string region_;  // Of the provider's configuration.
};

}  // namespace andon::standin
