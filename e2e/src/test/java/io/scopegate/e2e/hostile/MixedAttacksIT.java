package io.scopegate.e2e.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import io.scopegate.e2e.Until;
import io.scopegate.e2e.wire.Wires;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * All attacks in random turns, beside honest clients, reloads and new certificates: nothing is
 * lost, and memory stays where it is. 30 minutes in a full run, twelve seconds else, which are too
 * short to tell of memory.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MixedAttacksIT {
  private static final Duration TIME =
      Volume.FULL ? Duration.ofMinutes(30) : Duration.ofSeconds(12);
  private static final Duration WARM_UP = Duration.ofMinutes(10);
  private static final Duration TURN = Duration.ofSeconds(2);
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final double MOST_KIB_IN_TEN_MINUTES = 1_024;

  /** Every third turn another configuration, every second another certificate. */
  private static final int RELOAD = 3;

  private static final int ROTATE = 2;

  private final Random random = new Random(7);
  private final List<double[]> memory = new ArrayList<>();
  @AutoClose private Surroundings around;
  @AutoClose private Target target;
  @AutoClose private Wires wires;

  @BeforeAll
  void start() {
    around = new Surroundings();
    target = Target.start(around);
    wires = new Wires(around.ca());
  }

  @Test
  void nothingIsLostAndMemoryStaysFlat() {
    try (Guests guests = Guests.of(target)) {
      Watch watch = guests.watch();
      long began = System.nanoTime();
      for (int turn = 0; System.nanoTime() - began < TIME.toNanos(); turn++) {
        attack();
        change(turn);
        assertThat(target.process().isAlive()).as("alive after turn %d", turn).isTrue();
        memory.add(new double[] {minutes(began), resident()});
        System.out.printf("minute %.1f: %d KiB resident%n", minutes(began), resident());
        target.takeDefects().forEach(watch::failed);
      }
      assertThat(watch.failures()).isEmpty();
      Until.holds("nothing is lost", SOON, () -> guests.lost().isEmpty());
      System.out.printf("readers: %s%n", watch.reads());
    }
    if (Volume.FULL) {
      assertThat(slope() * 10).as("KiB in 10 minutes").isLessThan(MOST_KIB_IN_TEN_MINUTES);
    }
  }

  private void attack() {
    List<Case> cases = Case.all().toList();
    Attack attack = cases.get(random.nextInt(cases.size())).attack();
    List<Door> doors = List.copyOf(attack.doors());
    Set<Door> door = Set.of(doors.get(random.nextInt(doors.size())));
    try (Assault assault = Assault.begin(wires, target, attack, door, 1)) {
      Until.passed(TURN);
      System.out.printf("%s, by %s: %s%n", attack.title(), door, assault);
    }
  }

  private void change(int turn) {
    if (turn % RELOAD == 0) {
      target.configure("limits: {tenants: {turn-%d: {queriesPerSecond: 10}}}\n".formatted(turn));
    }
    if (turn % ROTATE == 0) {
      target.rotateCertificate();
    }
  }

  private long resident() {
    return target.process().residentKib();
  }

  private static double minutes(long sinceNanos) {
    return (System.nanoTime() - sinceNanos) / 6e10;
  }

  /** Of resident memory after the warm-up, in KiB a minute, by least squares. */
  private double slope() {
    List<double[]> warm = memory.stream().filter(point -> point[0] > WARM_UP.toMinutes()).toList();
    double meanTime = warm.stream().mapToDouble(point -> point[0]).average().orElseThrow();
    double meanSize = warm.stream().mapToDouble(point -> point[1]).average().orElseThrow();
    double above =
        warm.stream().mapToDouble(point -> (point[0] - meanTime) * (point[1] - meanSize)).sum();
    double below = warm.stream().mapToDouble(point -> Math.pow(point[0] - meanTime, 2)).sum();
    return above / below;
  }
}
