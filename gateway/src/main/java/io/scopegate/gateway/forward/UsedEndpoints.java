package io.scopegate.gateway.forward;

import java.util.List;

/**
 * Which endpoints of an upstream get requests, by how they are now.
 *
 * @param all those that do; those that are near, if any is
 * @param crowded whether too few are well, so that some of these are not
 * @param weighted whether their weights differ
 */
record UsedEndpoints(List<UpstreamEndpoint> all, boolean crowded, boolean weighted) {
  /** None is known. */
  static final UsedEndpoints NONE = new UsedEndpoints(List.of(), false, false);

  /**
   * Chooses: those that are well of the first priority of which enough are well, or else all that
   * take connections, or else all.
   *
   * @param minUsable how many of a priority are enough, in percent
   */
  static UsedEndpoints of(List<UpstreamEndpoint> known, int minUsable) {
    List<UpstreamEndpoint> good = enough(known, minUsable);
    boolean crowded = good.isEmpty();
    if (crowded) {
      List<UpstreamEndpoint> any =
          known.stream().filter(UpstreamEndpoint::takesConnections).toList();
      good = any.isEmpty() ? known : any;
    }
    List<UpstreamEndpoint> near = good.stream().filter(UpstreamEndpoint::isNear).toList();
    List<UpstreamEndpoint> all = near.isEmpty() ? good : near;
    boolean weighted = all.stream().mapToInt(UpstreamEndpoint::weight).distinct().count() > 1;
    return new UsedEndpoints(all, crowded, weighted);
  }

  private static List<UpstreamEndpoint> enough(List<UpstreamEndpoint> known, int minUsable) {
    int[] priorities =
        known.stream().mapToInt(UpstreamEndpoint::priority).distinct().sorted().toArray();
    for (int priority : priorities) {
      List<UpstreamEndpoint> tier =
          known.stream().filter(one -> one.priority() == priority).toList();
      List<UpstreamEndpoint> good = tier.stream().filter(UpstreamEndpoint::isUsable).toList();
      if (!good.isEmpty() && good.size() * 100 >= minUsable * tier.size()) {
        return good;
      }
    }
    return List.of();
  }
}
