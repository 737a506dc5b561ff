#include <fmt/format.h>

#include <cstdio>

#include "command.hpp"

int main(int argc, char** argv) {
  CLI::App app{"The PacketFS protocol analyser: frames from vectors or captures, decoded, and back."};
  app.require_subcommand(1);
  pfs::Command command;
  pfs::add_decode(app, command);
  pfs::add_encode(app, command);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help
    fmt::print(stderr, "pfs-wire: {}; see pfs-wire --help\n", error.what());
    return static_cast<int>(pfs::Exit::kConfiguration);
  }
  if (const auto done = command(); !done) {
    fmt::print(stderr, "pfs-wire: {}\n", done.error().line());
    return static_cast<int>(done.error().exit);
  }
  return static_cast<int>(pfs::Exit::kDone);
}
