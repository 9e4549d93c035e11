package io.scopegate.authz.kubernetes;

import io.scopegate.authz.ReviewObserver;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection in use and what is known about the cluster, both replaced when they have to be:
 *
 * <ul>
 *   <li>a rotated token is used from the next review on;
 *   <li>a changed address, authority or client key makes a new connection;
 *   <li>three timeouts in a row do so too: a connection whose other end is gone without a word
 *       would otherwise swallow reviews for minutes.
 * </ul>
 */
final class ApiLink {
  private static final Logger LOG = LoggerFactory.getLogger(ApiLink.class);
  private static final int TIMEOUTS_IN_A_ROW = 3;

  private final Vertx vertx;
  private final ClusterAccess access;
  private final long timeoutMillis;
  private final ReviewObserver observer;
  private final RateLimitedLog<Trouble> troubles;
  private final AtomicBoolean replacing = new AtomicBoolean();
  private final AtomicBoolean rereading = new AtomicBoolean();
  private volatile State state;
  private volatile boolean closed;

  private record State(Cluster cluster, ApiConnection connection) {}

  private enum Trouble {
    UNREADABLE,
    UNUSABLE
  }

  ApiLink(
      Vertx vertx,
      ClusterAccess access,
      long timeoutMillis,
      InstantSource clock,
      ReviewObserver observer)
      throws ClusterAccessException {
    this.vertx = vertx;
    this.access = access;
    this.timeoutMillis = timeoutMillis;
    this.observer = observer;
    this.troubles = new RateLimitedLog<>(LOG::warn, clock);
    Cluster cluster = access.read();
    this.state = new State(cluster, new ApiConnection(cluster, timeoutMillis));
    observer.ownCredential(cluster.expiryMillis());
  }

  /** Sends over the connection in use. */
  ApiConnection.Exchange post(String path, byte[] json, long timeoutMillis) {
    State now = state;
    return now.connection.post(path, json, now.cluster.token(), timeoutMillis);
  }

  /** Reads one document over the connection in use. */
  ApiConnection.Exchange get(String path, long timeoutMillis) {
    State now = state;
    return now.connection.get(path, now.cluster.token(), timeoutMillis);
  }

  /** Reads a part of a list over the connection in use. */
  ApiConnection.Exchange list(String path, String accept) {
    State now = state;
    return now.connection.list(path, accept, now.cluster.token());
  }

  /** Begins a watch over the connection in use. */
  ApiConnection.Subscription watch(String path, String accept, ApiConnection.Listener listener) {
    State now = state;
    return now.connection.watch(path, accept, now.cluster.token(), listener);
  }

  /** Where the API server is, and who this process is there. */
  Cluster cluster() {
    return state.cluster;
  }

  /** The API server does not accept the credentials: new ones are looked for. */
  void refused() {
    access.refused();
    reread();
  }

  /** The connection in use. */
  ApiConnection connection() {
    return state.connection;
  }

  /**
   * A review that was sent over this connection had no answer in time. What still ends on one that
   * was replaced says nothing about the new one.
   */
  void timedOut(ApiConnection connection) {
    if (connection.timedOut() >= TIMEOUTS_IN_A_ROW
        && connection == state.connection
        && replacing.compareAndSet(false, true)) {
      connection.alive();
      LOG.warn(
          "{} reviews in a row had no answer: opening a new connection to {}",
          TIMEOUTS_IN_A_ROW,
          state.cluster.server());
      vertx
          .executeBlocking(() -> replace(state.cluster), false)
          .onComplete(ignored -> replacing.set(false));
    }
  }

  /** Reads the files behind the connection again and applies changes. */
  void reread() {
    if (!closed && rereading.compareAndSet(false, true)) {
      vertx.executeBlocking(this::rereadNow, false).onComplete(ignored -> rereading.set(false));
    }
  }

  /** As {@link #reread()}, on this thread. */
  boolean rereadNow() {
    Cluster cluster;
    try {
      cluster = access.read();
    } catch (ClusterAccessException e) {
      troubles.warn(Trouble.UNREADABLE, e.getMessage() + "; keeping the previous one");
      return false;
    }
    if (!cluster.sameConnection(state.cluster)) {
      return replace(cluster);
    }
    synchronized (this) {
      state = new State(cluster, state.connection);
    }
    observer.ownCredential(cluster.expiryMillis());
    return true;
  }

  private synchronized boolean replace(Cluster cluster) {
    if (closed) {
      return false;
    }
    ApiConnection old = state.connection;
    try {
      state = new State(cluster, new ApiConnection(cluster, timeoutMillis));
    } catch (ClusterAccessException e) {
      troubles.warn(Trouble.UNUSABLE, e.getMessage() + "; keeping the previous one");
      return false;
    }
    observer.reconnected();
    observer.ownCredential(cluster.expiryMillis());
    // What is on its way over the old one gets until its own deadline.
    vertx.setTimer(timeoutMillis + 1, ignored -> old.close());
    return true;
  }

  Future<Void> close() {
    return vertx
        .executeBlocking(
            () -> {
              synchronized (this) {
                closed = true;
                state.connection.close();
              }
              return true;
            },
            false)
        .mapEmpty();
  }
}
