package io.scopegate.testkit.tempo;

import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Predicate;

/** What a {@link TempoStandIn} received: the latest 10,000 requests, and counts of all. */
public final class Recorder {
  private static final int KEPT = 10_000;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Deque<Received> requests = new ArrayDeque<>();
  private final List<Received> forbidden = new ArrayList<>();
  private final Map<Surface, Long> counts = new EnumMap<>(Surface.class);

  Recorder() {}

  /** The latest requests, oldest first. */
  public synchronized List<Received> all() {
    return List.copyOf(requests);
  }

  /** The latest request. */
  public synchronized Received last() {
    if (requests.isEmpty()) {
      throw new NoSuchElementException("nothing received");
    }
    return requests.getLast();
  }

  /** How many requests came on a surface. */
  public synchronized long count(Surface surface) {
    return counts.getOrDefault(surface, 0L);
  }

  /** How many requests came in all. */
  public synchronized long count() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** The requests for what no tenant may ever reach; empty behind a gateway that works. */
  public synchronized List<Received> forbidden() {
    return List.copyOf(forbidden);
  }

  /** Forgets everything. */
  public synchronized void clear() {
    requests.clear();
    forbidden.clear();
    counts.clear();
  }

  /**
   * Waits until a request fits, counting those that came before.
   *
   * @return the first that fits
   * @throws IllegalStateException when none does within 20 seconds
   */
  public synchronized Received await(Predicate<Received> wanted) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      for (Received request : requests) {
        if (wanted.test(request)) {
          return request;
        }
      }
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new IllegalStateException("nothing received that fits, among " + requests);
      }
      pause(left);
    }
  }

  synchronized Received add(Surface surface, HttpServerRequest request) {
    Received received = new Received(surface, request, this::changed);
    if (requests.size() == KEPT) {
      requests.removeFirst();
    }
    requests.add(received);
    counts.merge(surface, 1L, Long::sum);
    notifyAll();
    return received;
  }

  synchronized void forbidden(Received received) {
    forbidden.add(received);
  }

  private synchronized void changed() {
    notifyAll();
  }

  private void pause(long millis) {
    try {
      wait(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
