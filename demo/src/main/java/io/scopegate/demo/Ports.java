package io.scopegate.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/** Chooses ports: the usual ones where they are free, so that printed commands look familiar. */
final class Ports {
  private final Set<Integer> given = new HashSet<>();

  /** The usual port, or any free one when it is taken. */
  int choose(int usual) throws IOException {
    int port = isFree(usual) ? usual : anyFree();
    given.add(port);
    return port;
  }

  private boolean isFree(int port) {
    if (given.contains(port)) {
      return false;
    }
    try (ServerSocket socket = bind(port)) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private int anyFree() throws IOException {
    while (true) {
      try (ServerSocket socket = bind(0)) {
        if (!given.contains(socket.getLocalPort())) {
          return socket.getLocalPort();
        }
      }
    }
  }

  private static ServerSocket bind(int port) throws IOException {
    return new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
  }
}
