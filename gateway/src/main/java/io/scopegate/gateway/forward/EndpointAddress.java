package io.scopegate.gateway.forward;

import java.net.SocketAddress;

/**
 * Where one server of an upstream is.
 *
 * @param text as people write it: {@code 10.0.0.1:4317}, {@code unix:///run/tempo.sock}
 * @param socket what to connect to
 * @param near whether it is meant for callers in this zone
 */
record EndpointAddress(String text, SocketAddress socket, boolean near) {}
