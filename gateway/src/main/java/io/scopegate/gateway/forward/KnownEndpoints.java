package io.scopegate.gateway.forward;

import io.scopegate.gateway.telemetry.UpstreamEndpointMeters;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The endpoints that a set has, by what was found; made here, on one event loop. */
final class KnownEndpoints {
  /** An endpoint leaves when it was missed so often in a row: some name servers tell in turns. */
  private static final int MISSED = 2;

  private final EndpointSet set;
  private final EndpointSet.Parts parts;
  private final Map<String, UpstreamEndpoint> endpoints = new LinkedHashMap<>();

  KnownEndpoints(EndpointSet set, EndpointSet.Parts parts) {
    this.set = set;
    this.parts = parts;
  }

  boolean isEmpty() {
    return endpoints.isEmpty();
  }

  Collection<UpstreamEndpoint> all() {
    return endpoints.values();
  }

  /** Where they are. */
  List<EndpointAddress> addresses() {
    return endpoints.values().stream()
        .map(UpstreamEndpoint::address)
        .filter(Objects::nonNull)
        .toList();
  }

  /** One that stands for those to be found. */
  UpstreamEndpoint placeholder() {
    return make(null, false);
  }

  /**
   * These are there now. Those that were there before stay what they are.
   *
   * @return those that are not there any more
   */
  List<UpstreamEndpoint> replaceWith(List<EndpointAddress> now) {
    boolean isFirst = endpoints.isEmpty();
    Map<String, EndpointAddress> next = new LinkedHashMap<>();
    now.forEach(address -> next.put(address.text(), address));
    List<UpstreamEndpoint> leaving = missing(next);
    next.forEach((text, address) -> {
      UpstreamEndpoint known = endpoints.get(text);
      if (known == null) {
        endpoints.put(text, make(address, !isFirst));
      } else {
        known.found(address);
      }
    });
    return leaving;
  }

  private List<UpstreamEndpoint> missing(Map<String, EndpointAddress> next) {
    List<UpstreamEndpoint> leaving = new ArrayList<>();
    int most = parts.source().tellsOfChanges() ? 1 : MISSED;
    endpoints
        .entrySet()
        .removeIf(known -> {
          boolean leaves = !next.containsKey(known.getKey()) && known.getValue().missed() >= most;
          if (leaves) {
            leaving.add(known.getValue());
          }
          return leaves;
        });
    return leaving;
  }

  private UpstreamEndpoint make(@Nullable EndpointAddress address, boolean isNew) {
    EndpointHealth health = new EndpointHealth(parts.config().health(), isNew, set.nowNanos());
    UpstreamEndpointMeters counted =
        address == null ? null : parts.meters().endpoint(address.text());
    UpstreamEndpoint made =
        new UpstreamEndpoint(set, address, parts.connectors(), parts.sizes(), health, counted);
    EndpointChecks checks = parts.checks();
    if (checks != null && address != null) {
      made.checkedUntil(
          checks.follow(address, parts.worker(), parts.connectors()::to, made::checked));
    }
    return made;
  }
}
