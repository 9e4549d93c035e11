package io.scopegate.gateway;

import io.scopegate.testkit.ClosedPort;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** An upstream, of HTTP/1.1 or of gRPC over HTTP/2, that is well, or ill in one of many ways. */
final class MoodyServer implements AutoCloseable {
  private static final long SLOW_NANOS = 2_000_000_000L;
  private static final int QUEUE = 10;
  private static final int CONNECT_MILLIS = 200;
  private static final long STEP_NANOS = 5_000_000L;

  private final boolean http2;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger served = new AtomicInteger();
  private final ClosedPort port = ClosedPort.any(); // nobody else gets it while this one is gone
  private volatile ServerSocket listening;
  private volatile Mood mood = Mood.WELL;

  /** How a server is. */
  enum Mood {
    WELL,
    /** It takes connections and reads nothing: a process that was stopped. */
    STOPPED,
    /** It reads requests and answers none. */
    HANGING,
    SLOW,
    RESETTING,
    /** It closes its side instead of an answer. */
    HALF_CLOSING,
    UNAVAILABLE,
    GARBAGE,
    /** Nobody listens there. */
    GONE,
    /** Nobody answers the attempt to connect: its queue is full. */
    BLACK_HOLE
  }

  private MoodyServer(boolean http2) throws IOException {
    this.http2 = http2;
    listening = listen();
  }

  static MoodyServer http1() throws IOException {
    return new MoodyServer(false);
  }

  static MoodyServer grpc() throws IOException {
    return new MoodyServer(true);
  }

  int port() {
    return port.number();
  }

  /** How many requests it has answered well. */
  int served() {
    return served.get();
  }

  int connections() {
    return open.size();
  }

  void become(Mood next) throws IOException {
    Mood before = mood;
    mood = next;
    if (next == Mood.GONE || next == Mood.BLACK_HOLE) {
      listening.close();
      closeAll();
      if (next == Mood.BLACK_HOLE) {
        fillQueue();
      }
    } else if (before == Mood.GONE || before == Mood.BLACK_HOLE) {
      listening.close();
      closeAll();
      listening = listen();
    } else if (next == Mood.WELL) {
      closeAll(); // those that were ill
    }
  }

  private ServerSocket listen() throws IOException {
    ServerSocket socket = new ServerSocket();
    socket.setReuseAddress(true);
    socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), 200);
    start(() -> acceptFrom(socket));
    return socket;
  }

  /** Listens without accepting, and connects until nobody else can. */
  private void fillQueue() throws IOException {
    ServerSocket full = bindWhenFree();
    listening = full;
    try {
      for (int i = 0; i < QUEUE; i++) {
        Socket filler = new Socket();
        open.add(filler);
        filler.connect(full.getLocalSocketAddress(), CONNECT_MILLIS);
      }
    } catch (SocketTimeoutException isFull) {
      return;
    }
    throw new IOException("queue: " + QUEUE + " (expected: full by then)");
  }

  /** The thread that accepts still holds the port for a moment. */
  private ServerSocket bindWhenFree() throws IOException {
    long end = System.nanoTime() + SLOW_NANOS;
    for (; ; ) {
      ServerSocket full = new ServerSocket();
      full.setReuseAddress(true);
      try {
        full.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port()), 1);
        return full;
      } catch (BindException inUse) {
        full.close();
        if (System.nanoTime() - end > 0) {
          throw inUse;
        }
        LockSupport.parkNanos(STEP_NANOS);
      }
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "moody");
    thread.setDaemon(true);
    thread.start();
  }

  private void acceptFrom(ServerSocket socket) {
    try {
      for (; ; ) {
        Socket next = socket.accept();
        open.add(next);
        start(() -> serve(next));
      }
    } catch (IOException closed) {
      // nobody listens there any more
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      while (mood == Mood.STOPPED) {
        LockSupport.parkNanos(STEP_NANOS);
      }
      if (http2) {
        serveCalls(socket);
      } else {
        serveRequests(socket);
      }
    } catch (IOException | RuntimeException gone) {
      // the gateway, or the test, has closed it
    } finally {
      open.remove(socket);
    }
  }

  private void serveRequests(Socket socket) throws IOException {
    Wire wire = new Wire(socket);
    for (Wire.Head head; !(head = wire.readHead()).text().isEmpty(); ) {
      wire.readBody(head);
      if (!behave(socket, wire)) {
        return;
      }
      if (mood == Mood.UNAVAILABLE) {
        wire.write("HTTP/1.1 503 Ill\r\nContent-Length: 3\r\n\r\nill");
      } else {
        served.incrementAndGet();
        wire.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
      }
    }
  }

  private void serveCalls(Socket socket) throws IOException {
    Wire wire = new Wire(socket);
    H2Wire h2 = H2Wire.server(wire);
    for (; ; ) {
      int call = h2.opened().stream();
      if (!behave(socket, wire)) {
        return;
      }
      boolean ill = mood == Mood.UNAVAILABLE;
      if (!ill) {
        served.incrementAndGet();
      }
      h2.headers(
          call,
          H2Wire.fields(
              ":status",
              "200",
              "content-type",
              "application/grpc",
              "grpc-status",
              ill ? "14" : "0"),
          true);
    }
  }

  /** Whether the request is answered at all. */
  private boolean behave(Socket socket, Wire wire) throws IOException {
    switch (mood) {
      case WELL, UNAVAILABLE -> {
        return true;
      }
      case SLOW -> {
        LockSupport.parkNanos(SLOW_NANOS);
        return true;
      }
      case STOPPED, HANGING -> {
        while (mood == Mood.STOPPED || mood == Mood.HANGING) {
          LockSupport.parkNanos(STEP_NANOS);
        }
        return false;
      }
      case RESETTING -> wire.abort();
      case HALF_CLOSING -> {
        socket.shutdownOutput();
        socket.getInputStream().readAllBytes();
      }
      case GARBAGE -> wire.write("\u0000\u0001 what? \r\n\r\n\r\n");
      case GONE, BLACK_HOLE -> {}
    }
    return false;
  }

  private void closeAll() throws IOException {
    for (Socket socket : open) {
      socket.close();
    }
  }

  @Override
  public void close() throws IOException {
    become(Mood.GONE);
    port.close();
  }
}
