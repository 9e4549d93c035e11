package io.scopegate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.Part;
import io.scopegate.e2e.Until;
import io.scopegate.e2e.wire.Wires;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;

/**
 * A gateway with honest clients, on which attacks are tried one after another. One that has died is
 * replaced, so that every attack finds one alive.
 */
final class Stage implements AutoCloseable {
  private static final long MIB = 1024 * 1024;

  /** How much more heap may be in use when an attack is over. */
  private static final long KEPT_BYTES = 16 * MIB;

  private static final Duration SOON = Duration.ofSeconds(15);

  /** The gateway's own timeouts are three and four seconds; the machine may be busy. */
  private static final Duration BY_TIMEOUT = Duration.ofSeconds(30);

  /**
   * A request through the gateway waits for a core four times as often as one that goes past it: on
   * a busy machine, where the attackers' own work counts too, it may take so many times as long.
   */
  private static final int TURNS = 4;

  /** Threads that do less in an attack tell nothing. */
  private static final long BUSY_NANOS = 50_000_000;

  /**
   * On two cores the attackers, the stand-ins and the gateway leave each other half of the time.
   */
  private static final double USUAL_SLOWDOWN = 2;

  private static final Duration UNDER_WAY = Duration.ofSeconds(10);
  private static final Duration WARM_UP = Duration.ofSeconds(4);

  private final Surroundings around = new Surroundings();
  private final Wires wires = Wires.fromElsewhere(around.ca());
  private Target target;
  private Guests guests;
  private final Map<String, String> changes;
  private final Duration honest;
  private boolean harmed;

  /**
   * A gateway and honest clients.
   *
   * @param changes what is unusual in its configuration, see {@link Target#start(Surroundings,
   *     Map)}
   */
  Stage(Map<String, String> changes) {
    this.changes = changes;
    target = Target.start(around, changes);
    guests = Guests.of(target);
    Until.passed(WARM_UP);
    honest = HonestWork.p99(target, guests, 500, Volume.HONEST);
  }

  Target target() {
    return target;
  }

  Guests guests() {
    return guests;
  }

  /** Sees to it that there is a gateway that nothing has harmed, and clients that are served. */
  private void refresh() {
    if (harmed) {
      guests.close();
      target.close();
      target = Target.start(around, changes);
      guests = Guests.of(target);
      Until.passed(WARM_UP);
      harmed = false;
    }
  }

  /** Tries an attack, and fails if anybody but the attacker notices. */
  void survives(Attack attack, Set<Door> doors) {
    refresh();
    harmed = true; // until it has been shown that it is not
    tryOut(attack, doors);
    harmed = false;
  }

  private void tryOut(Attack attack, Set<Door> doors) {
    long before = target.heap().afterCollection();
    Watch watch = guests.watch();
    Map<Path, Part.CpuTime> begun = target.process().cpuTimes();
    double perSecond;
    double slower;
    boolean underWay;
    try (Assault assault = Assault.begin(wires, target, attack, doors, Volume.TIMES)) {
      assault.awaitUnderWay(UNDER_WAY);
      Until.passed(Volume.ATTACK);
      Backlog.of(target).awaitQuiet(Volume.DIGESTED);
      isAlive(attack);
      long held = heldBytes(attack) - before;
      if (attack.mustHoldNothing()) {
        heapIsFree(before, "with the connections still open");
      }
      if (attack.mustEndByTimeout()) {
        Until.holds("the gateway has closed them all", BY_TIMEOUT, () -> assault.open() == 0);
      }
      underWay = assault.isUnderWay();
      slower = slowdown(begun, target.process().cpuTimes());
      perSecond = assault.messages() / (double) Volume.ATTACK.toMillis() * 1_000;
      System.out.printf(
          "%s: %s, %d MiB of heap held; guests: %s; past the gateway: %s; slowed down %.1f times%n",
          attack.title(), assault, held / MIB, watch.reads(), watch.direct(), slower);
    }
    isAlive(attack);
    heapIsFree(before, "when it was over");
    assertThat(watch.failures()).as("failures of honest clients").isEmpty();
    Until.holds("nothing is lost", SOON, () -> guests.lost().isEmpty());
    assertThat(target.takeDefects()).as("defects in the log").isEmpty();
    isFast(watch, perSecond, slower);
    assertThat(underWay).as("whether it came in by each door").isTrue();
  }

  /** A collection at the worst moment: whoever holds too much does not survive it. */
  private long heldBytes(Attack attack) {
    try {
      return target.heap().afterCollection();
    } catch (RuntimeException e) {
      Until.holds("the heap can be asked for, or all is over", SOON, this::isDead);
      isAlive(attack);
      throw e;
    }
  }

  private boolean isDead() {
    return !target.process().isAlive();
  }

  private void isAlive(Attack attack) {
    if (isDead()) {
      throw new AssertionError(
          "%s: the gateway has died, exit code %d: %s"
              .formatted(attack.title(), target.process().awaitEnd(SOON), target.takeDefects()));
    }
  }

  private void heapIsFree(long before, String when) {
    long[] after = new long[1];
    try {
      Until.holds(
          "the heap is free",
          SOON,
          () -> {
            after[0] = target.heap().afterCollection();
            return after[0] - before < KEPT_BYTES;
          });
    } catch (AssertionError e) {
      throw new AssertionError(
          "%d MiB of heap were in use before, %d MiB %s"
              .formatted(before / MIB, after[0] / MIB, when),
          e);
    }
  }

  /** How many times as long as on a machine of its own its busiest threads took for their work. */
  private static double slowdown(Map<Path, Part.CpuTime> begun, Map<Path, Part.CpuTime> ended) {
    Part.CpuTime nothing = new Part.CpuTime(0, 0);
    return ended.entrySet().stream()
        .mapToDouble(thread -> {
          Part.CpuTime before = begun.getOrDefault(thread.getKey(), nothing);
          long run = thread.getValue().run() - before.run();
          long waited = thread.getValue().waited() - before.waited();
          return run < BUSY_NANOS ? 1 : (double) (run + waited) / run;
        })
        .max()
        .orElse(1);
  }

  private void isFast(Watch watch, double perSecond, double slower) {
    Duration beside =
        Volume.FULL ? HonestWork.p99(target, guests, perSecond, Volume.HONEST) : honest;
    Duration most = longest(beside.multipliedBy(2), Volume.FLOOR);
    assertThat(watch.reads().count()).as("searches of readers").isPositive();
    assertThat(watch.direct().count()).as("searches past the gateway").isPositive();
    assertThat(watch.reads().p99())
        .as(
            "p99 of readers, %s beside as much honest work, past the gateway %s, slowed down %.1f times",
            beside, watch.direct(), slower)
        .isLessThan(slowed(longest(most, watch.direct().p99().multipliedBy(TURNS)), slower));
  }

  private static Duration slowed(Duration time, double slower) {
    return Duration.ofNanos((long) (time.toNanos() * Math.max(1, slower / USUAL_SLOWDOWN)));
  }

  private static Duration longest(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  @Override
  public void close() {
    guests.close();
    target.close();
    wires.close();
    around.close();
  }
}
