package io.scopegate.e2e.hostile;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An attack and the ways it takes at the same time.
 *
 * @param number from 0 on, the same in each run of the same kind
 * @param attack what is done
 * @param doors by which ways
 */
record Case(int number, Attack attack, Set<Door> doors) {

  /** All attacks, as far as they were asked for. */
  static Stream<Case> all() {
    List<Case> all = new ArrayList<>();
    Stream.of(Http1Attacks.all(), Http2Attacks.all(), TenantAttacks.all())
        .flatMap(List::stream)
        .forEach(attack ->
            groups(attack).forEach(doors -> all.add(new Case(all.size(), attack, doors))));
    return all.stream().filter(tried -> Volume.isWanted(tried.toString()));
  }

  /** Those of {@link #all} that belong to the part of them that this run tries. */
  static Stream<Case> ofThisRun() {
    return all().filter(tried -> Volume.isInSlice(tried.number));
  }

  /** The ways that are tried at the same time. */
  private static List<Set<Door>> groups(Attack attack) {
    int together =
        Volume.oneDoorAtATime()
            ? 1
            : Math.max(1, Volume.MOST_CONNECTIONS / (attack.connections() * Volume.TIMES));
    List<Door> doors = List.copyOf(attack.doors());
    List<Set<Door>> groups = new ArrayList<>();
    for (int from = 0; from < doors.size(); from += together) {
      groups.add(EnumSet.copyOf(doors.subList(from, Math.min(doors.size(), from + together))));
    }
    return groups;
  }

  /** The ways, as people read them. */
  String ways() {
    return doors.stream().map(Door::toString).collect(Collectors.joining(", "));
  }

  @Override
  public String toString() {
    return attack.title() + ", by " + ways();
  }
}
