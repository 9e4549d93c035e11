package io.scopegate.e2e.hostile;

import io.scopegate.e2e.Until;
import io.scopegate.e2e.wire.Wires;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** An attack under way. It comes again where it is thrown out, until it is closed. */
final class Assault implements AutoCloseable {
  /** How soon who was thrown out comes again. */
  static final Duration AGAIN = Duration.ofMillis(200);

  private final Wires wires;
  private final Target target;
  private final Attack attack;
  private final Set<Attacker> open = ConcurrentHashMap.newKeySet();
  private final Set<Door> doors;
  private final Set<Door> reached = ConcurrentHashMap.newKeySet();
  private final AtomicLong messages = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicInteger thrownOut = new AtomicInteger();
  private volatile boolean ended;

  private Assault(Wires wires, Target target, Attack attack, Set<Door> doors) {
    this.wires = wires;
    this.target = target;
    this.attack = attack;
    this.doors = doors;
  }

  /** Begins it by these ways at the same time, with so many times its volume by each. */
  static Assault begin(Wires wires, Target target, Attack attack, Set<Door> doors, int times) {
    Assault assault = new Assault(wires, target, attack, doors);
    List<Attacker> all = new ArrayList<>();
    for (Door door : doors) {
      for (int i = 0; i < attack.connections() * times; i++) {
        all.add(new Attacker(assault, door, i));
      }
    }
    all.forEach(Attacker::connect);
    return assault;
  }

  Wires wires() {
    return wires;
  }

  Target target() {
    return target;
  }

  Attack attack() {
    return attack;
  }

  /** How many connections are open. */
  int open() {
    return open.size();
  }

  /** How many messages were handed to the sockets. */
  long messages() {
    return messages.get();
  }

  /** How many bytes that were. */
  long bytes() {
    return bytes.get();
  }

  /** How often a connection was closed by the gateway. */
  int thrownOut() {
    return thrownOut.get();
  }

  boolean isEnded() {
    return ended;
  }

  void opened(Attacker attacker) {
    open.add(attacker);
    if (ended) {
      attacker.close();
    }
  }

  void closed(Attacker attacker) {
    if (!open.remove(attacker) || ended) {
      return;
    }
    thrownOut.incrementAndGet();
    if (!attack.mustEndByTimeout()) {
      attacker.connectAfter(AGAIN.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** Whether it has come as far as sending something by each of its ways. */
  boolean isUnderWay() {
    return reached.containsAll(doors);
  }

  /** Waits until it is, or for that time: a gateway that has enough lets nobody in any more. */
  void awaitUnderWay(Duration atMost) {
    long end = System.nanoTime() + atMost.toNanos();
    while (!isUnderWay() && System.nanoTime() - end < 0) {
      Until.passed(Duration.ofMillis(50));
    }
  }

  void sent(Door door, int count, int size) {
    reached.add(door);
    messages.addAndGet(count);
    bytes.addAndGet(size);
  }

  /** Closes all connections. */
  @Override
  public void close() {
    ended = true;
    open.forEach(Attacker::close);
  }

  @Override
  public String toString() {
    return "%d messages, %.1f MB, %d connections open, %d thrown out"
        .formatted(messages.get(), bytes.get() / 1e6, open.size(), thrownOut.get());
  }
}
