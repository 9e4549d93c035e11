package io.scopegate.e2e.hostile;

import io.scopegate.e2e.wire.Frames;
import io.scopegate.e2e.wire.RawHttp2;
import io.scopegate.e2e.wire.Wires.Security;
import java.util.EnumSet;
import java.util.Set;

/** The ways into the gateway: the protocol, how it is agreed on, and the kind of port. */
enum Door {
  H1_CLEAR("HTTP/1.1 in clear text", Place.TENANTS),
  H1_TLS("HTTP/1.1 over TLS", Place.TENANTS),
  H1_ADMIN("HTTP/1.1 at the admin port", Place.ADMIN),
  H1_CONSOLE("HTTP/1.1 at the console", Place.CONSOLE),
  H2_CLEAR("HTTP/2 by prior knowledge", Place.TENANTS),
  H2_TLS("HTTP/2 over TLS", Place.TENANTS),
  H2_UPGRADE("HTTP/2 by Upgrade", Place.TENANTS),
  H2_ADMIN("HTTP/2 at the admin port", Place.ADMIN),
  H2_CONSOLE("HTTP/2 at the console", Place.CONSOLE);

  /** HTTP/1.1 where tenants come. */
  static final Set<Door> H1 = EnumSet.of(H1_CLEAR, H1_TLS);

  /** HTTP/1.1 everywhere. */
  static final Set<Door> H1_ALL = EnumSet.range(H1_CLEAR, H1_CONSOLE);

  /** HTTP/2 where tenants come. */
  static final Set<Door> H2 = EnumSet.of(H2_CLEAR, H2_TLS, H2_UPGRADE);

  /** HTTP/2 everywhere. */
  static final Set<Door> H2_ALL = EnumSet.range(H2_CLEAR, H2_CONSOLE);

  private final String title;
  private final Place place;

  Door(String title, Place place) {
    this.title = title;
    this.place = place;
  }

  private enum Place {
    TENANTS,
    ADMIN,
    CONSOLE
  }

  /** The port to go to, for an attack on that listener. */
  Listener listener(Listener wanted) {
    return switch (place) {
      case TENANTS -> wanted;
      case ADMIN -> Listener.ADMIN;
      case CONSOLE -> Listener.CONSOLE;
    };
  }

  boolean isHttp2() {
    return ordinal() >= H2_CLEAR.ordinal();
  }

  boolean isUpgrade() {
    return this == H2_UPGRADE;
  }

  Security security() {
    return switch (this) {
      case H1_TLS -> Security.HTTP_1;
      case H2_TLS -> Security.HTTP_2;
      default -> Security.CLEAR;
    };
  }

  /** What is sent first. With Upgrade {@link #afterUpgrade} follows the answer. */
  byte[] opening(int... settings) {
    if (isUpgrade()) {
      return RawHttp2.upgradeRequest(settings);
    }
    return isHttp2() ? Frames.opening(settings) : new byte[0];
  }

  byte[] afterUpgrade(int... settings) {
    return Frames.opening(settings);
  }

  /** The first stream that is free. */
  int firstStream() {
    return isUpgrade() ? 3 : 1;
  }

  @Override
  public String toString() {
    return title;
  }
}
