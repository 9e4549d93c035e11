package io.scopegate.e2e.hostile;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An attack and the ways it takes at the same time.
 *
 * @param attack what is done
 * @param doors by which ways
 */
record Case(Attack attack, Set<Door> doors) {

  /** All attacks, as far as they were asked for. */
  static Stream<Case> all() {
    return Stream.of(Http1Attacks.all(), Http2Attacks.all(), TenantAttacks.all())
        .flatMap(attacks -> attacks.stream())
        .flatMap(Case::of)
        .filter(tried -> Volume.isWanted(tried.toString()));
  }

  private static Stream<Case> of(Attack attack) {
    return Volume.oneDoorAtATime()
        ? attack.doors().stream().map(door -> new Case(attack, EnumSet.of(door)))
        : Stream.of(new Case(attack, attack.doors()));
  }

  @Override
  public String toString() {
    return attack.title()
        + doors.stream().map(Door::toString).collect(Collectors.joining(", ", ", by ", ""));
  }
}
