package io.scopegate.gateway;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A server socket whose connections a test takes and answers itself. */
final class RawUpstream implements Closeable {
  private static final int PATIENCE_MILLIS = 30_000;

  private final ServerSocket listening;
  private final List<Socket> accepted = Collections.synchronizedList(new ArrayList<>());

  private RawUpstream(ServerSocket listening) {
    this.listening = listening;
  }

  static RawUpstream open() throws IOException {
    return open(0);
  }

  /** With receive buffers of about this size. */
  static RawUpstream open(int receiveBuffer) throws IOException {
    ServerSocket socket = new ServerSocket();
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    socket.setSoTimeout(PATIENCE_MILLIS);
    return new RawUpstream(socket);
  }

  int port() {
    return listening.getLocalPort();
  }

  /** The next connection. */
  Wire accept() throws IOException {
    Socket socket = listening.accept();
    accepted.add(socket);
    return new Wire(socket);
  }

  /** The next connection, which speaks HTTP/2 with these settings. */
  H2Wire acceptH2(int... settings) throws IOException {
    return H2Wire.server(accept(), settings);
  }

  /** What happens on a connection. */
  interface Service {
    void serve(Wire wire) throws IOException;
  }

  /** Takes this many connections on threads of their own; an exception ends a connection. */
  void serve(int connections, Service service) {
    for (int i = 0; i < connections; i++) {
      Thread thread =
          new Thread(
              () -> {
                try (Wire wire = accept()) {
                  service.serve(wire);
                } catch (IOException gone) {
                  // the test is over, or the gateway has closed
                }
              },
              "upstream");
      thread.setDaemon(true);
      thread.start();
    }
  }

  /** Drops all connections, those that nobody has accepted too; new ones are still taken. */
  void reset() throws IOException {
    try {
      for (listening.setSoTimeout(1); ; ) {
        listening.accept().close();
      }
    } catch (SocketTimeoutException none) {
      listening.setSoTimeout(PATIENCE_MILLIS);
    }
    for (Socket socket : List.copyOf(accepted)) {
      socket.close();
      accepted.remove(socket);
    }
  }

  @Override
  public void close() throws IOException {
    reset();
    listening.close();
  }
}
