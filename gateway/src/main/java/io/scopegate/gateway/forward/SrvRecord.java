package io.scopegate.gateway.forward;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.dns.DefaultDnsRecordDecoder;
import org.jspecify.annotations.Nullable;

/**
 * One server of a service in the DNS.
 *
 * @param priority the lowest is used first; 0 to 65535
 * @param weight its share among those of its priority; 0 to 65535
 * @param port 1 to 65535
 * @param target its name, with the dot at the end
 * @param ttlSeconds how long this holds
 * @see <a href="https://datatracker.ietf.org/doc/html/rfc2782">RFC 2782</a>
 */
record SrvRecord(int priority, int weight, int port, String target, long ttlSeconds) {
  private static final int FIXED_BYTES = 6;

  /** Reads the data of a record; null when it is none, or names no server. */
  static @Nullable SrvRecord read(ByteBuf data, long ttlSeconds) {
    if (data.readableBytes() <= FIXED_BYTES) {
      return null;
    }
    int priority = data.readUnsignedShort();
    int weight = data.readUnsignedShort();
    int port = data.readUnsignedShort();
    String target = DefaultDnsRecordDecoder.decodeName(data);
    return port == 0 || target.equals(".")
        ? null
        : new SrvRecord(priority, weight, port, target, ttlSeconds);
  }
}
