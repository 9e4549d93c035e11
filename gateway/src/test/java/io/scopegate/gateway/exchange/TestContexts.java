package io.scopegate.gateway.exchange;

import io.netty.util.AsciiString;
import io.scopegate.gateway.access.ConnectionIdentity;
import io.scopegate.gateway.telemetry.Telemetry;

/** Connections of clients for tests. */
public final class TestContexts {
  private static final ClientInfo CLIENT =
      new ClientInfo(
          "in",
          "10.1.2.3:4",
          0x0a010203,
          AsciiString.of("10.1.2.3"),
          true,
          ConnectionIdentity.NONE,
          new ConnectionStanding(() -> {}));

  private TestContexts() {}

  /** A connection by HTTP/2 over TLS. */
  public static ConnectionContext http2(Telemetry telemetry) {
    return ConnectionContext.http2(CLIENT, telemetry, 15_000_000_000L);
  }
}
