package io.scopegate.gateway.forward;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps calls that one tenant cancels from ending the streams of others. An upstream may go on with
 * a call for a while after it was reset, and some (Go's HTTP/2 server, so Tempo's query port) end
 * the whole connection over too many of these. So a stream that was reset counts as occupied for a
 * while, and a tenant with many of them gets connections of its own. It only decides; for one event
 * loop.
 *
 * @param <C> a connection
 */
final class ResetPacing<C> {
  /** For how long a stream that was reset counts: nobody tells when the upstream is done. */
  static final long OCCUPIED_NANOS = 10_000_000_000L;

  /** With as many of them a tenant shares a connection with nobody. */
  static final int SHARED = 64;

  /** No connection gets new streams while as many count, whatever the upstream would take. */
  static final int MOST = 1_000;

  private final int mostReserved;
  private final ArrayDeque<Reset> resets = new ArrayDeque<>();
  private final Map<C, Integer> occupied = new IdentityHashMap<>();
  private final Map<Object, Integer> byOwner = new HashMap<>();

  /** Who has to have a connection of its own. */
  private final Set<Object> alone = new LinkedHashSet<>();

  /** Connections that belong to one of those. */
  private final Map<C, Object> reserved = new IdentityHashMap<>();

  private record Reset(Object connection, Object owner, long untilNanos) {}

  /**
   * Nobody has reset anything yet.
   *
   * @param mostReserved how many connections may be for one tenant each; further tenants with many
   *     resets share these
   */
  ResetPacing(int mostReserved) {
    this.mostReserved = mostReserved;
  }

  /** A stream of this owner was reset before its answer was complete. */
  void reset(C connection, Object owner, long nowNanos) {
    resets.add(new Reset(connection, owner, nowNanos + OCCUPIED_NANOS));
    occupied.merge(connection, 1, Integer::sum);
    if (byOwner.merge(owner, 1, Integer::sum) >= SHARED) {
      alone.add(owner);
    }
  }

  /**
   * Forgets what was reset long ago.
   *
   * @return connections that are nobody's own any more
   */
  List<C> expire(long nowNanos) {
    List<C> free = List.of();
    for (Reset r; (r = resets.peek()) != null && nowNanos - r.untilNanos >= 0; resets.poll()) {
      occupied.computeIfPresent(cast(r.connection), (c, n) -> n == 1 ? null : n - 1);
      byOwner.computeIfPresent(r.owner, (o, n) -> n == 1 ? null : n - 1);
      if (!byOwner.containsKey(r.owner) && alone.remove(r.owner)) {
        free = released(r.owner, free);
      }
    }
    return free;
  }

  @SuppressWarnings("unchecked") // only what reset() was given gets in
  private C cast(Object connection) {
    return (C) connection;
  }

  private List<C> released(Object owner, List<C> before) {
    List<C> all = new ArrayList<>(before);
    reserved.entrySet().removeIf(e -> e.getValue() == owner && all.add(e.getKey()));
    return all;
  }

  /** How many streams of this connection were reset and still count. */
  int occupied(C connection) {
    return occupied.isEmpty() ? 0 : occupied.getOrDefault(connection, 0);
  }

  /** Whether a connection is for one tenant. */
  boolean isReserved(C connection) {
    return reserved.containsKey(connection);
  }

  /** How many connections are for one tenant each. */
  int reserved() {
    return reserved.size();
  }

  /** Whether streams of this owner may be on this connection. */
  boolean mayUse(C connection, Object owner) {
    if (alone.isEmpty() && reserved.isEmpty()) {
      return true;
    }
    Object its = reserved.get(connection);
    if (!alone.contains(owner)) {
      return its == null;
    }
    return its == owner || its != null && !has(owner) && reserved.size() >= mostReserved;
  }

  private boolean has(Object owner) {
    return reserved.containsValue(owner);
  }

  /** Whether this owner's streams are kept from those of others. */
  boolean isAlone(Object owner) {
    return alone.contains(owner);
  }

  /** Whom the next connection is for; null when it is for everybody. */
  @Nullable Object nextAlone() {
    if (reserved.size() >= mostReserved) {
      return null;
    }
    for (Object owner : alone) {
      if (!has(owner)) {
        return owner;
      }
    }
    return null;
  }

  /** This connection is for this owner, who must be {@link #nextAlone}. */
  void reserve(C connection, Object owner) {
    reserved.put(connection, owner);
  }

  /** The connection is gone, and what was reset on it has ended with it. */
  void gone(C connection) {
    occupied.remove(connection);
    reserved.remove(connection);
  }
}
