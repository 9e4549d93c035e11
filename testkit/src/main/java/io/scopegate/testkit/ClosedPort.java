package io.scopegate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A port of 127.0.0.1 that refuses connections, and that the system gives to nobody who asks for
 * any free port: another test, in this process or the next, cannot start to listen there. Who names
 * the port can listen on it all the same, as servers do that set {@code SO_REUSEADDR}.
 */
public final class ClosedPort implements AutoCloseable {
  private final Socket holder = new Socket();
  private final int number;

  private ClosedPort(int port, boolean mayBeTaken) {
    try {
      holder.setReuseAddress(true);
      number = bound(port, mayBeTaken);
    } catch (IOException e) {
      throw new UncheckedIOException("port: " + port, e);
    }
  }

  private int bound(int port, boolean mayBeTaken) throws IOException {
    try {
      holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return holder.getLocalPort();
    } catch (BindException e) {
      if (!mayBeTaken) {
        throw e;
      }
      return port;
    }
  }

  /** Any free port. */
  public static ClosedPort any() {
    return new ClosedPort(0, false);
  }

  /**
   * A port on which nobody listens any more. A connection to somewhere else may go out from it
   * since then: that one holds it as well, and it refuses connections all the same.
   */
  public static ClosedPort at(int port) {
    return new ClosedPort(port, true);
  }

  /** Its number. */
  public int number() {
    return number;
  }

  /** Gives the port back. */
  @Override
  public void close() {
    try {
      holder.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
