package io.scopegate.gateway.traffic;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What one tenant does; all but {@code inProgress} a second.
 *
 * @param name the tenant; {@code other} and {@code federated} as in the metrics
 * @param requests finished requests
 * @param refused those of them that were refused
 * @param limited refusals because of a limit
 * @param bytesIn body bytes of its requests
 * @param bytesOut body bytes of the answers
 * @param inProgress requests in progress
 * @param limits its limits that are rates
 */
public record TenantTraffic(
    String name,
    double requests,
    double refused,
    double limited,
    double bytesIn,
    double bytesOut,
    long inProgress,
    List<UsedLimit> limits) {
  /** Copies the list. */
  public TenantTraffic {
    limits = List.copyOf(limits);
  }

  /** The limit of which most is used. */
  public Optional<UsedLimit> nearestLimit() {
    return limits.stream().max(Comparator.comparingDouble(UsedLimit::ratio));
  }
}
