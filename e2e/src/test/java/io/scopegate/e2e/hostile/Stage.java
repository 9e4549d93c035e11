package io.scopegate.e2e.hostile;

import io.scopegate.e2e.Until;
import io.scopegate.e2e.wire.Wires;
import java.time.Duration;
import java.util.Map;

/**
 * A gateway with honest clients, on which attacks are tried one after another. One that has died is
 * replaced, so that every attack finds one alive.
 */
final class Stage implements AutoCloseable {
  private static final Duration WARM_UP = Duration.ofSeconds(4);
  private static final double USUAL_PER_SECOND = 500;

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
    honest = HonestWork.p99(target, guests, USUAL_PER_SECOND, Volume.HONEST);
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
  void survives(Case tried) {
    refresh();
    harmed = true; // until it has been shown that it is not
    new Trial(target, guests, tried, honest).run(wires);
    harmed = false;
  }

  @Override
  public void close() {
    guests.close();
    target.close();
    wires.close();
    around.close();
  }
}
