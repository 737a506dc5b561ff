#include <cstdio>
#include <exception>
#include <string>

#include "base/escape.hpp"
#include "command.hpp"

namespace {

int refuse(const std::string& text, pfs::Exit exit) {
  (void)std::fprintf(stderr, "pfs-wire: %s\n", pfs::escape(text).c_str());
  return static_cast<int>(exit);
}

int run(int argc, char** argv) {
  CLI::App app{"The PacketFS protocol analyser: frames from vectors or captures, decoded, and back."};
  app.require_subcommand(1);
  pfs::Command command;
  pfs::add_decode(app, command);
  pfs::add_encode(app, command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    return refuse(error.what() + std::string("; see pfs-wire --help"), pfs::Exit::kConfiguration);
  }
  const auto done = command();
  return done ? static_cast<int>(pfs::Exit::kDone) : refuse(done.error().line(), done.error().exit);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {  // out of memory, if anything
    return refuse(error.what(), pfs::Exit::kFailed);
  }
}
