"""One TCP connection, for tests in network namespaces.

tcp.py receive FILE               prints `listening`, takes one connection on port 5001, writes what comes to FILE
tcp.py send ADDRESS FILE          sends FILE
"""

import socket
import sys

PORT = 5001
SECONDS = 60  # without progress


def receive(path):
    with socket.create_server(("", PORT)) as server, open(path, "wb") as file:
        print("listening", flush=True)
        server.settimeout(SECONDS)
        connection, _ = server.accept()
        with connection:
            connection.settimeout(SECONDS)
            while piece := connection.recv(1 << 20):
                file.write(piece)


def send(address, path):
    with socket.create_connection((address, PORT), timeout=SECONDS) as connection, open(path, "rb") as file:
        connection.sendfile(file)


if __name__ == "__main__":
    {"receive": receive, "send": send}[sys.argv[1]](*sys.argv[2:])
