package io.scopegate.gateway.listen;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Where a client comes from, as far as one client cannot be many: an IPv4 address, or the first 64
 * bits of an IPv6 address, of which anybody has all others.
 */
public final class ClientAddress {
  /** A prefix that is no client's, so that no IPv4 address equals an IPv6 one. */
  private static final long IPV4 = 0xffffL << 32;

  private ClientAddress() {}

  /** A client's; null for one that has no IP address. */
  static @Nullable Long of(@Nullable SocketAddress client) {
    return client instanceof InetSocketAddress socket && socket.getAddress() != null
        ? of(socket.getAddress())
        : null;
  }

  /** An address's number, equal for those that count as one. */
  public static long of(InetAddress address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    return bytes.remaining() == Integer.BYTES
        ? IPV4 | Integer.toUnsignedLong(bytes.getInt())
        : bytes.getLong();
  }
}
