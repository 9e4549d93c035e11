package io.scopegate.e2e;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/** A port that passes what comes on to another one, as long as it is well. */
final class FaultyLink implements AutoCloseable {
  private static final int BACKLOG = 200;
  private static final Duration FREE = Duration.ofSeconds(5);
  private static final int FILL_MILLIS = 200;
  private static final long SLOW_MILLIS = 2_000;
  private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
  private static final byte[] GARBAGE =
      "\u0000\u0001 what? \r\n\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final int port = FreePorts.next();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService later =
      Executors.newSingleThreadScheduledExecutor(FaultyLink::daemon);
  private final AtomicLong accepted = new AtomicLong();
  private volatile Mode mode = Mode.WELL;
  private final AtomicLong turns = new AtomicLong();
  private final List<Socket> queue = new ArrayList<>();
  private volatile int[] targets;
  private ServerSocket listening;

  /** What becomes of what comes. */
  enum Mode {
    /** It is passed on. */
    WELL,
    /** It is swallowed: connections stand, and nobody answers. */
    BLACK_HOLE,
    /** Nothing is heard of it: what is sent is swallowed, new connections do not come about. */
    UNREACHABLE,
    /** Answers are passed on two seconds later. */
    SLOW,
    /** Connections are reset when something comes. */
    RESETTING,
    /** Connections are closed towards the gateway, which may still write. */
    HALF_CLOSED,
    /** The gateway gets bytes of no protocol. */
    GARBAGE,
    /** Nobody listens there. */
    GONE
  }

  /** To a port of this machine. */
  FaultyLink(int target) {
    this.targets = new int[] {target};
    this.listening = listen();
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "link");
    thread.setDaemon(true);
    return thread;
  }

  int port() {
    return port;
  }

  /** How many connections were made to it. */
  long accepted() {
    return accepted.get();
  }

  /** New connections lead there from now on, to one after the other. */
  void lead(int... to) {
    targets = to;
  }

  /** Changes what becomes of what comes; connections that were ill are closed when it is well. */
  synchronized void become(Mode next) {
    Mode before = mode;
    mode = next;
    if (next == Mode.GONE) {
      quietly(listening);
      closeAll();
    } else if (next == Mode.UNREACHABLE) {
      quietly(listening);
      listening = bind(1);
      fill();
    } else if (before == Mode.GONE || before == Mode.UNREACHABLE) {
      quietly(listening);
      queue.forEach(FaultyLink::quietly);
      queue.clear();
      closeAll();
      listening = listen();
    } else if (next == Mode.WELL) {
      closeAll();
    }
  }

  private ServerSocket listen() {
    ServerSocket socket = bind(BACKLOG);
    daemon(() -> acceptFrom(socket)).start();
    return socket;
  }

  /** A port is free only when the thread that accepts there has ended, which nobody tells. */
  private ServerSocket bind(int backlog) {
    AtomicReference<ServerSocket> bound = new AtomicReference<>();
    Until.holds(
        "the port is free",
        FREE,
        () -> {
          ServerSocket socket = new ServerSocket();
          socket.setReuseAddress(true);
          socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), backlog);
          bound.set(socket);
          return true;
        });
    return bound.get();
  }

  /** Connects until the kernel answers to no further attempt, since nobody accepts. */
  private void fill() {
    try {
      while (queue.size() < BACKLOG) {
        Socket one = new Socket();
        queue.add(one);
        one.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), FILL_MILLIS);
      }
    } catch (IOException full) {
      return;
    }
    throw new IllegalStateException("the queue of a listening socket is never full");
  }

  private void acceptFrom(ServerSocket socket) {
    try {
      for (; ; ) {
        Socket near = socket.accept();
        accepted.incrementAndGet();
        open.add(near);
        daemon(() -> pass(near)).start();
      }
    } catch (IOException closed) {
      // nobody listens there any more
    }
  }

  private int target() {
    int[] all = targets;
    return all[(int) (turns.getAndIncrement() % all.length)];
  }

  private void pass(Socket near) {
    try (near;
        Socket far = new Socket(InetAddress.getLoopbackAddress(), target())) {
      open.add(far);
      near.setTcpNoDelay(true);
      far.setTcpNoDelay(true);
      daemon(() -> pump(far, near, true)).start();
      pump(near, far, false);
    } catch (IOException gone) {
      // nobody is there, and the gateway learns that by the end of its connection
    } finally {
      open.remove(near);
    }
  }

  /** Passes on what one side sends, until either side has closed. */
  private void pump(Socket from, Socket to, boolean answers) {
    byte[] bytes = new byte[16 << 10];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int n; (n = in.read(bytes)) >= 0; ) {
        if (!pass(bytes, n, from, to, out, answers)) {
          return;
        }
      }
      if (answers || mode != Mode.HALF_CLOSED) {
        to.shutdownOutput();
      }
    } catch (IOException closed) {
      quietly(from);
      quietly(to);
    } finally {
      open.remove(from);
    }
  }

  private boolean pass(
      byte[] bytes, int n, Socket from, Socket to, OutputStream out, boolean answers)
      throws IOException {
    switch (mode) {
      case WELL -> out.write(bytes, 0, n);
      case SLOW -> {
        if (answers) {
          byte[] copy = Arrays.copyOf(bytes, n);
          later.schedule(() -> write(copy, out), SLOW_MILLIS, TimeUnit.MILLISECONDS);
        } else {
          out.write(bytes, 0, n);
        }
      }
      case BLACK_HOLE, UNREACHABLE -> {
        while (mode == Mode.BLACK_HOLE || mode == Mode.UNREACHABLE) {
          LockSupport.parkNanos(STEP_NANOS);
        }
        return false;
      }
      case RESETTING, GONE -> {
        Socket gateways = answers ? to : from;
        gateways.setSoLinger(true, 0);
        quietly(gateways);
        quietly(answers ? from : to);
        return false;
      }
      case HALF_CLOSED -> {
        Socket gateways = answers ? to : from;
        gateways.shutdownOutput();
        return !answers;
      }
      case GARBAGE -> {
        Socket gateways = answers ? to : from;
        gateways.getOutputStream().write(GARBAGE);
        quietly(gateways);
        return false;
      }
    }
    return true;
  }

  private static void write(byte[] bytes, OutputStream out) {
    try {
      out.write(bytes);
    } catch (IOException gone) {
      // the gateway has closed meanwhile
    }
  }

  private void closeAll() {
    open.forEach(FaultyLink::quietly);
    open.clear();
  }

  private static void quietly(Closeable one) {
    try {
      one.close();
    } catch (IOException e) {
      // a peer that is gone: its descriptor is free all the same
    }
  }

  @Override
  public void close() {
    become(Mode.GONE);
    later.shutdownNow();
  }
}
