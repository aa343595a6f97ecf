#include "board/outbox.h"

#include "definition/secret.h"
#include "io/http_client.h"
#include "io/local_file_system.h"

namespace andon::board {

Result<notify::Delivered> DeliverOutbox(store::Database& db, const definition::Project& project,
                                        const std::string& project_dir, const Clock& clock,
                                        std::vector<std::string>* problems) {
  std::unique_ptr<io::HttpClient> http = io::NewHttpClient();
  io::LocalFileSystem files;
  notify::ChannelContext context{.http = http.get(),
                                 .files = &files,
                                 .project_dir = project_dir,
                                 .source = "andon/" + project.name};
  notify::Channels channels;
  for (const auto& channel : project.channels) {
    auto settings = definition::ResolveSecrets(channel.settings, project_dir);
    auto made = settings.ok() ? notify::MakeChannel(channel.type, *settings, context)
                              : Result<std::unique_ptr<notify::Channel>>(settings.error());
    if (made.ok())
      channels[channel.address] = std::move(*made);
    else if (problems)
      problems->push_back(channel.address + ": " + made.error().message);
  }
  return notify::DeliverDue(db, channels, clock);
}

}  // namespace andon::board
