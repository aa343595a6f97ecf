// A provider plugin for tests, which really speaks the protocol and does what a script
// says: README.md.
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "behaviour.h"
#include "server.h"

using namespace andon;

namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

void Print(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: standin SCRIPT.json\n");
    return 64;
  }
  if (Environment("TF_PLUGIN_MAGIC_COOKIE").size() != 64) {
    std::fprintf(stderr, "This program is a plugin, and not meant to be run by hand.\n");
    return 1;
  }
  std::stringstream text;
  text << std::ifstream(argv[1]).rdbuf();
  Result<Json> script = Json::Parse(text.str());
  if (!script.ok()) {
    std::fprintf(stderr, "%s: %s\n", argv[1], script.error().message.c_str());
    return 64;
  }
  const Json& start = (*script)["start"];
  if (start.Has("print")) std::fprintf(stderr, "%s\n", start["print"].AsString().c_str());
  if (start.Has("exit")) return static_cast<int>(start["exit"].AsInteger());
  if (start["hang"].AsBool()) ::pause();
  if (start.Has("unended")) {  // A first line that does not end.
    for (int64_t i = 0; i < start["unended"].AsInteger(); ++i) std::fputc('x', stdout);
    std::fflush(stdout);
    ::pause();
  }
  if (start.Has("handshake")) {
    Print(start["handshake"].AsString());
    ::pause();
  }
  std::string folder = Environment("TMPDIR");
  standin::Server server(folder.empty() ? "/tmp" : folder, Environment("PLUGIN_CLIENT_CERT"));
  standin::Behaviour behaviour(*script, &server);
  std::string certificate = server.certificate();
  if (start["other_certificate"].AsBool()) {
    standin::Server other(folder.empty() ? "/tmp" : folder + "/..",
                          Environment("PLUGIN_CLIENT_CERT"));
    certificate = other.certificate();
  }
  Print("1|" + std::to_string((*script)["protocol"].AsInteger(6)) + "|unix|" + server.address() +
        "|grpc|" + certificate);
  server.Run([&](const std::string& path, const std::string& request) {
    return behaviour.Answer(path, request);
  });
  return 0;
}
