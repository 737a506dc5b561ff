// sockets: what the kernel's TCP and UDP give on the same link, for bench/delivery and bench/interfaces.
//   sockets tcp-receive PORT BYTES                             answers each BYTES of a connection with 64 bytes, until
//   it is closed sockets tcp-send ADDRESS PORT BYTES CONTROL SECONDS        messages of BYTES one after the other, by
//   congestion control CONTROL sockets udp-echo PORT                                      answers each datagram with
//   its first 64 bytes, until SIGTERM sockets udp-ask ADDRESS PORT BYTES WINDOW SECONDS PAUSE_US asks, WINDOW
//   unanswered at most, and rests between if it shall
// Who answers prints `ready`; who asks prints JSON: how many were answered, and how long they took from the first
// byte's writing to the whole answer. Nothing here waits for longer than 10 s without progress.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

namespace {

constexpr size_t kAnswer = 64;      // bytes, as a RESULT's frame has
constexpr double kPatience = 10;    // seconds without progress
constexpr double kLostAfter = 1.0;  // seconds, after which a datagram will not be answered any more
constexpr size_t kPiece = size_t{256} << 10;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

[[noreturn]] void fail(const char* what) {
  fmt::print(stderr, "sockets: {}: {}\n", what, std::strerror(errno));
  std::exit(1);
}

sockaddr_in address(const char* host, const char* port) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = htons(static_cast<uint16_t>(std::atoi(port)));
  if (inet_pton(AF_INET, host, &made.sin_addr) != 1) fail(host);
  return made;
}

int opened(int type) {
  const int made = socket(AF_INET, type, 0);
  if (made < 0) fail("socket");
  const int yes = 1;
  setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  return made;
}

int bound(int type, const char* port) {
  const int made = opened(type);
  const sockaddr_in here = address("0.0.0.0", port);
  if (bind(made, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0) fail("bind");
  return made;
}

void say_ready() {
  fmt::print("ready\n");
  std::fflush(stdout);
}

void report(std::vector<double>& took, uint64_t bytes, double seconds, uint64_t lost) {
  std::sort(took.begin(), took.end());
  const auto share = [&](double part) {
    return took.empty()
               ? 0
               : took[std::min(took.size() - 1, static_cast<size_t>(part * static_cast<double>(took.size())))] * 1e6;
  };
  fmt::print(
      R"({{"answered": {}, "bytes": {}, "seconds": {:.6f}, "lost": {}, "p50_us": {:.2f}, "p99_us": {:.2f}, "p999_us": {:.2f}, "max_us": {:.2f}}})"
      "\n",
      took.size(), took.size() * bytes, seconds, lost, share(0.5), share(0.99), share(0.999), share(1));
}

void tcp_receive(const char* port, size_t bytes) {
  const int listening = bound(SOCK_STREAM, port);
  if (listen(listening, 1) != 0) fail("listen");
  say_ready();
  const int peer = accept(listening, nullptr, nullptr);
  if (peer < 0) fail("accept");
  std::vector<uint8_t> piece(kPiece);
  const uint8_t answer[kAnswer] = {};
  size_t missing = bytes;
  for (ssize_t got = 0; (got = recv(peer, piece.data(), std::min(piece.size(), missing), 0)) > 0;) {
    missing -= static_cast<size_t>(got);
    if (missing != 0) continue;
    if (send(peer, answer, sizeof answer, MSG_NOSIGNAL) != ssize_t{kAnswer}) break;
    missing = bytes;
  }
  close(peer);
}

void tcp_send(const char* host, const char* port, size_t bytes, const std::string& control, double seconds) {
  const int link = opened(SOCK_STREAM);
  if (setsockopt(link, IPPROTO_TCP, TCP_CONGESTION, control.data(), static_cast<socklen_t>(control.size())) != 0)
    fail(control.c_str());
  const double begun = now();
  const sockaddr_in there = address(host, port);
  if (connect(link, reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0) fail("connect");
  const std::vector<uint8_t> message(bytes, 0x5A);
  std::vector<uint8_t> answers(kPiece);
  std::deque<double> written;  // when the first byte of each unanswered message was written
  std::vector<double> took;
  size_t at = 0, heard = 0;
  double progress = begun, last = begun;
  for (;;) {
    const bool sends = at != 0 || now() - begun < seconds;
    if (!sends && written.empty()) break;
    pollfd ready = {.fd = link, .events = static_cast<short>(POLLIN | (sends ? POLLOUT : 0)), .revents = 0};
    if (poll(&ready, 1, 100) < 0) fail("poll");
    if (now() - progress > kPatience) break;
    if ((ready.revents & (POLLERR | POLLHUP)) != 0) break;
    if ((ready.revents & POLLIN) != 0) {
      const ssize_t got = recv(link, answers.data(), answers.size(), MSG_DONTWAIT);
      if (got <= 0) break;
      progress = last = now();
      for (heard += static_cast<size_t>(got); heard >= kAnswer; heard -= kAnswer) {
        took.push_back(last - written.front());
        written.pop_front();
      }
    }
    if (sends && (ready.revents & POLLOUT) != 0) {
      if (at == 0) written.push_back(now());
      const ssize_t sent = send(link, message.data() + at, bytes - at, MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) break;
      if (sent > 0) {
        at = (at + static_cast<size_t>(sent)) % bytes;
        progress = now();
      }
    }
  }
  report(took, bytes, last - begun, written.size());
}

volatile std::sig_atomic_t ended = 0;

void udp_echo(const char* port) {
  struct sigaction action {};
  action.sa_handler = [](int) { ended = 1; };
  sigaction(SIGTERM, &action, nullptr);
  const int link = bound(SOCK_DGRAM, port);
  say_ready();
  std::vector<uint8_t> piece(65536);
  sockaddr_in from{};
  while (ended == 0) {
    socklen_t size = sizeof from;
    const ssize_t got = recvfrom(link, piece.data(), piece.size(), 0, reinterpret_cast<sockaddr*>(&from), &size);
    if (got > 0)
      sendto(link, piece.data(), std::min(static_cast<size_t>(got), kAnswer), 0, reinterpret_cast<sockaddr*>(&from),
             size);
  }
}

void udp_ask(const char* host, const char* port, size_t bytes, size_t window, double seconds, double pause) {
  const int link = opened(SOCK_DGRAM);
  const sockaddr_in there = address(host, port);
  if (connect(link, reinterpret_cast<const sockaddr*>(&there), sizeof there) != 0) fail("connect");
  std::vector<uint8_t> question(std::max(bytes, sizeof(uint64_t)));
  std::vector<double> asked, took;  // by number; 0 where the answer is there
  size_t oldest = 0, open = 0;
  uint64_t lost = 0;
  const double begun = now();
  double next = begun;
  while (now() - begun < seconds) {
    for (; open < window && now() >= next; ++open) {
      const uint64_t number = asked.size();
      std::memcpy(question.data(), &number, sizeof number);
      asked.push_back(now());
      next = asked.back() + pause;
      send(link, question.data(), question.size(), 0);
    }
    pollfd ready = {.fd = link, .events = POLLIN, .revents = 0};
    const double rest = std::max(0.0, next - now());
    // A wait to the whole millisecond would round a short pause up; without a pause the answer is near.
    if (poll(&ready, 1, open == window || pause == 0 ? 100 : static_cast<int>(rest * 1000)) < 0) fail("poll");
    uint64_t number = 0;
    while (recv(link, &number, sizeof number, MSG_DONTWAIT) == ssize_t{sizeof number}) {
      if (number >= asked.size() || asked[number] == 0) continue;
      took.push_back(now() - asked[number]);
      asked[number] = 0;
      --open;
    }
    for (; oldest < asked.size() && (asked[oldest] == 0 || now() - asked[oldest] > kLostAfter); ++oldest)
      if (asked[oldest] != 0) {
        asked[oldest] = 0;
        --open;
        ++lost;
      }
  }
  report(took, bytes, now() - begun, lost);
}

}  // namespace

int main(int count, char** words) {
  const std::string role = count > 1 ? words[1] : "";
  if (role == "tcp-receive" && count == 4)
    tcp_receive(words[2], static_cast<size_t>(std::atoll(words[3])));
  else if (role == "tcp-send" && count == 7)
    tcp_send(words[2], words[3], static_cast<size_t>(std::atoll(words[4])), words[5], std::atof(words[6]));
  else if (role == "udp-echo" && count == 3)
    udp_echo(words[2]);
  else if (role == "udp-ask" && count == 8)
    udp_ask(words[2], words[3], static_cast<size_t>(std::atoll(words[4])), static_cast<size_t>(std::atoll(words[5])),
            std::atof(words[6]), std::atof(words[7]) * 1e-6);
  else {
    fmt::print(stderr, "sockets: tcp-receive, tcp-send, udp-echo or udp-ask and their words; see bench/sockets.cpp\n");
    return 2;
  }
  return 0;
}
