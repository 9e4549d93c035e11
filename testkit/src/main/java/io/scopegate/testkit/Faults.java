package io.scopegate.testkit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;

/**
 * Which requests of a stand-in go wrong, and how. Safe for use from any thread; acts on requests
 * that arrive after the call.
 *
 * @param <K> the kinds of request that the stand-in tells apart
 */
public final class Faults<K extends Enum<K>> {
  private final Class<K> kinds;
  private final Map<K, Fault> lasting;
  private final Map<K, Deque<Fault>> queued;
  private Gate stopped = Gate.closed();

  /**
   * No faults yet.
   *
   * @param kinds the kinds of request
   */
  public Faults(Class<K> kinds) {
    this.kinds = kinds;
    this.lasting = new EnumMap<>(kinds);
    this.queued = new EnumMap<>(kinds);
  }

  /** Every request of this kind, until told otherwise. */
  public synchronized Faults<K> always(K kind, Fault fault) {
    lasting.put(kind, fault);
    return this;
  }

  /** Every request of every kind, until told otherwise. */
  public synchronized Faults<K> everywhere(Fault fault) {
    for (K kind : kinds.getEnumConstants()) {
      lasting.put(kind, fault);
    }
    return this;
  }

  /** The next request of this kind, once; several calls queue up. */
  public Faults<K> once(K kind, Fault fault) {
    return times(kind, 1, fault);
  }

  /** The next requests of this kind. */
  public synchronized Faults<K> times(K kind, int count, Fault fault) {
    Deque<Fault> queue = queued.computeIfAbsent(kind, k -> new ArrayDeque<>());
    for (int i = 0; i < count; i++) {
      queue.add(fault);
    }
    return this;
  }

  /** No faults any more; requests that are not being read are read and served. */
  public void clear() {
    Gate before;
    synchronized (this) {
      lasting.clear();
      queued.clear();
      before = stopped;
      stopped = Gate.closed();
    }
    before.open();
  }

  /** Opens when the faults are cleared. */
  public synchronized Gate untilCleared() {
    return stopped;
  }

  /** What the next request of this kind suffers; for the stand-ins. */
  public synchronized Fault next(K kind) {
    Deque<Fault> queue = queued.get(kind);
    Fault fault = queue == null ? null : queue.poll();
    return fault != null ? fault : lasting.getOrDefault(kind, Fault.none());
  }
}
