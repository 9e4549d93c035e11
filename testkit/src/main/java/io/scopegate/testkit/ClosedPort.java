package io.scopegate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
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

  private ClosedPort(int port) {
    try {
      holder.setReuseAddress(true);
      holder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    } catch (IOException e) {
      throw new UncheckedIOException("port: " + port, e);
    }
  }

  /** Any free port. */
  public static ClosedPort any() {
    return new ClosedPort(0);
  }

  /** A port on which nobody listens any more. */
  public static ClosedPort at(int port) {
    return new ClosedPort(port);
  }

  /** Its number. */
  public int number() {
    return holder.getLocalPort();
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
