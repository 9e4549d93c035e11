package io.scopegate.gateway.admin;

import io.scopegate.gateway.http.FieldLimit;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of a port for operators. When there are as many as may be, a new one
 * replaces another: first one that has sent no whole request yet, then one that waits for its next
 * request, at last one that is being served, the oldest of its kind each time. So a flood does not
 * keep the kubelet out.
 *
 * <p>Vert.x tells of a connection when its first head is complete, or its HTTP/2 preface. Before
 * that it counts among the {@link YoungConnections}, and is closed when no head is complete after
 * the read timeout of the port's options. For any thread.
 */
final class BoundedConnections {
  private static final int TOO_LARGE = 431;

  /** How long a connection may wait for its next request, whatever single bytes come. */
  private static final long IDLE_PATIENCES = 6;

  private final Vertx vertx;
  private final PortBounds bounds;
  private final @Nullable YoungConnections young;
  private final Map<HttpConnection, Member> members = new LinkedHashMap<>();
  private @Nullable Long timer;

  BoundedConnections(Vertx vertx, PortBounds bounds) {
    this.vertx = vertx;
    this.bounds = bounds;
    this.young = AdminVertx.young(vertx);
  }

  /** A request that is answered, or comes. */
  private record Open(HttpServerRequest request, long sinceNanos) {
    boolean isOver() {
      return request.response().ended() || request.response().closed();
    }
  }

  /** A connection; guarded by the lock of all. */
  private static final class Member {
    final HttpConnection connection;
    final List<Open> requests = new ArrayList<>();
    boolean askedOnce;
    long sinceNanos = System.nanoTime();

    Member(HttpConnection connection) {
      this.connection = connection;
    }

    void look(long nowNanos) {
      askedOnce = askedOnce || requests.stream().anyMatch(open -> open.request().isEnded());
      if (requests.removeIf(open -> open.isOver() && open.request().isEnded())) {
        sinceNanos = nowNanos;
      }
    }

    /** Who goes first has the smallest. */
    int worth() {
      if (!askedOnce) {
        return 0;
      }
      return requests.isEmpty() ? 1 : 2;
    }

    boolean isOverdue(long nowNanos, long patienceNanos) {
      if (requests.isEmpty()) {
        long wait = askedOnce ? IDLE_PATIENCES * patienceNanos : patienceNanos;
        return nowNanos - sinceNanos > wait;
      }
      return requests.stream()
          .anyMatch(
              open -> !open.request().isEnded() && nowNanos - open.sinceNanos() > patienceNanos);
    }
  }

  /** Has the server tell of its connections; call it before the server listens. */
  HttpServer watch(HttpServer server) {
    return server.connectionHandler(this::opened);
  }

  /** Looks at all connections now and then, until {@link #stop}. */
  synchronized void start() {
    if (timer == null) {
      timer = vertx.setPeriodic(Math.max(1, bounds.patience().toMillis() / 4), id -> sweep());
    }
  }

  synchronized void stop() {
    Long running = timer;
    if (running != null) {
      vertx.cancelTimer(running);
      timer = null;
    }
  }

  private void opened(HttpConnection connection) {
    HttpConnection leaving = null;
    if (young != null) {
      young.grown(connection);
    }
    connection.closeHandler(closed -> forget(connection));
    synchronized (this) {
      if (members.size() >= bounds.connections()) {
        leaving = makeRoom();
      }
      members.put(connection, new Member(connection));
    }
    if (leaving != null) {
      leaving.close();
    }
  }

  private @Nullable HttpConnection makeRoom() {
    long now = System.nanoTime();
    members.values().forEach(member -> member.look(now));
    Member least =
        members.values().stream()
            .min(
                Comparator.comparingInt(Member::worth)
                    .thenComparingLong(member -> member.sinceNanos - now))
            .orElse(null);
    if (least == null) {
      return null;
    }
    members.remove(least.connection);
    return least.connection;
  }

  private synchronized void forget(HttpConnection connection) {
    members.remove(connection);
  }

  /**
   * A request has begun.
   *
   * @return whether it may be answered; when not, that is done or its connection is closed
   */
  boolean admits(HttpServerRequest request) {
    if (request.response().writeQueueFull()) {
      request.connection().close(); // it asks on and on, and reads no answers
      return false;
    }
    note(request);
    if (request.headers().entries().size() > FieldLimit.MOST_FIELDS) {
      request.response().setStatusCode(TOO_LARGE).end();
      return false;
    }
    return true;
  }

  private synchronized void note(HttpServerRequest request) {
    Member member = members.get(request.connection());
    if (member != null) {
      long now = System.nanoTime();
      member.look(now);
      member.sinceNanos = now;
      member.requests.add(new Open(request, now));
    }
  }

  private void sweep() {
    List<HttpConnection> overdue = new ArrayList<>();
    List<HttpConnection> served = new ArrayList<>();
    long now = System.nanoTime();
    synchronized (this) {
      for (Member member : members.values()) {
        member.look(now);
        if (member.isOverdue(now, bounds.patience().toNanos())) {
          overdue.add(member.connection);
        } else if (!member.requests.isEmpty()) {
          served.add(member.connection);
        }
      }
    }
    overdue.forEach(HttpConnection::close);
    served.forEach(BoundedConnections::greet);
  }

  /** A client that watches says nothing by itself, but answers this. */
  private static void greet(HttpConnection connection) {
    if (connection.protocolVersion() == HttpVersion.HTTP_2) {
      connection.ping(Buffer.buffer(new byte[Long.BYTES]));
    }
  }
}
