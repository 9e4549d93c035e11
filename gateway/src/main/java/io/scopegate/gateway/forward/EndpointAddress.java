package io.scopegate.gateway.forward;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Where one server of an upstream is.
 *
 * @param text as people write it: {@code 10.0.0.1:4317}, {@code unix:///run/tempo.sock}
 * @param socket what to connect to
 * @param near whether it is meant for callers in this zone
 * @param priority those with the lowest are used, as long as enough of them are well
 * @param weight its share among those of its priority; at least 1
 */
record EndpointAddress(String text, SocketAddress socket, boolean near, int priority, int weight) {
  /** One like all others. */
  EndpointAddress(String text, SocketAddress socket, boolean near) {
    this(text, socket, near, 0, 1);
  }

  /** The same server's other port; itself for 0, and for a socket. */
  EndpointAddress at(int port) {
    return port == 0 || !(socket instanceof InetSocketAddress ip)
        ? this
        : new EndpointAddress(text, withPort(ip, port), near, priority, weight);
  }

  private static InetSocketAddress withPort(InetSocketAddress ip, int port) {
    InetAddress address = ip.getAddress();
    return address == null
        ? InetSocketAddress.createUnresolved(ip.getHostString(), port)
        : new InetSocketAddress(address, port);
  }
}
