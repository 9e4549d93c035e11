package io.scopegate.demo;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;

/** Chooses ports. */
final class Ports {
  private final Set<Integer> given = new HashSet<>();
  private final boolean preferUsual;

  private Ports(boolean preferUsual) {
    this.preferUsual = preferUsual;
  }

  /** The usual ones where they are free, so that printed commands look familiar. */
  static Ports usual() {
    return new Ports(true);
  }

  /** Any, as tests want them. */
  static Ports any() {
    return new Ports(false);
  }

  /** The usual port, or any free one. */
  int choose(int usual) throws IOException {
    int port = preferUsual && isFree(usual) ? usual : anyFree();
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
