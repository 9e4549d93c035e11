package io.scopegate.testkit.kubernetes;

import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How often which kind of request came, and the latest 1,000 of them. Safe for any thread. */
public final class RequestCounts {
  private static final int KEPT = 1_000;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Map<RequestKind, Integer> counts = new EnumMap<>(RequestKind.class);
  private final Deque<String> latest = new ArrayDeque<>();

  RequestCounts() {}

  /** How many requests of a kind came, faulty answers included. */
  public synchronized int of(RequestKind kind) {
    return counts.getOrDefault(kind, 0);
  }

  /** Method and URI of the latest requests, oldest first. */
  public synchronized List<String> latest() {
    return List.copyOf(latest);
  }

  /** Counts from zero again. */
  public synchronized void clear() {
    counts.clear();
    latest.clear();
  }

  /**
   * Waits until so many requests of a kind have come.
   *
   * @throws IllegalStateException when they have not within 20 seconds
   */
  public synchronized void await(RequestKind kind, int count) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (of(kind) < count) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new IllegalStateException(kind + ": " + of(kind) + " (expected: >= " + count + ")");
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
  }

  synchronized void add(RequestKind kind, HttpServerRequest request) {
    counts.merge(kind, 1, Integer::sum);
    if (latest.size() == KEPT) {
      latest.removeFirst();
    }
    latest.add(request.method() + " " + request.uri());
    notifyAll();
  }
}
