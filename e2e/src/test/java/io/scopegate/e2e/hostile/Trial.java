package io.scopegate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.Part;
import io.scopegate.e2e.Until;
import io.scopegate.e2e.wire.Wires;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One attack on a gateway with honest clients, which fails if anybody but the attacker notices. */
final class Trial {
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

  private final Target target;
  private final Guests guests;
  private final Case tried;
  private final Attack attack;
  private final Duration honest;
  private final Result result;
  private @Nullable Watch watch;
  private double perSecond;
  private double slower;
  private boolean underWay;

  /**
   * One that has not begun.
   *
   * @param honest the p99 of readers beside honest work, where it is not measured once more
   */
  Trial(Target target, Guests guests, Case tried, Duration honest) {
    this.target = target;
    this.guests = guests;
    this.tried = tried;
    this.attack = tried.attack();
    this.honest = honest;
    this.result = new Result(tried);
  }

  /** Tries it. A large run writes what it came to into the table, also when it fails. */
  void run(Wires wires) {
    long began = System.nanoTime();
    try {
      tryOut(wires);
      result.ended("holds");
    } catch (RuntimeException | Error e) {
      result.ended(String.valueOf(e.getMessage()));
      throw e;
    } finally {
      result.took(Duration.ofNanos(System.nanoTime() - began));
      result.alive(!isDead());
      if (watch != null) {
        result.guests(watch, guests.lost().size());
      }
      if (Volume.LARGE) {
        result.write();
      }
    }
  }

  private void tryOut(Wires wires) {
    long before = target.heap().afterCollection();
    result.heap("before", before);
    Watch seen = guests.watch();
    watch = seen;
    attack(wires, before, seen);
    isAlive();
    heapIsFree(before, "when it was over");
    assertThat(seen.failures()).as("failures of honest clients").isEmpty();
    Until.holds("nothing is lost", SOON, () -> guests.lost().isEmpty());
    assertThat(target.takeDefects()).as("defects in the log").isEmpty();
    isFast(seen);
    assertThat(underWay).as("whether it came in by each door").isTrue();
  }

  private void attack(Wires wires, long before, Watch seen) {
    Map<Path, Part.CpuTime> begun = target.process().cpuTimes();
    try (Assault assault = Assault.begin(wires, target, attack, tried.doors(), Volume.TIMES)) {
      assault.awaitUnderWay(UNDER_WAY);
      Until.passed(Volume.ATTACK);
      Backlog.of(target).awaitQuiet(Volume.DIGESTED);
      result.sent(assault);
      isAlive();
      long held = heldBytes();
      result.heap("held", held);
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
          attack.title(), assault, (held - before) / MIB, seen.reads(), seen.direct(), slower);
    }
  }

  /** A collection at the worst moment: a gateway that holds too much does not survive it. */
  private long heldBytes() {
    try {
      return target.heap().afterCollection();
    } catch (RuntimeException e) {
      Until.holds("the heap can be asked for, or all is over", SOON, this::isDead);
      isAlive();
      throw e;
    }
  }

  private boolean isDead() {
    return !target.process().isAlive();
  }

  private void isAlive() {
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
            result.heap("after", after[0]);
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

  private void isFast(Watch seen) {
    assertThat(seen.reads().count()).as("searches of readers").isPositive();
    assertThat(seen.direct().count()).as("searches past the gateway").isPositive();
    Duration beside =
        Volume.LARGE ? HonestWork.p99(target, guests, perSecond, Volume.HONEST) : honest;
    result.p99(beside, seen, slower);
    Duration most = longest(beside.multipliedBy(2), Volume.FLOOR);
    assertThat(seen.reads().p99())
        .as(
            "p99 of readers, %s beside as much honest work, past the gateway %s, slowed down %.1f times",
            beside, seen.direct(), slower)
        .isLessThan(slowed(longest(most, seen.direct().p99().multipliedBy(TURNS))));
  }

  private Duration slowed(Duration time) {
    return Duration.ofNanos((long) (time.toNanos() * Math.max(1, slower / USUAL_SLOWDOWN)));
  }

  private static Duration longest(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
