package io.scopegate.gateway;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A Unix socket that leads to a port. */
final class UnixBridge implements AutoCloseable {
  private final ServerSocketChannel listening;
  private final int port;
  private final AtomicInteger connections = new AtomicInteger();

  private UnixBridge(ServerSocketChannel listening, int port) {
    this.listening = listening;
    this.port = port;
  }

  static UnixBridge open(Path path, int port) throws IOException {
    ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listening.bind(UnixDomainSocketAddress.of(path));
    UnixBridge bridge = new UnixBridge(listening, port);
    start(bridge::accept);
    return bridge;
  }

  /** How many there were. */
  int connections() {
    return connections.get();
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "bridge");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      for (; ; ) {
        SocketChannel here = listening.accept();
        SocketChannel there =
            SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        connections.incrementAndGet();
        start(() -> copy(here, there));
        start(() -> copy(there, here));
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private static void copy(SocketChannel from, SocketChannel to) {
    try (from;
        to) {
      ByteBuffer bytes = ByteBuffer.allocate(16 << 10);
      while (from.read(bytes) >= 0) {
        bytes.flip();
        while (bytes.hasRemaining()) {
          to.write(bytes);
        }
        bytes.clear();
      }
    } catch (IOException gone) {
      // the other copy closed both
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
  }
}
